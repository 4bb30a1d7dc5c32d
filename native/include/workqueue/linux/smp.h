/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPU this is: a hint, as a thread may be moved at any moment. */
#ifndef WQ_LINUX_SMP_H
#define WQ_LINUX_SMP_H

#include <linux/cpumask.h>

#include <workqueue/c_library.h>

#define raw_smp_processor_id() wq_c_getcpu()
#define smp_processor_id() wq_c_getcpu()

#endif /* WQ_LINUX_SMP_H */
