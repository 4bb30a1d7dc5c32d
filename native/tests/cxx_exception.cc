/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "It must return": a C++ exception that leaves a work or timer function ends the
 * process with a report that names the function, also where an outer work function
 * would catch it. Exceptions caught within the function are nobody's business.
 */
#include "child.h"
#include "items.h"

#include <linux/timer.h>
#include <signal.h>
#include <stdexcept>

extern "C" {
void throwing_function(struct work_struct *work);
void throwing_timer(struct timer_list *timer);
}

static struct workqueue_struct *outer_queue;

void throwing_function(struct work_struct *)
{
	throw std::runtime_error("out of a work function");
}

void throwing_timer(struct timer_list *)
{
	throw 1;
}

static void catch_and_count(struct work_struct *work)
{
	try {
		throw std::runtime_error("caught at once");
	} catch (const std::exception &) {
		item_count(work);
	}
}

static void flush_and_catch(struct work_struct *)
{
	try {
		flush_workqueue(outer_queue);
	} catch (...) {
		printf("caught outside\n");
		_exit(3);
	}
}

static void throw_out_of_a_work_function(void)
{
	static DECLARE_WORK(work, throwing_function);

	wq_set_log_handler(NULL, NULL);
	outer_queue = create_singlethread_workqueue("cxx");
	queue_work(outer_queue, &work);
	WAITING((flush_workqueue(outer_queue), 0));
}

static void throw_through_an_outer_work_function(void)
{
	static DECLARE_WORK(outer, flush_and_catch);
	static DECLARE_WORK(work, throwing_function);
	struct item busy;

	wq_set_log_handler(NULL, NULL);
	outer_queue = create_singlethread_workqueue("cxx");
	plug(outer_queue, &busy);
	queue_work(outer_queue, &outer);
	queue_work(outer_queue, &work);
	gate_open(&busy.gate);
	WAITING((flush_workqueue(outer_queue), 0));
}

static void throw_out_of_a_timer_function(void)
{
	static DEFINE_TIMER(timer, throwing_timer);

	wq_set_log_handler(NULL, NULL);
	timer.expires = wq_jiffies();
	add_timer(&timer);
	WAITING(pause());
}

static void check_dies(const char *child, const char *named)
{
	char out[4096];
	const char *bug;

	check_eq(run_child(child, out, sizeof(out)), 128 + SIGABRT);
	bug = strstr(out, "BUG: workqueue: an exception has left ");
	if (!check(bug != NULL) || !check(strstr(bug, named) != NULL) ||
	    !check(strstr(bug + 1, "BUG") == NULL))
		printf("%s", out);
}

static void one_that_leaves_a_work_function_ends_the_process_by_name(void)
{
	check_dies("throw_out_of_a_work_function", "work function throwing_function");
}

static void an_outer_work_function_does_not_catch_it(void)
{
	check_dies("throw_through_an_outer_work_function", "work function throwing_function");
}

static void one_that_leaves_a_timer_function_ends_the_process_by_name(void)
{
	check_dies("throw_out_of_a_timer_function", "timer function throwing_timer");
}

static void one_that_is_caught_within_is_fine(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cxx");
	struct item a;

	item_init(&a, wq, catch_and_count);
	check(queue_work(wq, &a.work));
	WAITING((destroy_workqueue(wq), 0));
	check_eq(item_runs(&a), 1);
}

TEST_MAIN(TEST(one_that_leaves_a_work_function_ends_the_process_by_name),
	  TEST(an_outer_work_function_does_not_catch_it),
	  TEST(one_that_leaves_a_timer_function_ends_the_process_by_name),
	  TEST(one_that_is_caught_within_is_fine), CHILD(throw_out_of_a_work_function),
	  CHILD(throw_through_an_outer_work_function), CHILD(throw_out_of_a_timer_function))
