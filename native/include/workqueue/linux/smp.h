/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPU this is: a hint, as a thread may be moved at any moment. */
#ifndef WQ_LINUX_SMP_H
#define WQ_LINUX_SMP_H

#include <linux/cpumask.h>

#include <sched.h>

#ifndef __cplusplus
/* Hidden by <sched.h> under -std=c11. */
extern int sched_getcpu(void);
#endif

#define raw_smp_processor_id() sched_getcpu()
#define smp_processor_id() sched_getcpu()

#endif /* WQ_LINUX_SMP_H */
