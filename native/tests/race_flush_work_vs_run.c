/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flush_work() of an item whose worker claims it at this moment, runs it, or has just run
 * it; while another thread may take it back. After the flush the run is over, or there is
 * none. A wait that nobody ends would be seen by the watchdog.
 */
#include "test.h"
#include "support/aim.h"

static struct {
	struct work_struct work;
	struct meeting start, end;
	struct aim flush_aim, cancel_aim;
	int begun, ended, taken;
} race;

static void run_item(struct work_struct *work)
{
	(void)work;
	flag_set(&race.begun, 1);
	for (volatile int spins = 200; spins; spins--)
		;
	flag_set(&race.ended, 1);
}

static void *canceller(void *unused)
{
	race_pin(1);
	while (meet_next(&race.start)) {
		aim_wait(&race.cancel_aim);
		flag_set(&race.taken, WAITING(cancel_work(&race.work)));
		meet(&race.end);
	}
	return unused;
}

static void one_round(struct workqueue_struct *wq, uint64_t *random, bool with_cancel)
{
	int begun, ended;
	bool waited;

	race.begun = race.ended = race.taken = 0;
	if (with_cancel)
		meet(&race.start);
	jitter(random, 300);
	check(queue_work(wq, &race.work));
	aim_wait(&race.flush_aim);
	begun = flag_get(&race.begun);
	waited = WAITING(flush_work(&race.work));
	ended = flag_get(&race.ended);
	if (with_cancel)
		meet(&race.end);
	check_eq(ended + race.taken, 1);
	check(ended || !flag_get(&race.begun));
	if (waited && !begun)
		race_window_hit(); /* it waited for the run to come, or met its beginning */
	aim_move(&race.flush_aim, begun ? false : test_random(random) % 2);
	aim_move(&race.cancel_aim, !race.taken);
	WAITING(flush_workqueue(wq));
}

static void run_race(struct workqueue_struct *wq, bool with_cancel)
{
	uint64_t random = test_state.seed;
	pthread_t thread;

	if (!check(wq))
		return;
	memset(&race, 0, sizeof(race));
	race_begin();
	race.start.members = race.end.members = 2;
	aim_init(&race.flush_aim, 5000, 2);
	aim_init(&race.cancel_aim, 5000, 3);
	INIT_WORK(&race.work, run_item);
	if (with_cancel)
		thread = start_thread(canceller, NULL);
	race_pin(0);
	for (int i = 0; race_goes_on(i, 20000); i++)
		one_round(wq, &random, with_cancel);
	unpin();
	if (with_cancel) {
		meet_end(&race.start);
		join_thread(thread);
	}
	destroy_workqueue(wq);
	race_require_hits_on_two_cpus();
}

static void on_one_worker(void)
{
	run_race(create_singlethread_workqueue("one"), false);
}

static void on_one_worker_while_it_is_taken_back(void)
{
	run_race(create_singlethread_workqueue("one"), true);
}

static void on_an_unbound_pool_while_it_is_taken_back(void)
{
	run_race(alloc_workqueue("unbound", WQ_UNBOUND, 1), true);
}

TEST_MAIN(TEST(on_one_worker), TEST(on_one_worker_while_it_is_taken_back),
	  TEST(on_an_unbound_pool_while_it_is_taken_back))
