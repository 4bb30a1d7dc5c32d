/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "One item may run on two CPUs at once, if it is queued from both." The item
 * blocks on one CPU and is queued from the next; both instances stand at the gate.
 */
#include "items.h"

static void an_item_queued_from_two_cpus_runs_on_both_at_once(void)
{
	struct workqueue_struct *wq = create_workqueue("reentrant");
	struct item a;

	if (!need_two_cpus())
		return;
	item_init(&a, wq, item_block);
	check(queue_on(allowed_cpu(0), wq, &a.work));
	gate_wait_reached(&a.gate, 1);
	check(queue_on(allowed_cpu(1), wq, &a.work));
	gate_wait_reached(&a.gate, 2);
	check_eq(item_done(&a), 0);
	gate_open(&a.gate);
	WAITING(flush_workqueue(wq));
	check_eq(item_done(&a), 2);
	destroy_workqueue(wq);
}

static void on_one_cpu_the_second_run_waits_for_the_first(void)
{
	struct workqueue_struct *wq = create_workqueue("reentrant");
	struct item a, other;

	if (!need_two_cpus())
		return;
	item_init(&a, wq, item_block);
	item_init(&other, wq, item_count);
	check(queue_on(allowed_cpu(0), wq, &a.work));
	gate_wait_reached(&a.gate, 1);
	check(queue_on(allowed_cpu(0), wq, &a.work));
	check(queue_on(allowed_cpu(1), wq, &other.work));
	item_await_done(&other, 1); /* the other CPU works, and does not take "a" */
	check_eq(item_runs(&a), 1);
	gate_open(&a.gate);
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 2);
}

TEST_MAIN(TEST(an_item_queued_from_two_cpus_runs_on_both_at_once),
	  TEST(on_one_cpu_the_second_run_waits_for_the_first))
