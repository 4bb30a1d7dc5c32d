/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Until destroy_workqueue() returns a queue is whole to the items it still runs,
 * and what comes too late is refused and reported, never lost. Items that queue
 * one another while their queue is destroyed, and a stop hook, try both.
 */
#include "items.h"

static struct workqueue_struct *wq;
static struct item first, last, inner;
static int inner_seen;
static bool queued_by_hook;

/* The destroyer waits for @first; @last is queued by it and outlives that flush. */
static void queue_last(struct work_struct *work)
{
	gate_wait(&item_of(work)->gate);
	check(queue_work(wq, &last.work));
	item_count(work);
}

static void flush_own_queue(struct work_struct *work)
{
	gate_wait(&item_of(work)->gate);
	check(queue_work(wq, &inner.work));
	flush_workqueue(wq);
	inner_seen = item_runs(&inner);
	item_count(work);
}

static void an_item_left_for_the_end_may_queue_and_flush(void)
{
	struct call destroy;

	wq = create_singlethread_workqueue("last");
	inner_seen = 0;
	item_init(&first, wq, queue_last);
	item_init(&last, wq, flush_own_queue);
	item_init(&inner, wq, item_count);
	check(queue_work(wq, &first.work));
	gate_wait_reached(&first.gate, 1);
	call_start(&destroy, call_destroy, wq);
	check(call_sleeps(&destroy));
	gate_open(&first.gate);
	gate_wait_reached(&last.gate, 1);
	check(call_sleeps(&destroy));
	gate_open(&last.gate);
	call_join(&destroy);
	check_eq(inner_seen, 1);
	check_eq(item_runs(&last), 1);
}

static void a_canceller_waits_for_an_item_left_for_the_end(void)
{
	struct call destroy, cancel;

	wq = create_singlethread_workqueue("last");
	item_init(&first, wq, queue_last);
	item_init(&last, wq, item_block);
	check(queue_work(wq, &first.work));
	gate_wait_reached(&first.gate, 1);
	call_start(&destroy, call_destroy, wq);
	check(call_sleeps(&destroy));
	gate_open(&first.gate);
	gate_wait_reached(&last.gate, 1);
	check(call_sleeps(&destroy));
	call_start(&cancel, call_cancel, &last.work);
	check(call_sleeps(&cancel));
	gate_open(&last.gate);
	check(!call_join(&cancel));
	call_join(&destroy);
	check_eq(item_done(&last), 1);
}

static void queue_in_stop_hook(void)
{
	queued_by_hook = queue_work(wq, &last.work);
}

static void work_queued_by_a_stop_hook_is_refused(void)
{
	struct workqueue_struct *next;

	wq_set_worker_hooks(NULL, queue_in_stop_hook);
	wq = create_singlethread_workqueue("last");
	wq_set_worker_hooks(NULL, NULL);
	item_init(&last, wq, item_count);
	queued_by_hook = true;
	destroy_workqueue(wq);
	check(!queued_by_hook);
	check(!work_pending(&last.work));
	expect_report("destroyed");
	next = create_singlethread_workqueue("next");
	check(!WAITING(cancel_work_sync(&last.work)));
	destroy_workqueue(next);
}

TEST_MAIN(TEST(an_item_left_for_the_end_may_queue_and_flush),
	  TEST(a_canceller_waits_for_an_item_left_for_the_end),
	  TEST(work_queued_by_a_stop_hook_is_refused))
