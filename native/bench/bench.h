/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The harness of the benchmark programs: clock, CPUs, statistics, output.
 *
 * A program is called as
 *
 *	PROGRAM [--quick | --tiny] [WORKLOAD...]
 *
 * runs the workloads named (default: all it has) and prints one line of JSON per
 * result. Quick is a tenth of the work. Tiny is next to none, again and again for
 * TINY_MS: for a test of the programs, as its figures say nothing. Times are
 * CLOCK_MONOTONIC. CPUs are counted among those the process may run on: cpu 0 is the
 * first of them.
 */
#ifndef BENCH_H
#define BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { MAX_ROUNDS = 32, NS_PER_US = 1000, NS_PER_MS = 1000000, TINY_MS = 50 };

enum bench_size { FULL, QUICK, TINY };

struct bench {
	enum bench_size size;
	int64_t started_at_ns;
	char **only; /* workloads asked for, NULL-terminated; none means all */
	cpu_set_t cpus;
};

struct series {
	double rounds[MAX_ROUNDS];
	int nr;
};

static struct bench bench;

static inline void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static inline void pause_cpu(void)
{
#ifdef __x86_64__
	__builtin_ia32_pause();
#endif
}

static inline void *xcalloc(size_t nr, size_t size)
{
	void *p = calloc(nr, size);

	if (!p)
		die("out of memory");
	return p;
}

/* ---- Clock and CPUs ---------------------------------------------------------- */

static inline int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* CPU time of the whole process, user and system. */
static inline int64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static inline void sleep_us(long us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * NS_PER_US };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
		;
}

/* The real number of the process's nth CPU, or -1. */
static inline int nth_cpu(int n)
{
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &bench.cpus) && n-- == 0)
			return cpu;
	return -1;
}

static inline int nr_cpus(void)
{
	return CPU_COUNT(&bench.cpus);
}

/* Pins the calling thread to the process's nth CPU; to all of them if n < 0. */
static inline void pin_to_cpu(int n)
{
	cpu_set_t set = bench.cpus;

	if (n >= 0) {
		CPU_ZERO(&set);
		CPU_SET(nth_cpu(n), &set);
	}
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

/* ---- Numbers ----------------------------------------------------------------- */

static inline uint64_t xorshift(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static inline int by_int64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static inline int by_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of sorted samples; permille 500 is the median. */
static inline double percentile(const int64_t *sorted, size_t nr, int permille)
{
	return (double)sorted[(nr - 1) * (size_t)permille / 1000];
}

static inline void sort_samples(int64_t *samples, size_t nr)
{
	qsort(samples, nr, sizeof(*samples), by_int64);
}

static inline void series_add(struct series *s, double value)
{
	if (s->nr < MAX_ROUNDS)
		s->rounds[s->nr++] = value;
}

static inline double series_median(const struct series *s)
{
	struct series sorted = *s;

	if (!s->nr)
		return 0;
	qsort(sorted.rounds, (size_t)s->nr, sizeof(double), by_double);
	return s->nr % 2 ? sorted.rounds[s->nr / 2]
			 : (sorted.rounds[s->nr / 2 - 1] + sorted.rounds[s->nr / 2]) / 2;
}

/* ---- Output ------------------------------------------------------------------ */

static inline void report(const char *workload, const char *driver, const char *what,
			  const char *metric, const struct series *s)
{
	double min = s->nr ? s->rounds[0] : 0, max = min;

	printf("{\"workload\":\"%s\",\"driver\":\"%s\",\"case\":\"%s\",\"metric\":\"%s\","
	       "\"rounds\":[",
	       workload, driver, what, metric);
	for (int i = 0; i < s->nr; i++) {
		printf("%s%.2f", i ? "," : "", s->rounds[i]);
		min = s->rounds[i] < min ? s->rounds[i] : min;
		max = s->rounds[i] > max ? s->rounds[i] : max;
	}
	printf("],\"median\":%.2f,\"min\":%.2f,\"max\":%.2f}\n", series_median(s), min, max);
	fflush(stdout);
}

static inline void report_one(const char *workload, const char *driver, const char *what,
			      const char *metric, double value)
{
	struct series s = { { value }, 1 };

	report(workload, driver, what, metric, &s);
}

/* ---- Command line ------------------------------------------------------------ */

static inline void bench_start(int argc, char **argv)
{
	bench.only = argv + 1;
	bench.started_at_ns = now_ns();
	if (argc > 1 && !strcmp(argv[1], "--quick"))
		bench.size = QUICK;
	else if (argc > 1 && !strcmp(argv[1], "--tiny"))
		bench.size = TINY;
	if (bench.size != FULL)
		bench.only++;
	if (sched_getaffinity(0, sizeof(bench.cpus), &bench.cpus))
		die("sched_getaffinity");
}

static inline size_t by_size(size_t full, size_t quick, size_t tiny)
{
	return bench.size == FULL ? full : bench.size == QUICK ? quick : tiny;
}

/* Is what has been done to be done once more? */
static inline bool once_more(void)
{
	return bench.size == TINY && now_ns() - bench.started_at_ns < TINY_MS * NS_PER_MS;
}

/*
 * What a pool is asked for: one worker; one worker that will share the producer's
 * CPU, which a pool may like to know; a worker for each CPU.
 */
enum pool_kind { POOL_ONE, POOL_BOUND, POOL_PER_CPU };

static inline bool wanted(const char *workload)
{
	for (char **name = bench.only; *name; name++)
		if (!strcmp(*name, workload))
			return true;
	return !*bench.only;
}

#endif /* BENCH_H */
