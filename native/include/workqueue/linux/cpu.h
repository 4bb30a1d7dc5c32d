/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs that come and go, and the notifiers that are called for them.
 * register_cpu_notifier(), get_online_cpus() and their counterparts are functions of the
 * library. The data that a notifier is given is the CPU's number.
 */
#ifndef WQ_LINUX_CPU_H
#define WQ_LINUX_CPU_H

#include <linux/cpumask.h>
#include <linux/notifier.h>

#include <workqueue.h>

#define CPU_ONLINE 0x0002 /* it is online */
#define CPU_UP_PREPARE 0x0003 /* it is coming; may be refused */
#define CPU_UP_CANCELED 0x0004 /* it is not coming after all */
#define CPU_DOWN_PREPARE 0x0005 /* it is going; may be refused */
#define CPU_DOWN_FAILED 0x0006 /* it is not going after all */
#define CPU_DEAD 0x0007 /* it is offline */
#define CPU_DYING 0x0008 /* about to be offline; must not block */

/* Set while a system suspends or resumes, which never happens here. */
#define CPU_TASKS_FROZEN 0x0010
#define CPU_ONLINE_FROZEN (CPU_ONLINE | CPU_TASKS_FROZEN)
#define CPU_UP_PREPARE_FROZEN (CPU_UP_PREPARE | CPU_TASKS_FROZEN)
#define CPU_UP_CANCELED_FROZEN (CPU_UP_CANCELED | CPU_TASKS_FROZEN)
#define CPU_DOWN_PREPARE_FROZEN (CPU_DOWN_PREPARE | CPU_TASKS_FROZEN)
#define CPU_DOWN_FAILED_FROZEN (CPU_DOWN_FAILED | CPU_TASKS_FROZEN)
#define CPU_DEAD_FROZEN (CPU_DEAD | CPU_TASKS_FROZEN)
#define CPU_DYING_FROZEN (CPU_DYING | CPU_TASKS_FROZEN)

#define register_hotcpu_notifier(nb) register_cpu_notifier(nb)
#define unregister_hotcpu_notifier(nb) unregister_cpu_notifier(nb)

/** hotcpu_notifier() - register a function for good; once per function */
#define hotcpu_notifier(fn, pri)                                               \
	do {                                                                   \
		static struct notifier_block fn##_nb = { fn, NULL, pri };      \
		register_cpu_notifier(&fn##_nb);                               \
	} while (0)

static inline int cpu_up(unsigned int cpu)
{
	return wq_cpu_up((int)cpu);
}

static inline int cpu_down(unsigned int cpu)
{
	return wq_cpu_down((int)cpu);
}

#endif /* WQ_LINUX_CPU_H */
