/* SPDX-License-Identifier: GPL-2.0-only */
/* How much memory the process has resident, and a bound on its growth. */
#ifndef WQ_TEST_MEMORY_H
#define WQ_TEST_MEMORY_H

#include "../test.h"

static inline long rss_now_kb(void)
{
	long pages = -1;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fscanf(f, "%*d %ld", &pages) != 1)
		pages = -1;
	if (f)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/** check_growth() - less than a megabyte, unless a checker's own memory is counted */
static inline void check_growth(long before_kb, long after_kb)
{
	printf("  RSS %ld kB, was %ld kB\n", after_kb, before_kb);
	if (!test_slow())
		check(after_kb - before_kb < 1024);
}

#endif /* WQ_TEST_MEMORY_H */
