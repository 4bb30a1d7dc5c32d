/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "An item that was not pending when the call began, and is not listed, is called by
 * no worker." A thread looks at an item from the moment it is queued; once it is
 * neither pending nor listed, its function must have run and will not begin. In the
 * window the item is not pending and its function has not begun: it must be listed.
 * That is some instructions, which a virtual machine may never meet; with WQ_DEBUG=1
 * system calls lie between, and there it must be met.
 */
#include "child.h"
#include "support/aim.h"

enum { ROOM = 64, FILLERS = 8 };

static int nr_runs; /* begun */

static void run_target(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&nr_runs, 1, __ATOMIC_SEQ_CST);
}

static void run_filler(struct work_struct *work)
{
	(void)work;
}

static bool is_listed(const struct work_struct *work)
{
	struct work_struct *works[ROOM];
	int nr = wq_running_works(works, ROOM);

	for (int i = 0; i < nr && i < ROOM; i++)
		if (works[i] == work)
			return true;
	return false;
}

static bool is_idle(struct work_struct *work, int nr_runs_due)
{
	if (wq_work_pending(work))
		return false;
	if (!is_listed(work))
		return true;
	if (flag_get(&nr_runs) < nr_runs_due)
		race_window_hit(); /* not in every such round: it may have left the window since */
	return false;
}

static bool await_idle(struct work_struct *work, int nr_runs_due)
{
	while (!is_idle(work, nr_runs_due))
		;
	return true;
}

static void race(struct workqueue_struct *wq, struct workqueue_struct *next)
{
	struct work_struct target, fillers[FILLERS];

	if (!check(wq) || !check(next))
		return;
	race_begin();
	nr_runs = 0;
	INIT_WORK(&target, run_target);
	for (int i = 0; i < FILLERS; i++)
		INIT_WORK(&fillers[i], run_filler);
	race_apart(wq);
	for (int round = 1; race_goes_on(round - 1, getenv("WQ_DEBUG") ? 1000 : 30000); round++) {
		struct workqueue_struct *to = round % 2 ? wq : next;

		for (int i = round % FILLERS; i > 0; i--)
			queue_work(to, &fillers[i]);
		check(queue_work(to, &target));
		WAITING(await_idle(&target, round));
		if (!check_eq(flag_get(&nr_runs), round))
			break;
	}
	unpin();
	WAITING(flush_workqueue(wq));
	WAITING(flush_workqueue(next));
	if (getenv("WQ_DEBUG"))
		race_require_hits_apart(true);
	else
		printf("  window hits: %d\n", race_hits_);
	allow_report("CPU affinity"); /* the item that binds the worker */
}

static void an_item_that_is_neither_pending_nor_listed_has_run(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("reclaim");

	race(wq, wq);
	destroy_workqueue(wq);
}

static void also_one_that_goes_from_queue_to_queue(void)
{
	struct workqueue_struct *one = create_singlethread_workqueue("reclaim");
	struct workqueue_struct *other = create_workqueue("reclaim");

	race(one, other);
	destroy_workqueue(other);
	destroy_workqueue(one);
}

static void the_same_where_the_window_is_long(void)
{
	setenv("WQ_DEBUG", "1", 1);
	passes_in_a_child("an_item_that_is_neither_pending_nor_listed_has_run");
	passes_in_a_child("also_one_that_goes_from_queue_to_queue");
	unsetenv("WQ_DEBUG");
}

TEST_MAIN(TEST(an_item_that_is_neither_pending_nor_listed_has_run), TEST(also_one_that_goes_from_queue_to_queue),
	  TEST(the_same_where_the_window_is_long))
