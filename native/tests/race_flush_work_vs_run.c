/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flush_work() of an item whose worker claims it at this moment, runs it, or has just run
 * it; while another thread may take it back. After the flush the run is over, or there is
 * none. A wait that nobody ends would be seen by the watchdog.
 */
#include "test.h"
#include "support/duel.h"

static struct {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct duel duel; /* with one that takes it back */
	struct aim flush_aim;
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

static void take_it_back(void)
{
	flag_set(&race.taken, WAITING(cancel_work(&race.work)));
}

static void one_round(uint64_t *random)
{
	int begun, ended;
	bool waited;

	race.begun = race.ended = race.taken = 0;
	duel_begin(&race.duel);
	jitter(random, 300);
	check(queue_work(race.wq, &race.work));
	aim_wait(&race.flush_aim);
	begun = flag_get(&race.begun);
	waited = WAITING(flush_work(&race.work));
	ended = flag_get(&race.ended);
	duel_end(&race.duel);
	check_eq(ended + race.taken, 1);
	check(ended || !flag_get(&race.begun));
	if (waited && !begun)
		race_window_hit(); /* it waited for the run to come, or met its beginning */
	aim_move(&race.flush_aim, begun ? false : test_random(random) % 2);
	aim_move(&race.duel.aim, !race.taken);
	WAITING(flush_workqueue(race.wq));
}

static void run_race(struct workqueue_struct *wq, void (*other)(void))
{
	if (!check(wq))
		return;
	memset(&race, 0, sizeof(race));
	race.wq = wq;
	aim_init(&race.flush_aim, 5000, 3);
	INIT_WORK(&race.work, run_item);
	duel(&race.duel, one_round, other, wq);
}

static void on_one_worker(void)
{
	run_race(create_singlethread_workqueue("one"), NULL);
}

static void on_one_worker_while_it_is_taken_back(void)
{
	run_race(create_singlethread_workqueue("one"), take_it_back);
}

static void on_an_unbound_pool_while_it_is_taken_back(void)
{
	run_race(alloc_workqueue("unbound", WQ_UNBOUND, 1), take_it_back);
}

TEST_MAIN(TEST(on_one_worker), TEST(on_one_worker_while_it_is_taken_back),
	  TEST(on_an_unbound_pool_while_it_is_taken_back))
