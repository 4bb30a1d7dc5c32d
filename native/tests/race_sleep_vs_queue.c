/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * No item is lost because its worker was just going to sleep. A producer waits
 * after each run for about the time in which the worker falls asleep, queues the
 * next item and nothing else; it must run, or the watchdog ends the test.
 */
#include "test.h"
#include "support/aim.h"

#include <sys/resource.h>

static struct {
	struct work_struct work;
	long sleeps; /* of the worker, as of the last run */
	int runs;
} race;

static void count_sleeps(struct work_struct *work)
{
	struct rusage usage;

	(void)work;
	getrusage(RUSAGE_THREAD, &usage);
	race.sleeps = usage.ru_nvcsw;
	__atomic_fetch_add(&race.runs, 1, __ATOMIC_SEQ_CST);
}

/* Is whether the worker slept before this run. */
static bool one_round(struct workqueue_struct *wq, struct aim *aim, int number)
{
	long before = race.sleeps;

	aim_wait(aim);
	check(queue_work(wq, &race.work));
	flag_await(&race.runs, number);
	return race.sleeps != before;
}

static void run_race(struct workqueue_struct *wq, int rounds, bool one)
{
	bool slept = false, slept_before;
	struct aim aim;

	race_begin();
	if (!check(wq))
		return;
	memset(&race, 0, sizeof(race));
	INIT_WORK(&race.work, count_sleeps);
	aim_init(&aim, 200000, 10);
	if (one)
		race_apart(wq);
	for (int i = 1; race_goes_on(i - 1, rounds); i++) {
		slept_before = slept;
		slept = one_round(wq, &aim, i);
		/* The edge between awake and asleep lies here. */
		if (slept != slept_before)
			race_window_hit();
		aim_move(&aim, !slept);
	}
	unpin();
	destroy_workqueue(wq);
	race_require_hits_apart(one);
}

static void an_unbound_worker_falling_asleep_loses_nothing(void)
{
	run_race(create_singlethread_workqueue("sleep"), 10000, true);
}

static void a_bound_worker_falling_asleep_loses_nothing(void)
{
	run_race(create_workqueue("sleep"), 5000, false);
}

/* Two producers: the second must not rely on a wake-up that the first skipped. */
static int accepted;

static void *producer(void *wq)
{
	static int count;
	struct aim aim;

	aim_init(&aim, 20000, (uint64_t)__atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST));
	for (int i = 0; race_goes_on(i, 10000); i++) {
		jitter(&aim.random, aim.max / 4);
		if (queue_work((struct workqueue_struct *)wq, &race.work))
			__atomic_fetch_add(&accepted, 1, __ATOMIC_SEQ_CST);
		else
			race_window_hit();
	}
	return NULL;
}

static void two_producers_lose_nothing(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("two");
	pthread_t one, two;

	race_begin();
	if (!check(wq))
		return;
	memset(&race, 0, sizeof(race));
	INIT_WORK(&race.work, count_sleeps);
	one = start_thread(producer, wq);
	two = start_thread(producer, wq);
	join_thread(one);
	join_thread(two);
	/* No flush, which might wake the worker by itself. */
	flag_await(&race.runs, flag_get(&accepted));
	check_eq(flag_get(&race.runs), flag_get(&accepted));
	destroy_workqueue(wq);
	race_require_hits_on_two_cpus();
}

TEST_MAIN(TEST(an_unbound_worker_falling_asleep_loses_nothing),
	  TEST(a_bound_worker_falling_asleep_loses_nothing),
	  TEST(two_producers_lose_nothing))
