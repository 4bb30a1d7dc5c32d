/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "wq_set_worker_stack_size(): workers started after the call; 0 for what
 * WQ_STACK_SIZE says, else the C library's default." An item asks for the size of the
 * stack it runs on.
 */
#include "child.h"
#include "items.h"

#include <limits.h>

enum { PAGE = 4096 };

static size_t size_seen;

static void look(struct work_struct *work)
{
	pthread_attr_t attr;

	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstacksize(&attr, &size_seen);
	pthread_attr_destroy(&attr);
	item_count(work);
}

static size_t stack_of_a_new_worker(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("stack");
	struct item a;

	size_seen = 0;
	if (!check(wq != NULL))
		return 0;
	item_init(&a, wq, look);
	check(queue_work(wq, &a.work));
	WAITING((destroy_workqueue(wq), 0));
	return size_seen;
}

static void workers_started_after_the_call_have_that_size(void)
{
	static const size_t sizes[] = { 128 << 10, 1 << 20, 24 << 20 };
	struct workqueue_struct *before = create_singlethread_workqueue("before");
	struct item a;
	size_t usual = stack_of_a_new_worker();

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		check_eq(wq_set_worker_stack_size(sizes[i]), 0);
		check_eq(stack_of_a_new_worker() / PAGE, sizes[i] / PAGE);
	}
	item_init(&a, before, look);
	check(queue_work(before, &a.work));
	WAITING((destroy_workqueue(before), 0));
	check_eq(size_seen, usual);
	check_eq(wq_set_worker_stack_size(0), 0);
	check_eq(stack_of_a_new_worker(), usual);
}

static void the_smallest_stack_there_is_will_do(void)
{
	size_t smallest = (size_t)sysconf(_SC_THREAD_STACK_MIN);

	check_eq(wq_set_worker_stack_size(smallest), 0);
	check_eq(stack_of_a_new_worker() / PAGE, smallest / PAGE);
	check_eq(wq_set_worker_stack_size(0), 0);
}

static void what_is_no_size_for_a_stack_is_refused(void)
{
	size_t usual = stack_of_a_new_worker();

	check_eq(wq_set_worker_stack_size(1), -EINVAL);
	check_eq(wq_set_worker_stack_size((size_t)sysconf(_SC_THREAD_STACK_MIN) - 1), -EINVAL);
	check_eq(wq_set_worker_stack_size(SIZE_MAX), -EINVAL);
	check_eq(wq_set_worker_stack_size((size_t)1 << 40), -EINVAL);
	check_eq(stack_of_a_new_worker(), usual);
}

static void print_stack(void)
{
	wq_set_log_handler(NULL, NULL);
	printf("stack %zu pages\n", stack_of_a_new_worker() / PAGE);
}

static void check_environment(const char *value, const char *said)
{
	char out[4096];

	setenv("WQ_STACK_SIZE", value, 1);
	if (!check_eq(run_child("print_stack", out, sizeof(out)), 0) || !check(strstr(out, said) != NULL))
		printf("  WQ_STACK_SIZE=%s\n%s", value, out);
	unsetenv("WQ_STACK_SIZE");
}

static void the_environment_sets_the_default(void)
{
	check_environment("1048576", "stack 256 pages");
	check_environment("512K", "stack 128 pages");
	check_environment("3m", "stack 768 pages");
	check_environment("", "stack");
}

static void a_bad_value_in_the_environment_is_reported_and_ignored(void)
{
	static const char *const bad[] = { "big", "1M1", "12", "-1", "99999999999999999999999M", "1G" };
	char usual[64];

	snprintf(usual, sizeof(usual), "stack %zu pages", stack_of_a_new_worker() / PAGE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		check_environment(bad[i], "WQ_STACK_SIZE is no size of a stack, ignored");
		check_environment(bad[i], usual);
	}
}

static void call_in(int level, const char *text, void *ctx)
{
	(void)level;
	(void)ctx;
	printf("%s, %d cpus, queue %s\n", text, wq_nr_cpu_ids() > 0, create_singlethread_workqueue("in") ? "made" : "not made");
}

static void report_by_calling_in(void)
{
	struct workqueue_struct *wq;

	wq_set_log_handler(call_in, NULL);
	wq = create_singlethread_workqueue("stack");
	check(wq != NULL);
	WAITING((destroy_workqueue(wq), 0));
}

/* The report is made while the first call sets the library up, but under none of its locks. */
static void the_handler_of_that_report_may_call_the_library(void)
{
	char out[4096];

	setenv("WQ_STACK_SIZE", "big", 1);
	check_eq(run_child("report_by_calling_in", out, sizeof(out)), 0);
	if (!check(strstr(out, "no size of a stack, ignored: big, 1 cpus, queue made") != NULL))
		printf("%s", out);
	unsetenv("WQ_STACK_SIZE");
}

TEST_MAIN(TEST(workers_started_after_the_call_have_that_size),
	  TEST(the_smallest_stack_there_is_will_do), TEST(what_is_no_size_for_a_stack_is_refused),
	  TEST(the_environment_sets_the_default),
	  TEST(a_bad_value_in_the_environment_is_reported_and_ignored),
	  TEST(the_handler_of_that_report_may_call_the_library), CHILD(print_stack), CHILD(report_by_calling_in))
