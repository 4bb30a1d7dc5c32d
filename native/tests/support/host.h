/* SPDX-License-Identifier: GPL-2.0-only */
/* What reaches beyond the process, to the machine and all that runs there, is done only when asked for. */
#ifndef WQ_TEST_HOST_H
#define WQ_TEST_HOST_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/** may_change_host() - has somebody said WQ_REAL_OFFLINE=1? */
static inline bool may_change_host(void)
{
	const char *asked = getenv("WQ_REAL_OFFLINE");

	return asked && strcmp(asked, "1") == 0;
}

#endif /* WQ_TEST_HOST_H */
