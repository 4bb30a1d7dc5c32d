/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An item that arms itself anew in its function loses to cancel_delayed_work_sync(),
 * whichever moment the cancel comes at. One thread cancels while the function runs;
 * afterwards the item must be idle and stay so.
 */
#include "test.h"
#include "support/aim.h"
#include "support/delayed.h"

enum { ROUNDS = 20000, ENOUGH = 5000 };

static struct {
	struct workqueue_struct *wq;
	struct delayed_work dwork;
	int inside, runs, refused;
	uint64_t delay_ns; /* UINT64_MAX: queue without a timer */
	unsigned int spins;
} race;

static void arm_again(struct work_struct *work)
{
	bool queued;

	(void)work;
	flag_set(&race.inside, 1);
	for (volatile unsigned int n = race.spins; n; n--)
		;
	queued = race.delay_ns == UINT64_MAX
			 ? queue_delayed_work(race.wq, &race.dwork, 0)
			 : wq_queue_delayed_work_ns(race.wq, &race.dwork, race.delay_ns);
	for (volatile unsigned int n = race.spins; n; n--)
		;
	if (!queued)
		__atomic_fetch_add(&race.refused, 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&race.runs, 1, __ATOMIC_SEQ_CST);
	flag_set(&race.inside, 0);
}

static void one_round(uint64_t *random)
{
	int runs, refused = flag_get(&race.refused);
	bool inside;

	race.spins = (unsigned int)(test_random(random) % 400);
	check(queue_delayed_work_on(allowed_cpu(allowed_cpus() - 1), race.wq, &race.dwork, 0));
	flag_await(&race.inside, test_random(random) % 8 != 0);
	jitter(random, 600);
	inside = flag_get(&race.inside);
	WAITING(cancel_delayed_work_sync(&race.dwork));
	check_eq(flag_get(&race.inside), 0);
	runs = flag_get(&race.runs);
	check(!delayed_work_pending(&race.dwork));
	check(!timer_pending(&race.dwork.timer));
	if (inside || flag_get(&race.refused) != refused)
		race_window_hit();
	if (test_random(random) % 500 == 0)
		let_pass(1);
	check_eq(flag_get(&race.runs), runs);
}

static void run_race(struct workqueue_struct *wq, uint64_t delay_ns)
{
	uint64_t random = test_state.seed, end_ns = now_ns() + 1000u * NS_PER_MS;

	if (!check(wq))
		return;
	memset(&race, 0, sizeof(race));
	race_begin();
	race.wq = wq;
	race.delay_ns = delay_ns;
	INIT_DELAYED_WORK(&race.dwork, arm_again);
	race_pin(0); /* the item is on the last CPU */
	for (int i = 0; race_goes_on(i, ROUNDS); i++) {
		one_round(&random);
		if (flag_get(&race_hits_) >= ENOUGH || now_ns() > end_ns)
			break;
	}
	unpin();
	printf("  runs %d, of which could not arm again: %d\n", race.runs, race.refused);
	destroy_workqueue(wq);
	race_require_hits_on_two_cpus();
}

static void an_item_that_arms_itself_through_the_timer_is_stopped(void)
{
	run_race(create_workqueue("rearm"), 0);
	run_race(create_singlethread_workqueue("rearm"), 30000);
}

static void an_item_that_queues_itself_without_delay_is_stopped(void)
{
	run_race(create_workqueue("rearm"), UINT64_MAX);
}

TEST_MAIN(TEST(an_item_that_arms_itself_through_the_timer_is_stopped),
	  TEST(an_item_that_queues_itself_without_delay_is_stopped))
