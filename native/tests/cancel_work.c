/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cancel_work() takes back what is pending, wherever it is, and waits for nothing:
 * not for a run under way, not for another canceller.
 */
#include "test.h"

#define CANCEL_WAY cancel_work
#include "support/cancel_table.h"

static void garbage_is_refused(void)
{
	struct work_struct work;

	memset(&work, 0xaa, sizeof(work));
	check(!WAITING(cancel_work(&work)));
	check_eq(expect_report("cancel_work() of an item that was never initialised"), 1);
}

TEST_MAIN(CANCEL_TABLE(CANCEL_TEST) TEST(items_go_from_everywhere_in_the_queue), TEST(garbage_is_refused))
