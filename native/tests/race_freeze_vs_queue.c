/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Each finishes the item it is at and starts no other until thaw_workqueues()." The
 * window is a worker that has run all it had and is not asleep yet: what is queued
 * there, behind a freeze_workqueues_begin() that has returned, must wait for the thaw.
 */
#include "test.h"
#include "support/aim.h"

enum { FILLERS = 40, MAX_DELAY = 4000 }; /* enough items in a row that the worker lingers */

static int nr_fillers_run, nr_runs;

static void run_target(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&nr_runs, 1, __ATOMIC_SEQ_CST);
}

static void run_filler(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&nr_fillers_run, 1, __ATOMIC_SEQ_CST);
}

static bool all_stopped(void)
{
	while (freeze_workqueues_busy())
		;
	return true;
}

/* Freezes @wq about when it has run its fillers, and queues @target on it. */
static bool race_once(struct workqueue_struct *wq, struct work_struct *fillers, struct work_struct *target,
		      struct aim *aim)
{
	int runs = flag_get(&nr_runs);
	bool at_fillers, up, held;

	flag_set(&nr_fillers_run, 0);
	for (int i = 0; i < FILLERS; i++)
		check(queue_work(wq, &fillers[i]));
	aim_wait(aim);
	freeze_workqueues_begin();
	at_fillers = flag_get(&nr_fillers_run) < FILLERS;
	up = freeze_workqueues_busy();
	check(queue_work(wq, target));
	if (!at_fillers && up)
		race_window_hit();
	aim_move(aim, at_fillers);
	WAITING(all_stopped());
	held = check_eq(flag_get(&nr_runs), runs);
	thaw_workqueues();
	WAITING(flush_workqueue(wq));
	return held && check_eq(flag_get(&nr_runs), runs + 1);
}

static void what_is_queued_after_the_freeze_waits_for_the_thaw(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("freeze");
	struct work_struct fillers[FILLERS], target;
	struct aim aim;

	if (!check(wq))
		return;
	race_begin();
	INIT_WORK(&target, run_target);
	for (int i = 0; i < FILLERS; i++)
		INIT_WORK(&fillers[i], run_filler);
	aim_init(&aim, MAX_DELAY, 1);
	race_apart(wq);
	for (int round = 0; race_goes_on(round, 10000); round++)
		if (!race_once(wq, fillers, &target, &aim))
			break;
	unpin();
	race_require_hits_on_two_cpus();
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(what_is_queued_after_the_freeze_waits_for_the_thaw))
