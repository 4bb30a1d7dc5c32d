/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which CPUs there are. Possible are all numbers below nr_cpu_ids. Online are those that
 * the process may run on and wq_cpu_down() has not taken. get_online_cpus() keeps the
 * online ones from changing.
 */
#ifndef WQ_LINUX_CPUMASK_H
#define WQ_LINUX_CPUMASK_H

#include <workqueue.h>

#define nr_cpu_ids wq_nr_cpu_ids()
#define num_possible_cpus() wq_nr_cpu_ids()
#define cpu_possible(cpu) ((int)(cpu) >= 0 && (int)(cpu) < wq_nr_cpu_ids())
#define cpu_online(cpu) wq_cpu_online((int)(cpu))

/* The next online CPU above @cpu, or nr_cpu_ids. */
static inline int wq_next_online_cpu(int cpu)
{
	int nr = wq_nr_cpu_ids();

	do
		cpu++;
	while (cpu < nr && !wq_cpu_online(cpu));
	return cpu;
}

#define for_each_possible_cpu(cpu) for ((cpu) = 0; (int)(cpu) < wq_nr_cpu_ids(); (cpu)++)
#define for_each_online_cpu(cpu)                                               \
	for ((cpu) = wq_next_online_cpu(-1); (int)(cpu) < wq_nr_cpu_ids();     \
	     (cpu) = wq_next_online_cpu((int)(cpu)))

static inline int num_online_cpus(void)
{
	int cpu, n = 0;

	for_each_online_cpu (cpu)
		n++;
	return n;
}

#endif /* WQ_LINUX_CPUMASK_H */
