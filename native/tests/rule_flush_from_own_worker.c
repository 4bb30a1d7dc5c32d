/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Called from one of the queue's own workers, flush runs that worker's items
 * itself, then waits for the other CPUs' workers"; the outer item stays visible
 * to everybody, and nesting deeper than 3 is reported.
 */
#include "items.h"

static struct item behind[8];
static int nr_behind;

static void flush_then_block(struct work_struct *work)
{
	struct item *i = item_of(work);

	item_started(i);
	WAITING(flush_workqueue(i->wq));
	gate_wait(&i->gate);
	item_finished(i);
}

/* An item that flushes its queue, with n items behind it on the same worker. */
static void start_flushing_item(struct workqueue_struct *wq, struct item *outer, int n)
{
	struct item busy;

	item_init(outer, wq, flush_then_block);
	nr_behind = n;
	plug(wq, &busy);
	check(queue_work(wq, &outer->work));
	for (int i = 0; i < n; i++) {
		item_init(&behind[i], wq, item_count);
		check(queue_work(wq, &behind[i].work));
	}
	gate_open(&busy.gate);
	gate_wait_reached(&outer->gate, 1);
	item_await_done(&busy, 1);
}

static void items_behind_run_within_the_call_on_the_same_thread(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("own");
	struct item outer;

	start_flushing_item(wq, &outer, 8);
	for (int i = 0; i < nr_behind; i++) {
		check_eq(item_done(&behind[i]), 1);
		check_eq(behind[i].tid, outer.tid);
		check_eq(behind[i].order, outer.order + 1 + i);
	}
	check_eq(item_done(&outer), 0);
	gate_open(&outer.gate);
	destroy_workqueue(wq);
	check_eq(item_done(&outer), 1);
}

static void the_outer_item_stays_visible_to_cancel(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("own");
	struct item outer;
	struct call cancel;

	start_flushing_item(wq, &outer, 3);
	call_start(&cancel, call_cancel, &outer.work);
	check(call_sleeps(&cancel));
	gate_open(&outer.gate);
	check(!call_join(&cancel));
	check_eq(item_done(&outer), 1);
	destroy_workqueue(wq);
}

static void the_outer_item_stays_visible_to_flush(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("own");
	struct item outer;
	struct call flush;

	start_flushing_item(wq, &outer, 3);
	call_start(&flush, call_flush, wq);
	check(call_sleeps(&flush));
	gate_open(&outer.gate);
	call_join(&flush);
	check_eq(item_done(&outer), 1);
	destroy_workqueue(wq);
}

static void both_items_of_a_nested_run_are_visible_to_cancel(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("own");
	struct item busy, outer, inner;
	struct call cancel[2];

	plug(wq, &busy);
	item_init(&outer, wq, flush_then_block);
	item_init(&inner, wq, item_block);
	check(queue_work(wq, &outer.work));
	check(queue_work(wq, &inner.work));
	gate_open(&busy.gate);
	gate_wait_reached(&inner.gate, 1); /* runs inside outer's flush */
	call_start(&cancel[0], call_cancel, &outer.work);
	call_start(&cancel[1], call_cancel, &inner.work);
	check(call_sleeps(&cancel[0]));
	check(call_sleeps(&cancel[1]));
	gate_open(&inner.gate);
	check(!call_join(&cancel[1])); /* while outer still runs */
	check(call_sleeps(&cancel[0]));
	gate_open(&outer.gate);
	check(!call_join(&cancel[0]));
	check_eq(item_done(&outer), 1);
	destroy_workqueue(wq);
}

static void the_other_cpus_workers_are_waited_for(void)
{
	struct workqueue_struct *wq = create_workqueue("own");
	struct item far, outer;

	if (!need_two_cpus())
		return;
	item_init(&far, wq, item_block);
	item_init(&outer, wq, flush_then_block);
	gate_open(&outer.gate);
	check(queue_on(allowed_cpu(1), wq, &far.work));
	gate_wait_reached(&far.gate, 1);
	check(queue_on(allowed_cpu(0), wq, &outer.work));
	while (!item_runs(&outer) || thread_state(outer.tid) != 'S')
		sched_yield(); /* asleep within the flush: its gate is open */
	check_eq(item_done(&outer), 0);
	gate_open(&far.gate);
	WAITING(flush_workqueue(wq));
	check_eq(item_done(&outer), 1);
	destroy_workqueue(wq);
}

static void flush_if_more(struct work_struct *work)
{
	struct item *i = item_of(work);

	item_started(i);
	if (i != &behind[nr_behind - 1])
		WAITING(flush_workqueue(i->wq));
	item_finished(i);
}

static void nest(int depth)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("deep");
	struct item busy;

	nr_behind = depth;
	plug(wq, &busy);
	for (int i = 0; i < depth; i++) {
		item_init(&behind[i], wq, flush_if_more);
		check(queue_work(wq, &behind[i].work));
	}
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	for (int i = 0; i < depth; i++)
		check_eq(item_done(&behind[i]), 1);
	destroy_workqueue(wq);
}

static void three_runs_deep_is_not_reported(void)
{
	nest(3);
	check_eq(reported("recursion"), 0);
}

static void deeper_than_three_is_reported_with_the_depth(void)
{
	nest(4);
	expect_report("run_workqueue: recursion depth exceeded: 4");
	nest(6);
	expect_report("run_workqueue: recursion depth exceeded: 6");
	check_eq(reported("depth exceeded: 7"), 0);
	allow_report("recursion depth exceeded"); /* 4 and 5, on the way to 6 */
}

TEST_MAIN(TEST(items_behind_run_within_the_call_on_the_same_thread),
	  TEST(the_outer_item_stays_visible_to_cancel), TEST(the_outer_item_stays_visible_to_flush),
	  TEST(both_items_of_a_nested_run_are_visible_to_cancel),
	  TEST(the_other_cpus_workers_are_waited_for), TEST(three_runs_deep_is_not_reported),
	  TEST(deeper_than_three_is_reported_with_the_depth))
