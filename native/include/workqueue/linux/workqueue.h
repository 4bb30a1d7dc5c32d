/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * <linux/workqueue.h> as kernel code includes it: the whole of workqueue.h, and the
 * headers that kernel code expects this one to include.
 */
#ifndef WQ_LINUX_WORKQUEUE_H
#define WQ_LINUX_WORKQUEUE_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/timer.h>
#include <linux/types.h>

#include <workqueue.h>

#endif /* WQ_LINUX_WORKQUEUE_H */
