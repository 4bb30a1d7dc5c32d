/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Misuse of timers and delayed work is reported by name and refused, or aborts
 * where going on could lose work; what was armed goes on. Calls get NULL, garbage
 * and timers that are pending; what must abort does so in a child.
 */
#include "test.h"
#include "support/delayed.h"
#include "child.h"

#include <signal.h>

static void nothing(struct timer_list *timer)
{
	(void)timer;
}

static void add_a_pending_timer(void)
{
	static DEFINE_TIMER(timer, nothing);

	wq_set_log_handler(NULL, NULL);
	timer.expires = jiffies + AN_HOUR;
	add_timer(&timer);
	add_timer(&timer);
}

static void add_a_pending_timer_on(void)
{
	static DEFINE_TIMER(timer, nothing);

	wq_set_log_handler(NULL, NULL);
	mod_timer(&timer, jiffies + AN_HOUR);
	add_timer_on(&timer, allowed_cpu(0));
}

static void arm_the_timer_of_a_delayed_work(void)
{
	static DECLARE_DELAYED_WORK(dwork, delayed_count);

	wq_set_log_handler(NULL, NULL);
	timer_setup(&dwork.timer, nothing, 0);
	mod_timer(&dwork.timer, jiffies + AN_HOUR);
	queue_delayed_work(create_workqueue("delays"), &dwork, 1);
}

static void check_aborts(const char *child, const char *named)
{
	char out[4096];

	check_eq(run_child(child, out, sizeof(out)), 128 + SIGABRT);
	if (!check(strstr(out, named) != NULL) || !check(strstr(out, "BUG") != NULL))
		printf("%s", out);
}

static void adding_a_pending_timer_is_reported_and_aborts(void)
{
	check_aborts("add_a_pending_timer", "add_timer()");
	check_aborts("add_a_pending_timer_on", "add_timer");
}

static void delaying_work_whose_timer_the_caller_armed_is_reported_and_aborts(void)
{
	check_aborts("arm_the_timer_of_a_delayed_work", "queue_delayed_work()");
}

static void a_timer_without_a_function_is_refused(void)
{
	struct timer_list timer;

	init_timer(&timer);
	timer.function = NULL;
	timer.expires = jiffies;
	add_timer(&timer);
	check_eq(expect_report("no function"), 1);
	add_timer_on(&timer, allowed_cpu(0));
	check_eq(mod_timer(&timer, jiffies), 0);
	check_eq(expect_report("no function"), 3);
	check(!timer_pending(&timer));
	check_eq(del_timer_sync(&timer), 0);
}

static void a_null_timer_is_refused(void)
{
	add_timer(NULL);
	add_timer_on(NULL, 0);
	check_eq(mod_timer(NULL, 0), 0);
	check_eq(expect_report("NULL"), 3);
	check_eq(del_timer(NULL), 0);
	check_eq(WAITING(del_timer_sync(NULL)), 0);
	check_eq(try_to_del_timer_sync(NULL), 0);
	wq_init_timer(NULL, 0);
	allow_report("NULL");
}

static void null_queues_and_items_are_refused(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	check(!queue_delayed_work(NULL, &a.dwork, 1));
	check(!queue_delayed_work(NULL, &a.dwork, 0));
	check(!queue_delayed_work(wq, NULL, 1));
	check(!queue_delayed_work(wq, NULL, 0));
	check_eq(expect_report("queue_delayed_work() of NULL"), 4);
	check(!queue_delayed_work_on(0, NULL, &a.dwork, 1));
	check(!queue_delayed_work_on(0, wq, NULL, 1));
	check_eq(expect_report("queue_delayed_work_on() of NULL"), 2);
	check(!wq_queue_delayed_work_ns(NULL, &a.dwork, 1));
	check(!wq_queue_delayed_work_ns(wq, NULL, 1));
	check_eq(expect_report("wq_queue_delayed_work_ns() of NULL"), 2);
	check(!schedule_delayed_work(NULL, 1));
	check(!schedule_delayed_work(NULL, 0));
	check_eq(expect_report("schedule_delayed_work() of NULL"), 2);
	check(!schedule_delayed_work_on(0, NULL, 1));
	check_eq(expect_report("schedule_delayed_work_on() of NULL"), 1);
	check(!delayed_work_pending(&a.dwork));
	check(delayed_arm(&a, 1));
	delayed_await(&a, 1);
	destroy_workqueue(wq);
}

static void cancelling_null_is_refused(void)
{
	check(!WAITING(cancel_delayed_work(NULL)));
	check(!WAITING(cancel_delayed_work_sync(NULL)));
	WAITING((cancel_rearming_delayed_work(NULL), 0));
	WAITING((cancel_rearming_delayed_workqueue(NULL, NULL), 0));
	check_eq(expect_report("NULL"), 4);
	wq_init_delayed_work(NULL, NULL, false);
}

static void an_item_without_a_function_is_refused_and_usable_afterwards(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;

	delayed_init(&a, wq, NULL);
	check(!queue_delayed_work(wq, &a.dwork, 1));
	check(!queue_delayed_work(wq, &a.dwork, 0));
	check(!queue_delayed_work_on(0, wq, &a.dwork, 0));
	check_eq(expect_report("function is NULL"), 3);
	check(!delayed_work_pending(&a.dwork));
	check(!timer_pending(&a.dwork.timer));
	PREPARE_DELAYED_WORK(&a.dwork, delayed_count);
	check(delayed_arm(&a, 1));
	delayed_await(&a, 1);
	destroy_workqueue(wq);
}

static void an_item_never_initialised_is_refused(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_work garbage;

	for (int byte = 1; byte < 256; byte++) {
		capture_reports();
		memset(&garbage, byte, sizeof(garbage));
		check(!queue_delayed_work(wq, &garbage, 1));
		check(!queue_delayed_work(wq, &garbage, 0));
		check_eq(allow_report("never initialised"), 2);
		check(!WAITING(cancel_delayed_work(&garbage)));
		check(!WAITING(cancel_delayed_work_sync(&garbage)));
		check_eq(allow_report("never initialised"), 4);
		test_state.nr_reports = 0;
	}
	INIT_DELAYED_WORK(&garbage, delayed_count);
	check(queue_delayed_work(wq, &garbage, AN_HOUR));
	check(cancel_delayed_work_sync(&garbage));
	destroy_workqueue(wq);
}

static void an_item_of_zeros_is_refused(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_work zeros;

	memset(&zeros, 0, sizeof(zeros));
	check(!queue_delayed_work(wq, &zeros, 1));
	check(!queue_delayed_work(wq, &zeros, 0));
	check_eq(expect_report("cannot queue"), 2);
	zeros.work.func = delayed_count;
	check(!queue_delayed_work(wq, &zeros, 1));
	check(!queue_delayed_work(wq, &zeros, 0));
	check_eq(expect_report("never initialised"), 2);
	check(!delayed_work_pending(&zeros));
	check(!timer_pending(&zeros.timer));
	destroy_workqueue(wq);
}

static void a_queue_destroyed_takes_no_delayed_work(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	destroy_workqueue(wq);
	check(!queue_delayed_work(wq, &a.dwork, 1));
	check(expect_report("destroy") >= 1);
	check(!delayed_work_pending(&a.dwork));
	let_pass(2);
	check_eq(delayed_runs(&a), 0);
}

TEST_MAIN(TEST(adding_a_pending_timer_is_reported_and_aborts),
	  TEST(delaying_work_whose_timer_the_caller_armed_is_reported_and_aborts),
	  TEST(a_timer_without_a_function_is_refused), TEST(a_null_timer_is_refused),
	  TEST(null_queues_and_items_are_refused), TEST(cancelling_null_is_refused),
	  TEST(an_item_without_a_function_is_refused_and_usable_afterwards),
	  TEST(an_item_never_initialised_is_refused), TEST(an_item_of_zeros_is_refused),
	  TEST(a_queue_destroyed_takes_no_delayed_work), CHILD(add_a_pending_timer),
	  CHILD(add_a_pending_timer_on), CHILD(arm_the_timer_of_a_delayed_work))
