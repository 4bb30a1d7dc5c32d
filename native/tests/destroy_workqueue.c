/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * destroy_workqueue() runs what is pending, waits for what runs and ends the
 * workers. Items stand at gates and threads are counted in /proc.
 */
#include "items.h"

static void pending_items_run_before_destroy_returns(void)
{
	static struct item items[1000];
	struct workqueue_struct *wq[2] = { create_workqueue("destroyed"),
					   create_singlethread_workqueue("single") };

	for (int i = 0; i < 1000; i++) {
		item_init(&items[i], wq[i % 2], item_count);
		check(queue_work(wq[i % 2], &items[i].work));
	}
	WAITING(destroy_workqueue(wq[0]));
	WAITING(destroy_workqueue(wq[1]));
	for (int i = 0; i < 1000; i++)
		check_eq(item_done(&items[i]), 1);
}

static void destroy_waits_for_a_running_item(void)
{
	struct workqueue_struct *wq = create_workqueue("destroyed");
	struct item a;
	struct call destroy;

	plug(wq, &a);
	call_start(&destroy, call_destroy, wq);
	check(call_sleeps(&destroy));
	gate_open(&a.gate);
	call_join(&destroy);
	check_eq(item_done(&a), 1);
}

static void the_workers_end(void)
{
	int before;

	init_workqueues();
	before = nr_threads();
	for (int i = 0; race_goes_on(i, 300); i++) {
		struct workqueue_struct *wq = i % 2 ? create_workqueue("destroyed")
						    : create_singlethread_workqueue("destroyed");
		struct item a;

		item_init(&a, wq, item_count);
		if (i % 3)
			queue_work(wq, &a.work);
		WAITING(destroy_workqueue(wq));
		check_eq(item_runs(&a), i % 3 != 0);
	}
	check(nr_threads_becomes(before));
}

static void an_item_may_outlive_its_queue_and_join_another(void)
{
	struct workqueue_struct *wq = create_workqueue("destroyed");
	struct item a;

	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	wq = create_singlethread_workqueue("destroyed");
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 2);
}

static struct workqueue_struct *inner;

static void destroy_inner(struct work_struct *work)
{
	item_started(item_of(work));
	WAITING(destroy_workqueue(inner));
	item_finished(item_of(work));
}

static void a_worker_may_destroy_another_queue(void)
{
	struct workqueue_struct *wq = create_workqueue("destroyed");
	struct item a, b;

	inner = create_workqueue("inner");
	item_init(&a, wq, destroy_inner);
	item_init(&b, inner, item_count);
	check(queue_work(inner, &b.work));
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(item_done(&a), 1);
	check_eq(item_done(&b), 1);
}

TEST_MAIN(TEST(pending_items_run_before_destroy_returns), TEST(destroy_waits_for_a_running_item),
	  TEST(the_workers_end), TEST(an_item_may_outlive_its_queue_and_join_another),
	  TEST(a_worker_may_destroy_another_queue))
