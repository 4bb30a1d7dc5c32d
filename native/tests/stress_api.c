/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every accepted queueing is run once or cancelled once, whatever else is called at
 * the same time. Eight threads make random calls for two seconds, or WQ_SECONDS; then
 * they say each minute how far they are, and memory must not grow after the first.
 */
#include "test.h"
#include "support/books.h"
#include "support/memory.h"

enum { NR_THREADS = 8 };

static struct books books;
static int stop;
static long nr_calls;

static void *caller(void *number)
{
	uint64_t random = test_state.seed + 1000 * (uintptr_t)number;

	while (!flag_get(&stop)) {
		uint64_t choice = test_random(&random);

		books_call(&books, (unsigned int)(choice >> 32), (unsigned int)choice);
		__atomic_fetch_add(&nr_calls, 1, __ATOMIC_RELAXED);
		jitter(&random, 100);
	}
	return NULL;
}

/*
 * Returns the memory in use after the first minute, or 0 if it is not over. While calls are made
 * there is no hang, however slow the machine.
 */
static long watch_calls(int seconds)
{
	struct timespec second = { 1, 0 };
	long start_s = test_now_s(), minute = 1, rss_kb = 0, seen = 0;

	while (test_now_s() < start_s + seconds && !test_state.failures) {
		long calls = __atomic_load_n(&nr_calls, __ATOMIC_RELAXED);

		if (calls != seen)
			within(60, "random calls");
		seen = calls;
		nanosleep(&second, NULL);
		if (test_now_s() < start_s + 60 * minute)
			continue;
		printf("  %ld min: %ld calls, RSS %ld kB\n", minute++, calls, rss_now_kb());
		rss_kb = rss_kb ? rss_kb : rss_now_kb();
	}
	return rss_kb;
}

static void every_accepted_queueing_runs_or_is_cancelled(void)
{
	const char *text = getenv("WQ_SECONDS");
	int seconds = text ? atoi(text) : 2;
	pthread_t threads[NR_THREADS];
	long calls, rss_kb;

	within(60, "random calls");
	if (!books_open(&books))
		return;
	for (uintptr_t i = 0; i < NR_THREADS; i++)
		threads[i] = start_thread(caller, (void *)i);
	rss_kb = watch_calls(seconds);
	if (rss_kb)
		check_growth(rss_kb, rss_now_kb());
	flag_set(&stop, 1);
	for (int i = 0; i < NR_THREADS; i++)
		join_thread(threads[i]);
	calls = books_close(&books);
	printf("  %ld calls, %ld accepted queueings\n", nr_calls, calls);
	check(calls > 0);
}

TEST_MAIN(TEST(every_accepted_queueing_runs_or_is_cancelled))
