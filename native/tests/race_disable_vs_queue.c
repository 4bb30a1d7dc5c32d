/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An item is queued and disabled at the same moment: what was accepted runs once or is
 * taken back once, and nothing is accepted after the disabling.
 */
#include "test.h"
#include "support/aim.h"

static struct {
	struct workqueue_struct *wq;
	struct work_struct work;
	struct meeting start, end;
	struct aim aim;
	int runs, ran_before, is_disabled;
	bool taken;
} race;

static void count_run(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&race.runs, 1, __ATOMIC_SEQ_CST);
}

static void *disabler(void *unused)
{
	race_pin(1);
	while (meet_next(&race.start)) {
		aim_wait(&race.aim);
		race.ran_before = flag_get(&race.runs);
		race.taken = WAITING(disable_work(&race.work));
		flag_set(&race.is_disabled, 1);
		meet(&race.end);
	}
	return unused;
}

static void one_round(uint64_t *random)
{
	int accepted = 0;

	race.runs = race.is_disabled = 0;
	meet(&race.start);
	jitter(random, 600);
	while (!flag_get(&race.is_disabled))
		accepted += queue_work(race.wq, &race.work);
	check(!queue_work(race.wq, &race.work));
	meet(&race.end);
	WAITING(flush_workqueue(race.wq));
	check_eq(race.runs + race.taken, accepted);
	check(!work_pending(&race.work));
	check(enable_work(&race.work));
	if (race.taken)
		race_window_hit();
	aim_move(&race.aim, race.taken ? test_random(random) % 2 : !race.ran_before);
}

static void run_race(struct workqueue_struct *wq)
{
	uint64_t random = test_state.seed;
	pthread_t thread;

	if (!check(wq))
		return;
	memset(&race, 0, sizeof(race));
	race_begin();
	race.wq = wq;
	race.start.members = race.end.members = 2;
	aim_init(&race.aim, 5000, 2);
	INIT_WORK(&race.work, count_run);
	thread = start_thread(disabler, NULL);
	race_pin(0);
	for (int i = 0; race_goes_on(i, 20000); i++)
		one_round(&random);
	meet_end(&race.start);
	unpin();
	join_thread(thread);
	destroy_workqueue(wq);
	race_require_hits_on_two_cpus();
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
