/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "The pending bit is cleared before the function is called." The function looks
 * at its own item's bit, in the first of many items and in the last.
 */
#include "items.h"

static int pending_seen;

static void look(struct work_struct *work)
{
	pending_seen += work_pending(work);
	item_count(work);
}

static void a_function_never_sees_its_own_item_pending(void)
{
	static struct item items[100];
	struct workqueue_struct *wq = create_singlethread_workqueue("cleared");
	struct item busy;

	pending_seen = 0;
	plug(wq, &busy);
	for (int i = 0; i < 100; i++) {
		item_init(&items[i], wq, look);
		check(queue_work(wq, &items[i].work));
	}
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	for (int i = 0; i < 100; i++)
		check_eq(item_runs(&items[i]), 1);
	check_eq(pending_seen, 0);
	destroy_workqueue(wq);
}

static void the_item_behind_stays_pending_meanwhile(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cleared");
	struct item busy, behind;

	plug(wq, &busy);
	item_init(&behind, wq, look);
	check(queue_work(wq, &behind.work));
	check(!work_pending(&busy.work));
	check(work_pending(&behind.work));
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	check_eq(item_runs(&behind), 1);
}

TEST_MAIN(TEST(a_function_never_sees_its_own_item_pending),
	  TEST(the_item_behind_stays_pending_meanwhile))
