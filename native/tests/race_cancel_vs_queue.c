/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An item queued while it is being cancelled runs once or is cancelled once,
 * never both and never neither. One thread queues an idle item and another
 * cancels it at the same moment; accepted queueings must equal runs plus
 * cancellations.
 */
#include "test.h"
#include "support/aim.h"

static struct {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct meeting start, end;
	struct aim aim;
	bool (*cancel)(struct work_struct *);
	int runs, ran_before;
	bool cancelled;
} race;

static void count_run(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&race.runs, 1, __ATOMIC_SEQ_CST);
}

static void *canceller(void *unused)
{
	race_pin(1);
	while (meet_next(&race.start)) {
		aim_wait(&race.aim);
		race.ran_before = flag_get(&race.runs);
		race.cancelled = WAITING(race.cancel(&race.work));
		meet(&race.end);
	}
	return unused;
}

static void one_round(uint64_t *random)
{
	bool queued;

	race.runs = 0;
	meet(&race.start);
	jitter(random, 600);
	queued = queue_work(race.wq, &race.work);
	meet(&race.end);
	WAITING(flush_workqueue(race.wq));
	check_eq(race.runs + race.cancelled, queued);
	check(!work_pending(&race.work));
	if (race.cancelled || !queued)
		race_window_hit();
	aim_move(&race.aim, race.cancelled ? test_random(random) % 2 : !race.ran_before);
}

static void run_race(struct workqueue_struct *wq, bool (*cancel)(struct work_struct *))
{
	uint64_t random = test_state.seed;
	pthread_t thread;

	if (!check(wq))
		return;
	memset(&race, 0, sizeof(race));
	race_begin();
	race.wq = wq;
	race.cancel = cancel;
	race.start.members = race.end.members = 2;
	aim_init(&race.aim, 5000, 2);
	INIT_WORK(&race.work, count_run);
	thread = start_thread(canceller, NULL);
	race_pin(0);
	for (int i = 0; race_goes_on(i, 20000); i++)
		one_round(&random);
	meet_end(&race.start);
	unpin();
	join_thread(thread);
	destroy_workqueue(wq);
	race_require_hits_on_two_cpus();
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
