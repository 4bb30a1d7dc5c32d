/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NULL for a queue, an item or a function is reported by name and refused; it
 * neither hangs nor harms what is queued. Every call gets every NULL it can.
 */
#include "items.h"

static void a_null_queue_is_refused(void)
{
	static DECLARE_WORK(work, item_count);

	check(!queue_work(NULL, &work));
	check_eq(expect_report("NULL"), 1);
	check(!work_pending(&work));
}

static void a_null_item_is_refused(void)
{
	struct workqueue_struct *wq = create_workqueue("unharmed");

	check(!queue_work(wq, NULL));
	check_eq(expect_report("NULL"), 1);
	check(!schedule_work(NULL));
	check_eq(expect_report("schedule_work"), 1);
	check(!WAITING(cancel_work_sync(NULL)));
	check_eq(expect_report("cancel_work_sync"), 1);
	check(!WAITING(cancel_work(NULL)));
	check_eq(expect_report("cancel_work()"), 1);
	destroy_workqueue(wq);
}

static void flushing_a_null_queue_is_reported(void)
{
	WAITING(flush_workqueue(NULL));
	check_eq(expect_report("NULL"), 1);
}

static void an_item_without_a_function_is_refused_and_usable_afterwards(void)
{
	struct workqueue_struct *wq = create_workqueue("unharmed");
	struct item a;

	item_init(&a, wq, NULL);
	check(!queue_work(wq, &a.work));
	check_eq(expect_report("function is NULL"), 1);
	check(!work_pending(&a.work));
	check(!schedule_work(&a.work));
	check_eq(reported("function is NULL"), 2);
	allow_report("function is NULL");
	PREPARE_WORK(&a.work, item_count);
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
}

static void null_functions_are_einval(void)
{
	static struct execute_work ew;

	check_eq(schedule_on_each_cpu(NULL), -EINVAL);
	check_eq(execute_in_process_context(NULL, &ew), -EINVAL);
	check_eq(execute_in_process_context(item_count, NULL), -EINVAL);
}

static void destroying_null_does_nothing(void)
{
	destroy_workqueue(NULL);
	check_eq(reported(""), 0);
}

static void leaving_an_interrupt_never_entered_is_reported(void)
{
	wq_interrupt_exit();
	check_eq(expect_report("wq_interrupt_exit"), 1);
	check(!wq_in_interrupt());
	wq_interrupt_enter();
	check(wq_in_interrupt());
	wq_interrupt_exit();
}

TEST_MAIN(TEST(a_null_queue_is_refused), TEST(a_null_item_is_refused),
	  TEST(flushing_a_null_queue_is_reported),
	  TEST(an_item_without_a_function_is_refused_and_usable_afterwards),
	  TEST(null_functions_are_einval), TEST(destroying_null_does_nothing),
	  TEST(leaving_an_interrupt_never_entered_is_reported))
