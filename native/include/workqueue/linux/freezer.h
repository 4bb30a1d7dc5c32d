/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel threads that freeze: try_to_freeze() is a function of the library. Here a thread
 * is never frozen from outside, so there is nothing to allow or to forbid.
 */
#ifndef WQ_LINUX_FREEZER_H
#define WQ_LINUX_FREEZER_H

#include <workqueue.h>

static inline void set_freezable(void)
{
}

#endif /* WQ_LINUX_FREEZER_H */
