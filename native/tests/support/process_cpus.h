/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes CPUs from the whole process as "taskset -a" does: every thread of it is bound
 * anew, those of the library too. Include after race.h.
 */
#ifndef WQ_TEST_PROCESS_CPUS_H
#define WQ_TEST_PROCESS_CPUS_H

#include <dirent.h>

/** confine_process() - bind every thread of the process to @cpus */
static inline void confine_process(const cpu_set_t *cpus)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;

	while (tasks && (entry = readdir(tasks)))
		if (entry->d_name[0] != '.')
			sched_setaffinity(atoi(entry->d_name), sizeof(*cpus), cpus);
	if (tasks)
		closedir(tasks);
}

/** confine_process_to() - bind every thread of the process to one CPU, or with -1 to all it began with */
static inline void confine_process_to(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	if (cpu >= 0)
		CPU_SET(cpu, &one);
	confine_process(cpu >= 0 ? &one : &race_cpus_);
}

#endif /* WQ_TEST_PROCESS_CPUS_H */
