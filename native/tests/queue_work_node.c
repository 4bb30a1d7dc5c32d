/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * queue_work_node() queues on queues whose items may run on any CPU, whatever the node. A
 * queue of another kind takes the item too, and the first time that is reported.
 */
#include "items.h"

static const int nodes[] = { 0, -1, 1, 1000000, -0x7fffffff - 1 };
enum { NR_NODES = sizeof(nodes) / sizeof(nodes[0]) };

static void runs_for_every_node(struct workqueue_struct *wq)
{
	struct item a;

	item_init(&a, wq, item_count);
	for (int i = 0; i < NR_NODES; i++) {
		check(queue_work_node(nodes[i], wq, &a.work));
		WAITING(flush_workqueue(wq));
		check_eq(item_runs(&a), i + 1);
	}
	destroy_workqueue(wq);
}

static void an_unbound_queue_runs_the_item_whatever_the_node(void)
{
	runs_for_every_node(alloc_workqueue("unbound", WQ_UNBOUND, 0));
	runs_for_every_node(alloc_ordered_workqueue("ordered", 0));
	runs_for_every_node(create_singlethread_workqueue("single"));
}

static void a_pending_item_is_refused(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("single");
	struct item busy, a;

	plug(wq, &busy);
	item_init(&a, wq, item_count);
	check(queue_work_node(0, wq, &a.work));
	check(!queue_work_node(0, wq, &a.work));
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
}

static void other_queues_take_it_too_and_it_is_said_once(void)
{
	struct workqueue_struct *wq = create_workqueue("classic");

	runs_for_every_node(alloc_workqueue("bound", 0, 0));
	check_eq(expect_report("queue_work_node() on bound, whose items run on the CPU that queues them"), 1);
	check(!queue_work_node(0, NULL, NULL));
	check(!queue_work_node(0, wq, NULL));
	check_eq(expect_report("queue_work_node() of NULL"), 2);
	runs_for_every_node(wq); /* It has been said. */
}

TEST_MAIN(TEST(an_unbound_queue_runs_the_item_whatever_the_node), TEST(a_pending_item_is_refused),
	  TEST(other_queues_take_it_too_and_it_is_said_once))
