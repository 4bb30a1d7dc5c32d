/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test frame: a table of claims, checks that print both values, gates in
 * place of sleeps, a watchdog that names the waiter, and capture of the
 * library's reports. Include it first; C11 and C++17.
 *
 *	static void queueing_runs_the_item_once(void) { ... check_eq(runs, 1); }
 *	TEST_MAIN(TEST(queueing_runs_the_item_once))
 *
 * Exit code: 0 pass, 1 fail, 2 inconclusive, 77 all skipped.
 */
#ifndef WQ_TEST_H
#define WQ_TEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <workqueue.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- State of the running test ------------------------------------------- */

struct test_case {
	const char *name;
	void (*run)(void);
	bool child; /* runs only when named on the command line */
};

struct test_waiter {
	const char *what; /* NULL: slot is free */
	long tid;
};

struct test_report {
	int level;
	bool consumed;
	char text[2048];
};

enum { TEST_WAITERS = 256, TEST_REPORTS = 64, TEST_SECONDS = 30, TEST_LATE_SECONDS = 8 };

static struct {
	const char *name;
	const char *phase;
	int failures, inconclusive, skipped;
	long late_s, deadline_s;
	int is_late;
	uint64_t seed;
	struct test_waiter waiters[TEST_WAITERS];
	pthread_mutex_t log_lock;
	int nr_reports;
	struct test_report reports[TEST_REPORTS];
} test_state;

/* ---- Time, seed ---------------------------------------------------------- */

static inline bool test_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

/** test_slow() - are we under valgrind or another slow machine? */
static inline bool test_slow(void)
{
	return getenv("WQ_TEST_SLOW") || test_valgrind();
}

static inline long test_now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/** test_random() - next number of a generator seeded from WQ_SEED (splitmix64) */
static inline uint64_t test_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* ---- Checks -------------------------------------------------------------- */

static inline bool test_check(bool ok, const char *text, const char *file, int line)
{
	if (!ok) {
		__atomic_fetch_add(&test_state.failures, 1, __ATOMIC_SEQ_CST);
		printf("  %s:%d: check failed: %s\n", file, line, text);
	}
	return ok;
}

static inline bool test_check_eq(long long a, long long b, const char *text_a,
				 const char *text_b, const char *file, int line)
{
	if (a != b) {
		__atomic_fetch_add(&test_state.failures, 1, __ATOMIC_SEQ_CST);
		printf("  %s:%d: %s is %lld, expected %s = %lld\n", file, line, text_a, a,
		       text_b, b);
	}
	return a == b;
}

/** check() - record a failure and go on; is the condition, for "if (!check(x)) return;" */
#define check(cond) test_check((cond) ? true : false, #cond, __FILE__, __LINE__)
/** check_eq() - the same for two integers, printing both */
#define check_eq(a, b) test_check_eq((long long)(a), (long long)(b), #a, #b, __FILE__, __LINE__)

/** skip() - this machine cannot run the test; return after it */
static inline void skip(const char *why)
{
	test_state.skipped++;
	printf("  skipped: %s\n", why);
}

/** inconclusive() - the test ran, but saw too little to prove its claim */
static inline void inconclusive(const char *why)
{
	test_state.inconclusive++;
	printf("  inconclusive: %s\n", why);
}

/* ---- Watchdog ------------------------------------------------------------ */

static inline int test_wait_begin(const char *what)
{
	const char *free_slot;

	for (int i = 0; i < TEST_WAITERS; i++) {
		free_slot = NULL;
		if (__atomic_compare_exchange_n(&test_state.waiters[i].what, &free_slot, what,
						false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			test_state.waiters[i].tid = syscall(SYS_gettid);
			return i;
		}
	}
	return -1;
}

static inline void test_wait_end(int *slot)
{
	if (*slot >= 0)
		__atomic_store_n(&test_state.waiters[*slot].what, (const char *)NULL,
				 __ATOMIC_RELEASE);
}

#define TEST_TEXT_(x) #x
#define TEST_TEXT(x) TEST_TEXT_(x)
/** WAITING() - evaluate a blocking expression; a hang in it is reported by its text */
#define WAITING(expr)                                                                      \
	(__extension__({                                                                   \
		int test_slot_ __attribute__((cleanup(test_wait_end), unused)) =           \
			test_wait_begin(                                                   \
				#expr " at " __FILE__ ":" TEST_TEXT(__LINE__));                   \
		expr;                                                                      \
	}))

/** within() - the rest of the test must end in that many seconds */
static inline void within(int seconds, const char *what)
{
	long now_s = test_now_s() + 1, factor = test_slow() ? 20 : 1;

	test_state.phase = what;
	__atomic_store_n(&test_state.is_late, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&test_state.late_s, now_s + TEST_LATE_SECONDS * factor, __ATOMIC_SEQ_CST);
	__atomic_store_n(&test_state.deadline_s, now_s + seconds * factor, __ATOMIC_SEQ_CST);
}

/** test_is_late() - has the test gone on for so long that it had better repeat nothing more? */
static inline bool test_is_late(void)
{
	return __atomic_load_n(&test_state.is_late, __ATOMIC_RELAXED);
}

static inline void *test_watchdog(void *unused)
{
	struct timespec tick = { 0, 50 * 1000 * 1000 };

	while (test_now_s() < __atomic_load_n(&test_state.deadline_s, __ATOMIC_SEQ_CST)) {
		if (test_now_s() >= __atomic_load_n(&test_state.late_s, __ATOMIC_SEQ_CST))
			__atomic_store_n(&test_state.is_late, 1, __ATOMIC_SEQ_CST);
		nanosleep(&tick, NULL);
	}
	printf("  hang in \"%s\"\n", test_state.phase);
	for (int i = 0; i < TEST_WAITERS; i++)
		if (test_state.waiters[i].what)
			printf("  thread %ld waits at: %s\n", test_state.waiters[i].tid,
			       test_state.waiters[i].what);
	printf("FAIL %s\n", test_state.name);
	fflush(stdout);
	_exit(1);
	return unused;
}

static inline void test_watchdog_start(void)
{
	pthread_t thread;

	within(TEST_SECONDS, "start");
	if (pthread_create(&thread, NULL, test_watchdog, NULL) == 0)
		pthread_detach(thread);
}

#include "gate.h"
#include "report.h"

/* ---- Main ---------------------------------------------------------------- */

enum { TEST_PASSED, TEST_FAILED, TEST_INCONCLUSIVE, TEST_SKIPPED };

static inline int test_run_one(const struct test_case *c)
{
	static const char *const word[] = { "ok", "FAIL", "INCONCLUSIVE", "skip" };
	int result;

	test_state.name = c->name;
	test_state.failures = test_state.inconclusive = test_state.skipped = 0;
	within(TEST_SECONDS, c->name);
	capture_reports();
	c->run();
	test_check_reports();
	result = test_state.failures       ? TEST_FAILED
		 : test_state.inconclusive ? TEST_INCONCLUSIVE
		 : test_state.skipped      ? TEST_SKIPPED
					   : TEST_PASSED;
	printf("%s %s\n", word[result], c->name);
	return result;
}

static inline bool test_selected(const struct test_case *c, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], c->name) == 0)
			return true;
	return argc < 2 && !c->child;
}

static inline int test_main(const struct test_case *cases, size_t n, int argc, char **argv)
{
	const char *seed = getenv("WQ_SEED");
	int count[4] = { 0, 0, 0, 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	test_state.seed = seed ? strtoull(seed, NULL, 0)
			       : (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid();
	printf("WQ_SEED=%llu\n", (unsigned long long)test_state.seed);
	pthread_mutex_init(&test_state.log_lock, NULL);
	capture_reports();
	test_watchdog_start();
	for (size_t i = 0; i < n; i++)
		if (test_selected(&cases[i], argc, argv))
			count[test_run_one(&cases[i])]++;
	printf("%d passed, %d failed\n", count[TEST_PASSED], count[TEST_FAILED]);
	within(TEST_SECONDS, "exit");
	if (count[TEST_FAILED])
		return 1;
	if (count[TEST_INCONCLUSIVE])
		return 2;
	if (count[TEST_PASSED])
		return 0;
	return count[TEST_SKIPPED] ? 77 : 1; /* no such test: a failure */
}

#define TEST(f) { #f, f, false }
#define CHILD(f) { #f, f, true }
#define TEST_MAIN(...)                                                                     \
	int main(int argc, char **argv)                                                    \
	{                                                                                  \
		static const struct test_case cases[] = { __VA_ARGS__ };                   \
		return test_main(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);     \
	}

#endif /* WQ_TEST_H */
