/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cancel_work() takes back what is pending, wherever it is, and waits for nothing:
 * not for a run under way, not for another canceller. Every state is produced at a
 * gate; a call that waited would hang, as the gate opens after it.
 */
#include "items.h"
#include "support/delayed.h"

static void an_item_that_is_not_pending_gives_false(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cw");
	struct item a;

	item_init(&a, wq, item_count);
	check(!WAITING(cancel_work(&a.work)));
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check(!WAITING(cancel_work(&a.work)));
	check_eq(item_runs(&a), 1);
	destroy_workqueue(wq);
	check(!WAITING(cancel_work(&a.work))); /* its last queue is gone */
}

static void a_pending_item_gives_true_and_does_not_run(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cw");
	struct item busy, a;

	plug(wq, &busy);
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	check(WAITING(cancel_work(&a.work)));
	check(!work_pending(&a.work));
	check(!WAITING(cancel_work(&a.work)));
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 0);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 1);
	destroy_workqueue(wq);
}

static void items_go_from_everywhere_in_the_queue(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cw");
	static struct item items[300]; /* more than a worker has in hand */
	struct item first, busy;

	plug(wq, &first);
	item_init(&busy, wq, item_block);
	check(queue_work(wq, &busy.work));
	for (int i = 0; i < 300; i++) {
		item_init(&items[i], wq, item_count);
		check(queue_work(wq, &items[i].work));
	}
	gate_open(&first.gate);
	gate_wait_reached(&busy.gate, 1); /* some are in its hand, and some on the list */
	for (int i = 299; i > 0; i -= 3)
		check(WAITING(cancel_work(&items[i].work)));
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	for (int i = 0; i < 300; i++)
		check_eq(item_runs(&items[i]), i % 3 != 2);
	destroy_workqueue(wq);
}

static void a_run_under_way_is_not_waited_for(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cw");
	struct item a;

	plug(wq, &a);
	check(!WAITING(cancel_work(&a.work)));
	check_eq(item_done(&a), 0);
	check(queue_work(wq, &a.work));
	check(WAITING(cancel_work(&a.work))); /* the run to come, not the one under way */
	check_eq(item_done(&a), 0);
	gate_open(&a.gate);
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
}

static bool own_result;

static void queue_and_cancel_own(struct work_struct *work)
{
	item_started(item_of(work));
	if (item_runs(item_of(work)) == 1)
		check(queue_work(item_of(work)->wq, work));
	own_result = WAITING(cancel_work(work));
	item_finished(item_of(work));
}

static void a_function_may_cancel_its_own_item(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cw");
	struct item a;

	item_init(&a, wq, queue_and_cancel_own);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check(own_result);
	check_eq(item_runs(&a), 1);
	destroy_workqueue(wq);
}

static void another_canceller_is_not_waited_for(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cw");
	struct item a;
	struct call cancel;

	plug(wq, &a);
	check(queue_work(wq, &a.work));
	call_start(&cancel, call_cancel, &a.work);
	check(call_sleeps(&cancel));
	check(!WAITING(cancel_work(&a.work))); /* that one has it */
	gate_open(&a.gate);
	check(call_join(&cancel));
	check(!work_pending(&a.work));
	check_eq(item_runs(&a), 1);
	destroy_workqueue(wq);
}

static void an_armed_delayed_work_is_taken_from_its_timer(void)
{
	struct workqueue_struct *wq = create_workqueue("cw");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	check(WAITING(cancel_work(&a.dwork.work)));
	check(!delayed_work_pending(&a.dwork));
	check(!timer_pending(&a.dwork.timer));
	check(!WAITING(cancel_work(&a.dwork.work)));
	check(queue_delayed_work(wq, &a.dwork, 1));
	delayed_await(&a, 1);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 1);
}

/* Who waits for the work of an armed delayed work goes on when the item is taken from it. */
static void one_who_sleeps_on_an_armed_item_is_woken(void)
{
	struct workqueue_struct *wq = create_workqueue("cw");
	struct delayed_item a;
	struct call cancel;

	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	call_start(&cancel, call_cancel, &a.dwork.work);
	check(call_sleeps(&cancel));
	check(WAITING(cancel_work(&a.dwork.work)));
	check(!call_join(&cancel));
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 0);
}

static void garbage_is_refused(void)
{
	struct work_struct work;

	memset(&work, 0xaa, sizeof(work));
	check(!WAITING(cancel_work(&work)));
	check_eq(expect_report("cancel_work() of an item that was never initialised"), 1);
}

TEST_MAIN(TEST(an_item_that_is_not_pending_gives_false), TEST(a_pending_item_gives_true_and_does_not_run),
	  TEST(items_go_from_everywhere_in_the_queue), TEST(a_run_under_way_is_not_waited_for),
	  TEST(a_function_may_cancel_its_own_item), TEST(another_canceller_is_not_waited_for),
	  TEST(an_armed_delayed_work_is_taken_from_its_timer), TEST(one_who_sleeps_on_an_armed_item_is_woken),
	  TEST(garbage_is_refused))
