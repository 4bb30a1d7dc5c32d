/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Items on the stack: their initialisers make usable items, from_work() finds the object
 * around one, and destroy_work_on_stack() says nothing of an item that is through. With
 * WQ_DEBUG=1 it reports one that is pending, and takes it back.
 */
#include "child.h"
#include "items.h"
#include "support/delayed.h"

void on_stack_function(struct work_struct *work);

struct job {
	int before;
	struct work_struct work;
	struct delayed_work later;
	int runs;
};

void on_stack_function(struct work_struct *work)
{
	struct job *job = from_work(job, work, work);

	__atomic_fetch_add(&job->runs, 1, __ATOMIC_SEQ_CST);
}

static void later_function(struct work_struct *work)
{
	struct job *job = from_work(job, work, later.work);

	__atomic_fetch_add(&job->runs, 1, __ATOMIC_SEQ_CST);
}

static void from_work_finds_the_object_around_an_item(void)
{
	struct job job, *found;

	check(from_work(found, &job.work, work) == &job);
	check(from_work(found, &job.later.work, later.work) == &job);
}

static void items_on_the_stack_run_and_go(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("stack");
	struct job job;

	memset(&job, 0xa5, sizeof(job));
	job.runs = 0;
	INIT_WORK_ONSTACK(&job.work, on_stack_function);
	INIT_DELAYED_WORK_ONSTACK(&job.later, later_function);
	check_eq(job.later.timer.flags, 0);
	check(queue_work(wq, &job.work));
	check(queue_delayed_work(wq, &job.later, 0));
	WAITING(flush_workqueue(wq));
	check_eq(job.runs, 2);
	destroy_work_on_stack(&job.work);
	destroy_delayed_work_on_stack(&job.later);
	INIT_DEFERRABLE_WORK_ONSTACK(&job.later, later_function);
	check_eq(job.later.timer.flags, TIMER_DEFERRABLE);
	check(queue_delayed_work(wq, &job.later, 0));
	WAITING(flush_workqueue(wq));
	check_eq(job.runs, 3);
	destroy_delayed_work_on_stack(&job.later);
	destroy_workqueue(wq);
}

static void a_pending_item_is_left_alone_without_the_checks(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("stack");
	struct item busy;
	struct job job;

	if (getenv("WQ_DEBUG")) {
		skip("the checks are on");
		destroy_workqueue(wq);
		return;
	}
	job.runs = 0;
	plug(wq, &busy);
	INIT_WORK_ONSTACK(&job.work, on_stack_function);
	check(queue_work(wq, &job.work));
	destroy_work_on_stack(&job.work);
	check(work_pending(&job.work));
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	check_eq(job.runs, 1);
}

static void with_the_checks_pending_items_are_taken_back(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("stack");
	struct item busy;
	struct job job;

	job.runs = 0;
	INIT_WORK_ONSTACK(&job.work, on_stack_function);
	INIT_DELAYED_WORK_ONSTACK(&job.later, later_function);
	destroy_work_on_stack(&job.work);
	destroy_delayed_work_on_stack(&job.later);
	plug(wq, &busy);
	check(queue_work(wq, &job.work));
	check(queue_delayed_work(wq, &job.later, AN_HOUR));
	destroy_work_on_stack(&job.work);
	check_eq(expect_report("queued with function on_stack_function"), 1);
	check_eq(reported("on wq stack is on a stack that is left, and is still pending: cancelled"), 1);
	destroy_delayed_work_on_stack(&job.later);
	check_eq(expect_report("is on a stack that is left, and is still pending: cancelled"), 2);
	check(!work_pending(&job.work));
	check(!delayed_work_pending(&job.later));
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	check_eq(job.runs, 0);
}

static void with_the_checks_a_pending_item_is_reported(void)
{
	setenv("WQ_DEBUG", "1", 1);
	passes_in_a_child("with_the_checks_pending_items_are_taken_back");
}

TEST_MAIN(TEST(from_work_finds_the_object_around_an_item), TEST(items_on_the_stack_run_and_go),
	  TEST(a_pending_item_is_left_alone_without_the_checks), TEST(with_the_checks_a_pending_item_is_reported),
	  CHILD(with_the_checks_pending_items_are_taken_back))
