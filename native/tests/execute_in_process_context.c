/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * execute_in_process_context() calls the function at once, or on the global
 * queue while the caller says it is in an interrupt. The run notes its thread.
 */
#include "items.h"

static struct execute_work ew;
static struct work_struct *got;
static long ran_on;
static int runs;

static void note_run(struct work_struct *work)
{
	got = work;
	ran_on = syscall(SYS_gettid);
	__atomic_fetch_add(&runs, 1, __ATOMIC_SEQ_CST);
}

static void outside_an_interrupt_the_function_runs_at_once(void)
{
	runs = 0;
	check_eq(execute_in_process_context(note_run, &ew), 0);
	check_eq(runs, 1);
	check(got == &ew.work);
	check_eq(ran_on, syscall(SYS_gettid));
}

static void inside_an_interrupt_the_function_is_queued(void)
{
	int queued;

	runs = 0;
	wq_interrupt_enter();
	queued = execute_in_process_context(note_run, &ew);
	wq_interrupt_exit();
	check_eq(queued, 1);
	WAITING(flush_scheduled_work());
	check_eq(runs, 1);
	check(got == &ew.work);
	check(ran_on != syscall(SYS_gettid));
}

static void the_storage_may_be_used_again_after_the_run(void)
{
	runs = 0;
	for (int i = 1; i <= 100; i++) {
		memset(&ew, 0xa5, sizeof(ew)); /* the call initialises it */
		wq_interrupt_enter();
		check_eq(execute_in_process_context(note_run, &ew), 1);
		wq_interrupt_exit();
		WAITING(flush_scheduled_work());
		check_eq(runs, i);
	}
}

TEST_MAIN(TEST(outside_an_interrupt_the_function_runs_at_once),
	  TEST(inside_an_interrupt_the_function_is_queued),
	  TEST(the_storage_may_be_used_again_after_the_run))
