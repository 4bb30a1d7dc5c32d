/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PREPARE_WORK() changes what the next run calls, also while the item is pending;
 * the worker reads the function when it takes the item. Two functions leave
 * different marks.
 */
#include "items.h"

static int first_runs, second_runs;

static void first(struct work_struct *work)
{
	first_runs++;
	item_count(work);
}

static void second(struct work_struct *work)
{
	second_runs++;
	item_count(work);
}

static void it_changes_the_function_of_an_idle_item(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("prepared");
	struct item a;

	first_runs = second_runs = 0;
	item_init(&a, wq, first);
	PREPARE_WORK(&a.work, second);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(first_runs, 0);
	check_eq(second_runs, 1);
	PREPARE_WORK(&a.work, first);
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(first_runs, 1);
	check_eq(second_runs, 1);
}

static void it_changes_the_function_of_a_pending_item(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("prepared");
	struct item busy, before, a;

	first_runs = second_runs = 0;
	plug(wq, &busy);
	item_init(&before, wq, item_block);
	item_init(&a, wq, first);
	check(queue_work(wq, &before.work));
	check(queue_work(wq, &a.work));
	gate_open(&busy.gate);
	gate_wait_reached(&before.gate, 1); /* "a" is next in the same batch */
	PREPARE_WORK(&a.work, second);
	gate_open(&before.gate);
	destroy_workqueue(wq);
	check_eq(first_runs, 0);
	check_eq(second_runs, 1);
}

static void switch_and_requeue(struct work_struct *work)
{
	first_runs++;
	PREPARE_WORK(work, second);
	queue_work(item_of(work)->wq, work);
}

static void a_function_may_switch_its_item_to_another(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("prepared");
	struct item a;

	first_runs = second_runs = 0;
	item_init(&a, wq, switch_and_requeue);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	destroy_workqueue(wq);
	check_eq(first_runs, 1);
	check_eq(second_runs, 1);
}

TEST_MAIN(TEST(it_changes_the_function_of_an_idle_item),
	  TEST(it_changes_the_function_of_a_pending_item),
	  TEST(a_function_may_switch_its_item_to_another))
