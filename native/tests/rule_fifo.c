/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Items queued on one CPU's worker run in the order they were queued." A worker
 * is held while many items are queued from one CPU; each notes its place.
 */
#include "items.h"

enum { ITEMS = 1000 };
static struct item items[ITEMS];

static void check_order(struct workqueue_struct *wq)
{
	struct item busy;

	pin_to_cpu(allowed_cpu(0));
	plug(wq, &busy);
	for (int i = 0; i < ITEMS; i++) {
		item_init(&items[i], wq, item_count);
		check(queue_work(wq, &items[i].work));
	}
	unpin();
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	for (int i = 1; i < ITEMS; i++)
		check_eq(items[i].order, items[i - 1].order + 1);
	destroy_workqueue(wq);
}

static void a_cpu_runs_its_items_in_order(void)
{
	check_order(create_workqueue("fifo"));
}

static void a_single_thread_runs_its_items_in_order(void)
{
	check_order(create_singlethread_workqueue("fifo"));
}

static void order_holds_while_the_worker_runs(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("fifo");
	uint64_t random = test_state.seed;

	for (int i = 0; i < ITEMS; i++)
		item_init(&items[i], wq, item_count);
	for (int round = 0; race_goes_on(round, 200); round++) {
		for (int i = 0; i < ITEMS; i++) {
			check(queue_work(wq, &items[i].work));
			if (round % 2)
				jitter(&random, 100);
		}
		WAITING(flush_workqueue(wq));
		for (int i = 1; i < ITEMS; i++)
			if (items[i].order != items[i - 1].order + 1) {
				check_eq(items[i].order, items[i - 1].order + 1);
				break;
			}
	}
	destroy_workqueue(wq);
}

static void cancelled_items_leave_the_order_of_the_others(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("fifo");
	struct item busy;
	int last;

	plug(wq, &busy);
	for (int i = 0; i < ITEMS; i++) {
		item_init(&items[i], wq, item_count);
		check(queue_work(wq, &items[i].work));
	}
	for (int i = 0; i < ITEMS; i += 2)
		check(WAITING(cancel_work_sync(&items[i].work)));
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	last = busy.order;
	for (int i = 1; i < ITEMS; i += 2) {
		check_eq(items[i].order, last + 1);
		last = items[i].order;
	}
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(a_cpu_runs_its_items_in_order), TEST(a_single_thread_runs_its_items_in_order),
	  TEST(order_holds_while_the_worker_runs),
	  TEST(cancelled_items_leave_the_order_of_the_others))
