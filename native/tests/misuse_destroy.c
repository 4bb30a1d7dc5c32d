/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * destroy_workqueue() from the queue's own worker is reported and the queue lives
 * on; a destroyed queue is reported and refused by every call.
 */
#include "items.h"

static void destroy_own(struct work_struct *work)
{
	struct item *i = item_of(work);

	item_started(i);
	WAITING(destroy_workqueue(i->wq));
	item_finished(i);
}

static void destroy_from_the_own_worker_is_refused_and_the_queue_lives(void)
{
	struct workqueue_struct *wq[2] = { create_workqueue("percpu"),
					   create_singlethread_workqueue("single") };
	struct item a, b;

	for (int n = 0; n < 2; n++) {
		item_init(&a, wq[n], destroy_own);
		item_init(&b, wq[n], item_count);
		check(queue_work(wq[n], &a.work));
		check(queue_work(wq[n], &b.work));
		WAITING(flush_workqueue(wq[n]));
		check_eq(expect_report("own worker"), n + 1);
		check_eq(item_done(&a), 1);
		check_eq(item_runs(&b), 1);
		check(queue_work(wq[n], &b.work));
		WAITING(destroy_workqueue(wq[n]));
		check_eq(item_runs(&b), 2);
	}
}

static void queueing_on_a_destroyed_queue_is_refused_and_reported(void)
{
	struct workqueue_struct *wq = create_workqueue("dead");
	struct item a;

	item_init(&a, wq, item_count);
	destroy_workqueue(wq);
	check(!queue_work(wq, &a.work));
	expect_report("destroyed");
	check_eq(reported("dead"), 1); /* by name */
	check(!work_pending(&a.work));
	for (int i = 0; i < 1000; i++)
		check(!queue_work(wq, &a.work));
	check(allow_report("destroyed") <= 10); /* no flood */
	check(schedule_work(&a.work));
	WAITING(flush_scheduled_work());
	check_eq(item_runs(&a), 1);
}

static void an_item_that_ran_on_it_is_refused_too(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("dead");
	struct item a;

	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check(!queue_work(wq, &a.work));
	expect_report("destroyed");
	check_eq(item_runs(&a), 1);
	wq = create_singlethread_workqueue("next");
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 2);
}

static void a_queue_is_destroyed_once(void)
{
	struct workqueue_struct *wq = create_workqueue("dead");

	destroy_workqueue(wq);
	WAITING(destroy_workqueue(wq));
	expect_report("destroyed");
}

static void flushing_a_destroyed_queue_is_reported(void)
{
	struct workqueue_struct *wq = create_workqueue("dead");

	destroy_workqueue(wq);
	WAITING(flush_workqueue(wq));
	expect_report("destroyed");
}

static void something_that_never_was_a_queue_is_not_destroyed(void)
{
	static char memory[4096];

	WAITING(destroy_workqueue((struct workqueue_struct *)(void *)memory));
	check_eq(expect_report("destroy_workqueue"), 1);
}

static void an_item_that_requeues_itself_does_not_hold_destroy_for_ever(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("loop");
	struct item a;
	int runs;

	item_init(&a, wq, item_requeue);
	check(queue_work(wq, &a.work));
	WAITING(destroy_workqueue(wq));
	expect_report("loop");
	allow_report("destroyed");
	runs = item_runs(&a);
	check_eq(item_done(&a), runs);
	check(!work_pending(&a.work));
}

TEST_MAIN(TEST(destroy_from_the_own_worker_is_refused_and_the_queue_lives),
	  TEST(queueing_on_a_destroyed_queue_is_refused_and_reported),
	  TEST(an_item_that_ran_on_it_is_refused_too), TEST(a_queue_is_destroyed_once),
	  TEST(flushing_a_destroyed_queue_is_reported),
	  TEST(something_that_never_was_a_queue_is_not_destroyed),
	  TEST(an_item_that_requeues_itself_does_not_hold_destroy_for_ever))
