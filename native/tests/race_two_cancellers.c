/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Of several threads that cancel one pending item exactly one is told true, and
 * all return. Two and three threads cancel at the same moment an item that waits
 * behind another, that runs, or that requeues itself.
 */
#include "test.h"
#include "support/aim.h"

#include <linux/completion.h>

enum shape { WAITING_ITEM, RUNNING_ITEM, REQUEUEING_ITEM };

static struct {
	struct workqueue_struct *wq;
	struct work_struct work, plug;
	struct meeting start, end;
	enum shape shape;
	struct completion plugged, unplug;
	int runs, long_runs;
	int nr_true, nr_inside, overlapped;
} race;

static void hold_worker(struct work_struct *work)
{
	(void)work;
	complete(&race.plugged);
	WAITING((wait_for_completion(&race.unplug), 0));
}

/* While the first canceller waits for this run, the second comes: it may need this CPU. */
static void give_way(void)
{
	struct timespec pause = { 0, 1 };

	sched_yield();
	for (int tries = 10; tries && flag_get(&race.nr_inside) == 1; tries--)
		nanosleep(&pause, NULL);
}

static void run_item(struct work_struct *work)
{
	struct timespec pause = { 0, 1 };

	__atomic_fetch_add(&race.runs, 1, __ATOMIC_SEQ_CST);
	if (race.shape == REQUEUEING_ITEM)
		queue_work(race.wq, work);
	/* On few CPUs the cancellers need the worker's. */
	if (race.long_runs)
		nanosleep(&pause, NULL);
	else if (race.shape == REQUEUEING_ITEM)
		give_way();
	else
		for (volatile int spins = 300; spins; spins--)
			;
}

static void cancel_once(uint64_t *random)
{
	jitter(random, 60);
	if (__atomic_add_fetch(&race.nr_inside, 1, __ATOMIC_SEQ_CST) > 1)
		flag_set(&race.overlapped, 1);
	if (WAITING(cancel_work_sync(&race.work)))
		__atomic_fetch_add(&race.nr_true, 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_sub(&race.nr_inside, 1, __ATOMIC_SEQ_CST);
}

static void *canceller(void *number)
{
	uint64_t random = test_state.seed + (uintptr_t)number;

	race_pin((unsigned int)(uintptr_t)number);
	while (meet_next(&race.start)) {
		cancel_once(&random);
		meet(&race.end);
	}
	return NULL;
}

static void set_up_round(void)
{
	race.nr_true = race.runs = race.overlapped = 0;
	if (race.shape == WAITING_ITEM) {
		check(queue_work(race.wq, &race.plug));
		WAITING((wait_for_completion(&race.plugged), 0));
	}
	check(queue_work(race.wq, &race.work));
}

static void check_round(void)
{
	int runs = flag_get(&race.runs);

	if (race.shape == WAITING_ITEM) {
		check_eq(race.nr_true, 1);
		check_eq(runs, 0);
	} else {
		check(race.nr_true <= 1);
	}
	if (race.shape == RUNNING_ITEM)
		check_eq(race.nr_true + runs, 1);
	check(!work_pending(&race.work));
	if (race.shape == WAITING_ITEM)
		complete(&race.unplug);
	WAITING(flush_workqueue(race.wq));
	check_eq(flag_get(&race.runs), runs);
	if (race.overlapped)
		race_window_hit();
}

static void run_race(enum shape shape, int nr_cancellers, int rounds)
{
	uint64_t random = test_state.seed;
	pthread_t threads[3];

	memset(&race, 0, sizeof(race));
	race_begin();
	race.wq = create_singlethread_workqueue("cancellers");
	if (!check(race.wq))
		return;
	race.shape = shape;
	race.start.members = race.end.members = (unsigned int)nr_cancellers;
	INIT_WORK(&race.work, run_item);
	INIT_WORK(&race.plug, hold_worker);
	for (uintptr_t i = 1; i < (uintptr_t)nr_cancellers; i++)
		threads[i] = start_thread(canceller, (void *)i);
	race_pin(0);
	for (int i = 0; race_goes_on(i, rounds); i++) {
		race.long_runs = i % 4 == 0;
		set_up_round();
		meet(&race.start);
		cancel_once(&random);
		meet(&race.end);
		check_round();
	}
	meet_end(&race.start);
	unpin();
	for (int i = 1; i < nr_cancellers; i++)
		join_thread(threads[i]);
	destroy_workqueue(race.wq);
	race_require_hits_on_two_cpus();
}

static void one_of_two_is_told_true_for_a_waiting_item(void)
{
	run_race(WAITING_ITEM, 2, 10000);
}

static void one_of_three_is_told_true_for_a_waiting_item(void)
{
	run_race(WAITING_ITEM, 3, 2000);
}

static void two_agree_about_an_item_that_may_run(void)
{
	run_race(RUNNING_ITEM, 2, 10000);
}

static void two_stop_an_item_that_requeues_itself(void)
{
	run_race(REQUEUEING_ITEM, 2, 4000);
}

static void three_stop_an_item_that_requeues_itself(void)
{
	run_race(REQUEUEING_ITEM, 3, 12000);
}

TEST_MAIN(TEST(one_of_two_is_told_true_for_a_waiting_item),
	  TEST(one_of_three_is_told_true_for_a_waiting_item),
	  TEST(two_agree_about_an_item_that_may_run),
	  TEST(two_stop_an_item_that_requeues_itself),
	  TEST(three_stop_an_item_that_requeues_itself))
