/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wq_init_work(), wq_work_pending() and wq_work_clear_pending() do what the
 * macros of the same meaning do. Items made by both are compared bit by bit.
 */
#include "items.h"

static void the_function_initialises_as_the_macro_does(void)
{
	static struct work_struct a, b;
	struct workqueue_struct *wq = create_workqueue("initialised");
	struct item i;

	memset(&a, 0x5a, sizeof(a));
	memset(&b, 0x5a, sizeof(b));
	wq_init_work(&a, item_count);
	INIT_WORK(&b, item_count);
	check_eq(a.data, b.data);
	check(a.entry.next == &a.entry && a.entry.prev == &a.entry);
	check(a.func == b.func);
	item_init(&i, wq, NULL);
	wq_init_work(&i.work, item_count);
	check(queue_work(wq, &i.work));
	destroy_workqueue(wq);
	check_eq(item_runs(&i), 1);
}

static void the_twins_agree_with_the_macros(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("initialised");
	struct item busy, a;

	plug(wq, &busy);
	item_init(&a, wq, item_count);
	check(!wq_work_pending(&a.work));
	check(queue_work(wq, &a.work));
	check(wq_work_pending(&a.work) && work_pending(&a.work));
	check(WAITING(cancel_work_sync(&a.work)));
	check(!wq_work_pending(&a.work));
	a.work.data |= 1UL << WORK_STRUCT_PENDING;
	wq_work_clear_pending(&a.work);
	check(!work_pending(&a.work));
	check(queue_work(wq, &a.work));
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
}

TEST_MAIN(TEST(the_function_initialises_as_the_macro_does), TEST(the_twins_agree_with_the_macros))
