/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An item is queued and disabled at the same moment: what was accepted runs once or is
 * taken back once, and nothing is accepted after the disabling.
 */
#include "test.h"
#include "support/duel.h"

static struct {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct duel duel;
	int runs, ran_before, is_disabled;
	bool taken;
} race;

static void count_run(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&race.runs, 1, __ATOMIC_SEQ_CST);
}

static void disable_it(void)
{
	race.ran_before = flag_get(&race.runs);
	race.taken = WAITING(disable_work(&race.work));
	flag_set(&race.is_disabled, 1);
}

static void one_round(uint64_t *random)
{
	int accepted = 0;

	race.runs = race.is_disabled = 0;
	duel_begin(&race.duel);
	jitter(random, 600);
	while (!flag_get(&race.is_disabled))
		accepted += queue_work(race.wq, &race.work);
	check(!queue_work(race.wq, &race.work));
	duel_end(&race.duel);
	WAITING(flush_workqueue(race.wq));
	check_eq(race.runs + race.taken, accepted);
	check(!work_pending(&race.work));
	check(enable_work(&race.work));
	if (race.taken)
		race_window_hit();
	aim_move(&race.duel.aim, race.taken ? test_random(random) % 2 : !race.ran_before);
}

static void run_race(struct workqueue_struct *wq)
{
	if (!check(wq))
		return;
	memset(&race, 0, sizeof(race));
	race.wq = wq;
	INIT_WORK(&race.work, count_run);
	duel(&race.duel, one_round, disable_it, wq);
}

static void on_one_worker(void)
{
	run_race(create_singlethread_workqueue("one"));
}

static void on_a_shared_pool(void)
{
	run_race(alloc_workqueue("shared", WQ_PERCPU, 1));
}

static void on_an_unbound_pool(void)
{
	run_race(alloc_workqueue("unbound", WQ_UNBOUND, 2));
}

TEST_MAIN(TEST(on_one_worker), TEST(on_a_shared_pool), TEST(on_an_unbound_pool))
