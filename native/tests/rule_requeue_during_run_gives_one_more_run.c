/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Queueing during the run gives one more run", and exactly one. The item stands
 * at a gate in its run while it is queued many times, by others and by itself.
 */
#include "items.h"

static void requeue_from_elsewhere_during_the_run_gives_one_more(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("requeued");
	struct item a;

	plug(wq, &a);
	check(queue_work(wq, &a.work));
	for (int i = 0; i < 100; i++)
		check(!queue_work(wq, &a.work));
	gate_open(&a.gate);
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 2);
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 2);
}

static void requeue_thrice_in_the_first_run(struct work_struct *work)
{
	struct item *i = item_of(work);

	item_started(i);
	if (item_runs(i) == 1) {
		check(queue_work(i->wq, work));
		check(!queue_work(i->wq, work));
		check(!queue_work(i->wq, work));
	}
	item_finished(i);
}

static void requeue_from_the_function_itself_gives_one_more(void)
{
	struct workqueue_struct *wq[2] = { create_workqueue("requeued"),
					   create_singlethread_workqueue("single") };
	struct item a;

	for (int n = 0; n < 2; n++) {
		item_init(&a, wq[n], requeue_thrice_in_the_first_run);
		check(queue_work(wq[n], &a.work));
		WAITING(flush_workqueue(wq[n])); /* the first run */
		WAITING(flush_workqueue(wq[n])); /* the one it queued */
		check_eq(item_runs(&a), 2);
		destroy_workqueue(wq[n]);
		check_eq(item_runs(&a), 2);
	}
}

static void requeue_up_to(struct work_struct *work)
{
	struct item *i = item_of(work);

	item_started(i);
	if (item_runs(i) < 100000)
		check(queue_work(i->wq, work));
	else
		gate_wait(&i->gate);
	item_finished(i);
}

static void an_item_may_requeue_itself_a_hundred_thousand_times(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("requeued");
	struct item a;

	item_init(&a, wq, requeue_up_to);
	check(queue_work(wq, &a.work));
	gate_wait_reached(&a.gate, 1);
	gate_open(&a.gate);
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 100000);
}

static void a_requeued_item_goes_behind_those_waiting(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("requeued");
	struct item a, b;

	plug(wq, &a);
	item_init(&b, wq, item_count);
	check(queue_work(wq, &b.work));
	check(queue_work(wq, &a.work));
	gate_open(&a.gate);
	WAITING(flush_workqueue(wq));
	check_eq(a.order, b.order + 1);
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(requeue_from_elsewhere_during_the_run_gives_one_more),
	  TEST(requeue_from_the_function_itself_gives_one_more),
	  TEST(an_item_may_requeue_itself_a_hundred_thousand_times),
	  TEST(a_requeued_item_goes_behind_those_waiting))
