/* SPDX-License-Identifier: GPL-2.0-only */
/* The library's checks of WQ_DEBUG=1, on from the first call: set before main(). */
#ifndef WQ_TEST_DEBUG_H
#define WQ_TEST_DEBUG_H

#include <stdlib.h>

__attribute__((constructor)) static void debug_on(void)
{
	setenv("WQ_DEBUG", "1", 1);
}

#endif /* WQ_TEST_DEBUG_H */
