/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "At most ten reports in five seconds come from one place; the next one after that
 * says how many did not." Misuse is repeated; places do not share a limit.
 */
#include "items.h"

enum { BURST = 10, REPEATS = 50, SECONDS = 5 };

static void queue_nothing(int times)
{
	for (int i = 0; i < times; i++)
		check(!queue_work(NULL, NULL));
}

static void a_place_reports_ten_times_and_then_how_many_it_did_not(void)
{
	struct timespec rest = { SECONDS, 100000000 };

	queue_nothing(REPEATS);
	check_eq(expect_report("queue_work() of NULL"), BURST);
	flush_workqueue(NULL);
	cancel_work_sync(NULL);
	check_eq(expect_report("flush_workqueue() of NULL"), 1);
	check_eq(expect_report("cancel_work_sync() of NULL"), 1);
	check_eq(reported("suppressed"), 0);
	nanosleep(&rest, NULL); /* the window is real time: nothing else ends it */
	queue_nothing(1);
	check_eq(reported("queue_work() of NULL"), BURST + 1);
	check_eq(expect_report("40 reports like this were suppressed"), 1);
	queue_nothing(1);
	check_eq(reported("suppressed"), 1);
	allow_report("queue_work() of NULL");
}

TEST_MAIN(TEST(a_place_reports_ten_times_and_then_how_many_it_did_not))
