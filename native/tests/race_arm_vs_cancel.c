/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An item armed for a distant time while it is being cancelled is either armed or
 * cancelled afterwards, and neither call waits for the timer. One thread arms an
 * idle item for an hour and another cancels it at the same moment, with and
 * without waiting; what is left is taken back and must agree with what was said.
 */
#include "test.h"
#include "support/aim.h"
#include "support/delayed.h"

static struct {
	struct workqueue_struct *wq;
	struct delayed_work dwork;
	struct meeting start, end;
	struct aim aim;
	bool (*cancel)(struct delayed_work *);
	int runs;
	int queued; /* 0: not returned yet */
	bool before, cancelled;
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
		race.before = flag_get(&race.queued) == 0;
		race.cancelled = WAITING(race.cancel(&race.dwork));
		meet(&race.end);
	}
	return unused;
}

static void one_round(uint64_t *random)
{
	bool queued;

	race.queued = 0;
	meet(&race.start);
	jitter(random, 300);
	queued = queue_delayed_work(race.wq, &race.dwork, AN_HOUR);
	flag_set(&race.queued, 1);
	meet(&race.end);
	/* Begun before the arming was through, yet it met the item. */
	if (race.before && (race.cancelled || !queued))
		race_window_hit();
	check(queued || !race.cancelled);
	check_eq(delayed_work_pending(&race.dwork), queued && !race.cancelled);
	check_eq(WAITING(cancel_delayed_work_sync(&race.dwork)), queued && !race.cancelled);
	check(!delayed_work_pending(&race.dwork));
	check(!timer_pending(&race.dwork.timer));
	aim_move(&race.aim, !race.cancelled);
}

static void run_race(bool (*cancel)(struct delayed_work *))
{
	uint64_t random = test_state.seed;
	pthread_t thread;

	memset(&race, 0, sizeof(race));
	race_begin();
	race.wq = create_workqueue("arm");
	if (!check(race.wq))
		return;
	race.cancel = cancel;
	race.start.members = race.end.members = 2;
	aim_init(&race.aim, 3000, 4);
	INIT_DELAYED_WORK(&race.dwork, count_run);
	thread = start_thread(canceller, NULL);
	race_pin(0);
	for (int i = 0; race_goes_on(i, 20000); i++)
		one_round(&random);
	meet_end(&race.start);
	unpin();
	join_thread(thread);
	destroy_workqueue(race.wq);
	check_eq(race.runs, 0);
	race_require_hits_on_two_cpus();
}

static void cancel_sync_never_waits_for_the_timer_of_an_arming_item(void)
{
	run_race(cancel_delayed_work_sync);
}

static void cancel_takes_the_item_or_leaves_it_armed(void)
{
	run_race(cancel_delayed_work);
}

TEST_MAIN(TEST(cancel_sync_never_waits_for_the_timer_of_an_arming_item),
	  TEST(cancel_takes_the_item_or_leaves_it_armed))
