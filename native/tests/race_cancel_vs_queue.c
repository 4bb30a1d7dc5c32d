/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An item queued while it is being cancelled runs once or is cancelled once,
 * never both and never neither. One thread queues an idle item and another
 * cancels it at the same moment; accepted queueings must equal runs plus
 * cancellations.
 */
#include "test.h"
#include "support/duel.h"

static struct {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct duel duel;
	bool (*cancel)(struct work_struct *);
	int runs, ran_before;
	bool cancelled;
} race;

static void count_run(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&race.runs, 1, __ATOMIC_SEQ_CST);
}

static void cancel_it(void)
{
	race.ran_before = flag_get(&race.runs);
	race.cancelled = WAITING(race.cancel(&race.work));
}

static void one_round(uint64_t *random)
{
	bool queued;

	race.runs = 0;
	duel_begin(&race.duel);
	jitter(random, 600);
	queued = queue_work(race.wq, &race.work);
	duel_end(&race.duel);
	WAITING(flush_workqueue(race.wq));
	check_eq(race.runs + race.cancelled, queued);
	check(!work_pending(&race.work));
	if (race.cancelled || !queued)
		race_window_hit();
	aim_move(&race.duel.aim, race.cancelled ? test_random(random) % 2 : !race.ran_before);
}

static void run_race(struct workqueue_struct *wq, bool (*cancel)(struct work_struct *))
{
	if (!check(wq))
		return;
	memset(&race, 0, sizeof(race));
	race.wq = wq;
	race.cancel = cancel;
	INIT_WORK(&race.work, count_run);
	duel(&race.duel, one_round, cancel_it, wq);
}

static void on_one_worker_an_item_runs_or_is_cancelled(void)
{
	run_race(create_singlethread_workqueue("one"), cancel_work_sync);
}

static void on_cpu_workers_an_item_runs_or_is_cancelled(void)
{
	run_race(create_workqueue("cpus"), cancel_work_sync);
}

static void on_one_worker_an_item_runs_or_is_taken_back(void)
{
	run_race(create_singlethread_workqueue("one"), cancel_work);
}

static void on_cpu_workers_an_item_runs_or_is_taken_back(void)
{
	run_race(create_workqueue("cpus"), cancel_work);
}

TEST_MAIN(TEST(on_one_worker_an_item_runs_or_is_cancelled),
	  TEST(on_cpu_workers_an_item_runs_or_is_cancelled), TEST(on_one_worker_an_item_runs_or_is_taken_back),
	  TEST(on_cpu_workers_an_item_runs_or_is_taken_back))
