/* SPDX-License-Identifier: GPL-2.0-only */
/* The system's <linux/sched.h>, plus giving way to other threads. */
#ifndef WQ_LINUX_SCHED_H
#define WQ_LINUX_SCHED_H
#pragma GCC system_header

#include_next <linux/sched.h>

#include <sched.h>

#define TASK_COMM_LEN 16

#define schedule() ((void)sched_yield())
/** cond_resched() - let others run; always 0, since a thread is preempted anyway */
#define cond_resched() (0)

#endif /* WQ_LINUX_SCHED_H */
