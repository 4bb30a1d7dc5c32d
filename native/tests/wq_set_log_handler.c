/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wq_set_log_handler(): reports go to the handler with its context, or to
 * standard error without one. A refused call makes a report on demand.
 */
#include "child.h"
#include "items.h"

#include <linux/capability.h>
#include <sys/resource.h>

static char last_text[256];
static int last_level, calls;
static void *last_ctx;

static void handler(int level, const char *text, void *ctx)
{
	last_level = level;
	last_ctx = ctx;
	calls++;
	snprintf(last_text, sizeof(last_text), "%s", text);
}

static void make_a_report(void)
{
	static DECLARE_WORK(work, item_count);

	check(!queue_work(NULL, &work));
}

static void the_handler_gets_level_text_and_context(void)
{
	int here;

	calls = 0;
	wq_set_log_handler(handler, &here);
	make_a_report();
	wq_set_log_handler(test_log_handler, NULL);
	check_eq(calls, 1);
	check_eq(last_level, WQ_LOG_ERR);
	check(last_ctx == &here);
	check(strstr(last_text, "NULL") != NULL);
	check(last_text[0] && last_text[strlen(last_text) - 1] != '\n');
}

static void a_replaced_handler_is_not_called_again(void)
{
	calls = 0;
	wq_set_log_handler(handler, NULL);
	wq_set_log_handler(test_log_handler, NULL);
	make_a_report();
	check_eq(calls, 0);
	expect_report("NULL");
}

static void report_by_default(void)
{
	wq_set_log_handler(NULL, NULL);
	make_a_report();
	wq_set_log_handler(test_log_handler, NULL);
}

static void the_default_handler_writes_lines_to_standard_error(void)
{
	char out[4096], *report;

	check_eq(run_child("report_by_default", out, sizeof(out)), 0);
	report = strstr(out, "NULL");
	if (check(report != NULL))
		check(strchr(report, '\n') != NULL);
}

/* Nor may the threads that it starts. */
static void forbid_negative_nice(void)
{
	struct __user_cap_header_struct self = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	struct rlimit no_nice = { 0, 0 };

	check(syscall(SYS_capset, &self, none) == 0);
	check(setrlimit(RLIMIT_NICE, &no_nice) == 0);
}

/* A worker whose nice value is refused says so on level debug. */
static void work_without_nice(void)
{
	struct workqueue_struct *wq;

	forbid_negative_nice();
	calls = last_level = 0;
	wq_set_log_handler(handler, NULL);
	wq = create_singlethread_workqueue("plain");
	destroy_workqueue(wq);
	printf("%d reports, the last of level %d\n", calls, last_level);
}

static void debug_reports_come_with_WQ_DEBUG_only(void)
{
	const char *before = getenv("WQ_DEBUG");
	char out[4096];

	unsetenv("WQ_DEBUG");
	check_eq(run_child("work_without_nice", out, sizeof(out)), 0);
	check(strstr(out, "0 reports, the last of level 0") != NULL);
	setenv("WQ_DEBUG", "1", 1);
	check_eq(run_child("work_without_nice", out, sizeof(out)), 0);
	check(strstr(out, "1 reports, the last of level 7") != NULL);
	if (!before)
		unsetenv("WQ_DEBUG");
}

TEST_MAIN(TEST(the_handler_gets_level_text_and_context), TEST(a_replaced_handler_is_not_called_again),
	  TEST(the_default_handler_writes_lines_to_standard_error), CHILD(report_by_default),
	  TEST(debug_reports_come_with_WQ_DEBUG_only), CHILD(work_without_nice))
