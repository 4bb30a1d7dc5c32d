/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cancel_work_sync() ends an item that queues itself in every run. Each round
 * lets such an item run for a moment and cancels it; accepted queueings must
 * equal runs plus cancellations, and the item must stay silent afterwards.
 */
#include "test.h"
#include "support/aim.h"

static struct {
	struct workqueue_struct *wq;
	struct work_struct work;
	int runs, accepted, refused;
} race;

static void requeue(struct work_struct *work)
{
	__atomic_fetch_add(&race.runs, 1, __ATOMIC_SEQ_CST);
	if (queue_work(race.wq, work))
		__atomic_fetch_add(&race.accepted, 1, __ATOMIC_SEQ_CST);
	else
		flag_set(&race.refused, 1);
}

static void one_round(struct aim *aim)
{
	int runs;
	bool cancelled;

	flag_set(&race.runs, 0);
	flag_set(&race.refused, 0);
	flag_set(&race.accepted, 1);
	check(queue_work(race.wq, &race.work));
	aim_wait(aim);
	cancelled = WAITING(cancel_work_sync(&race.work));
	runs = flag_get(&race.runs);
	check(!work_pending(&race.work));
	check_eq(flag_get(&race.accepted), runs + cancelled);
	/* Only a canceller makes a queueing from the run fail. */
	if (runs && flag_get(&race.refused))
		race_window_hit();
	WAITING(flush_workqueue(race.wq));
	check_eq(flag_get(&race.runs), runs);
	aim_move(aim, runs == 0);
}

static void run_race(struct workqueue_struct *wq, bool one, int rounds)
{
	struct aim aim;

	memset(&race, 0, sizeof(race));
	race_begin();
	race.wq = wq;
	if (!check(wq))
		return;
	aim_init(&aim, 20000, 4);
	INIT_WORK(&race.work, requeue);
	if (one)
		race_apart(wq);
	for (int i = 0; race_goes_on(i, rounds); i++)
		one_round(&aim);
	unpin();
	destroy_workqueue(wq);
	race_require_hits_apart(one);
}

static void requeueing_loses_on_one_worker(void)
{
	run_race(create_singlethread_workqueue("requeue"), true, 10000);
}

static void requeueing_loses_on_cpu_workers(void)
{
	run_race(create_workqueue("requeue"), false, 5000);
}

TEST_MAIN(TEST(requeueing_loses_on_one_worker), TEST(requeueing_loses_on_cpu_workers))
