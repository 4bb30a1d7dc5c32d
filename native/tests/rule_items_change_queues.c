/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An item may be queued on one queue after another, whether their workers are shared or
 * not: what a shared worker has left in its word is in nobody's way on the next queue.
 */
#include "items.h"

static void an_item_that_ran_on_a_shared_pool_is_cancelled_in_another_workers_hand(void)
{
	struct workqueue_struct *shared = alloc_workqueue("shared", 0, 0);
	struct workqueue_struct *own = create_singlethread_workqueue("own");

	for (int round = 0; round < 2; round++) {
		struct item first, busy, a;

		item_init(&a, shared, item_count);
		check(queue_work(shared, &a.work));
		WAITING(flush_workqueue(shared));
		plug(own, &first);
		item_init(&busy, own, item_block);
		check(queue_work(own, &busy.work));
		check(queue_work(own, &a.work));
		gate_open(&first.gate); /* The worker takes both, and stands in the one. */
		gate_wait_reached(&busy.gate, 1);
		check(round ? WAITING(cancel_work(&a.work)) : WAITING(cancel_work_sync(&a.work)));
		gate_open(&busy.gate);
		WAITING(flush_workqueue(own));
		check_eq(item_runs(&a), 1);
	}
	destroy_workqueue(own);
	destroy_workqueue(shared);
}

static void an_item_that_runs_is_run_for_another_queue_on_another_cpu(void)
{
	struct workqueue_struct *first = alloc_workqueue("first", WQ_PERCPU, 0);
	struct workqueue_struct *second = alloc_workqueue("second", WQ_PERCPU, 0);
	struct item a;

	item_init(&a, first, item_block);
	if (need_two_cpus()) {
		check(queue_on(allowed_cpu(0), first, &a.work));
		gate_wait_reached(&a.gate, 1);
		check(queue_on(allowed_cpu(1), second, &a.work));
		gate_wait_reached(&a.gate, 2);
	}
	gate_open(&a.gate);
	destroy_workqueue(first);
	destroy_workqueue(second);
	check_eq(item_done(&a), item_runs(&a));
}

TEST_MAIN(TEST(an_item_that_ran_on_a_shared_pool_is_cancelled_in_another_workers_hand),
	  TEST(an_item_that_runs_is_run_for_another_queue_on_another_cpu))
