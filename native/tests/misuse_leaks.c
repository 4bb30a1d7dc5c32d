/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * With WQ_DEBUG=1 a function that leaves its thread's state changed is reported, in
 * one report that names it and all it left, and the next item finds the state as it
 * was. Each kind of state is changed, then read by a second item.
 */
#include "items.h"
#include "support/debug.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void leaking_function(struct work_struct *work);

static struct workqueue_struct *wq;
static void (*leak)(void);

/* What the second item sees. */
static struct {
	sigset_t blocked;
	cpu_set_t affinity;
	int nice, depth;
	char name[16];
} before, after;

void leaking_function(struct work_struct *work)
{
	leak();
	item_count(work);
}

static void look(struct work_struct *work)
{
	pthread_sigmask(SIG_SETMASK, NULL, &after.blocked);
	sched_getaffinity(0, sizeof(after.affinity), &after.affinity);
	after.nice = getpriority(PRIO_PROCESS, 0);
	prctl(PR_GET_NAME, after.name, 0, 0, 0);
	after.depth = wq_in_interrupt();
	item_count(work);
}

static void run(work_func_t func)
{
	struct item a;

	item_init(&a, wq, func);
	check(queue_work(wq, &a.work));
	WAITING((flush_workqueue(wq), 0));
	check_eq(item_runs(&a), 1);
}

static void check_reported_and_undone(void (*leak_it)(void), const char *what)
{
	wq = create_singlethread_workqueue("leaks");
	run(look);
	before = after;
	leak = leak_it;
	run(leaking_function);
	check_eq(expect_report("BUG: workqueue leaked lock or atomic: leaks/0x0000000"), 1);
	check_eq(reported("last function: leaking_function"), 1);
	if (!check_eq(reported(what), 1))
		printf("  not \"%s\": %s\n", what, test_state.reports[test_state.nr_reports - 1].text);
	memset(&after, 0, sizeof(after));
	run(look);
	check_eq(sigismember(&after.blocked, SIGSEGV), sigismember(&before.blocked, SIGSEGV));
	check_eq(sigismember(&after.blocked, SIGUSR1), sigismember(&before.blocked, SIGUSR1));
	check(CPU_EQUAL(&after.affinity, &before.affinity));
	if (!reported("cannot be put back"))
		check_eq(after.nice, before.nice);
	check_eq(strcmp(after.name, before.name), 0);
	check_eq(after.depth, before.depth);
	check_eq(reported("leaked"), 1);
	destroy_workqueue(wq);
}

static void leak_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void leak_affinity(void)
{
	pin_to_cpu(allowed_cpu(allowed_cpus() - 1));
}

static void leak_nice(void)
{
	setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 5);
}

static void leak_name(void)
{
	prctl(PR_SET_NAME, "renamed", 0, 0, 0);
}

static void leak_depth(void)
{
	wq_interrupt_enter();
}

static void leak_all(void)
{
	leak_signals();
	leak_nice();
	leak_name();
	leak_depth();
}

static void leak_nothing(void)
{
	wq_interrupt_enter();
	prctl(PR_SET_NAME, "leaks", 0, 0, 0);
	wq_interrupt_exit();
}

static void a_changed_signal_mask_is_reported_and_undone(void)
{
	check_reported_and_undone(leak_signals, ", signal mask 0x");
}

static void a_changed_affinity_is_reported_and_undone(void)
{
	if (need_two_cpus())
		check_reported_and_undone(leak_affinity, ", CPU affinity");
}

static void a_changed_nice_value_is_reported_and_undone(void)
{
	check_reported_and_undone(leak_nice, ", nice ");
}

static void a_changed_thread_name_is_reported_and_undone(void)
{
	check_reported_and_undone(leak_name, ", thread name \"leaks\" -> \"renamed\"");
}

static void an_open_interrupt_section_is_reported_and_undone(void)
{
	check_reported_and_undone(leak_depth, ", interrupt depth 0 -> 1");
}

static void all_that_leaks_is_in_one_report(void)
{
	check_reported_and_undone(leak_all, "\"renamed\", interrupt depth 0 -> 1");
}

static void what_a_function_puts_back_itself_is_not_reported(void)
{
	wq = create_singlethread_workqueue("leaks");
	leak = leak_nothing;
	run(leaking_function);
	check_eq(reported("leaked"), 0);
	destroy_workqueue(wq);
}

static void free_own(struct work_struct *work)
{
	leak_name();
	memset(work, 0x6b, sizeof(*work));
	free(item_of(work));
}

/* The check reads nothing of the item after its function began. */
static void a_function_that_leaks_may_free_its_item(void)
{
	struct item *a = (struct item *)malloc(sizeof(*a));

	wq = create_singlethread_workqueue("leaks");
	item_init(a, wq, free_own);
	check(queue_work(wq, &a->work));
	WAITING((destroy_workqueue(wq), 0));
	check_eq(expect_report("leaked"), 1);
}

TEST_MAIN(TEST(a_changed_signal_mask_is_reported_and_undone),
	  TEST(a_changed_affinity_is_reported_and_undone),
	  TEST(a_changed_nice_value_is_reported_and_undone),
	  TEST(a_changed_thread_name_is_reported_and_undone),
	  TEST(an_open_interrupt_section_is_reported_and_undone),
	  TEST(all_that_leaks_is_in_one_report),
	  TEST(what_a_function_puts_back_itself_is_not_reported),
	  TEST(a_function_that_leaks_may_free_its_item))
