/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An item that was never initialised, or was copied, is reported and refused,
 * and the queue goes on. Items are filled with garbage before they are queued.
 */
#include "items.h"

static const unsigned long garbage[] = {
	0xaaaaaaaaaaaaaaaaUL, 0xdeadbeefUL << 8, 0x5a5a5a5a5a5a5a00UL,
	0x7fff00000000UL,     0x00007ffffffff000UL, 0x10UL, 0xfeUL,
};

static void an_item_with_garbage_for_a_state_is_refused_and_reported(void)
{
	struct workqueue_struct *wq = create_workqueue("refuses");
	struct item a, good;

	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		capture_reports();
		item_init(&a, wq, item_count);
		a.work.data = garbage[i];
		check(!queue_work(wq, &a.work));
		check_eq(a.work.data, garbage[i]);
		check_eq(reported("never initialised"), i + 1);
		check(!schedule_work(&a.work));
		allow_report("never initialised");
		item_init(&good, wq, item_count);
		check(queue_work(wq, &good.work));
		WAITING(flush_workqueue(wq));
		check_eq(item_runs(&good), 1);
		check_eq(item_runs(&a), 0);
		test_state.nr_reports = (int)i + 1; /* those of queue_work() */
	}
	destroy_workqueue(wq);
}

static void garbage_of_every_byte_is_refused(void)
{
	struct workqueue_struct *wq = create_workqueue("refuses");
	struct work_struct work;

	for (int byte = 1; byte < 256; byte++) {
		memset(&work, byte, sizeof(work));
		check(!queue_work(wq, &work));
		allow_report("never initialised");
		test_state.nr_reports = 0;
	}
	destroy_workqueue(wq);
}

static void garbage_that_was_refused_can_be_initialised_and_queued(void)
{
	struct workqueue_struct *wq = create_workqueue("refuses");
	struct item a;

	item_init(&a, wq, item_count);
	memset(&a.work, 0xaa, sizeof(a.work));
	check(!queue_work(wq, &a.work));
	expect_report("never initialised");
	INIT_WORK(&a.work, item_count);
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
}

static void what_looks_like_freed_memory_is_called_so(void)
{
	static const int poison[] = { 0x6b, 0xa5, 0xdd, 0xcc, 0xfe, 0x5a };
	struct workqueue_struct *wq = create_workqueue("refuses");
	struct work_struct work;

	for (size_t i = 0; i < sizeof(poison) / sizeof(poison[0]); i++) {
		memset(&work, poison[i], sizeof(work));
		check(!queue_work(wq, &work));
		check_eq(reported("looks freed"), i + 1);
	}
	memset(&work, 0xaa, sizeof(work));
	check(!queue_work(wq, &work));
	check_eq(reported("looks freed"), sizeof(poison) / sizeof(poison[0]));
	allow_report("never initialised");
	destroy_workqueue(wq);
}

static void cancelling_garbage_is_refused_and_reported(void)
{
	struct work_struct work;

	memset(&work, 0xaa, sizeof(work));
	check(!WAITING(cancel_work_sync(&work)));
	check_eq(expect_report("never initialised"), 1);
}

static void a_copied_item_is_refused_and_the_original_still_works(void)
{
	struct workqueue_struct *wq = create_workqueue("refuses");
	struct item a, copy;

	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	copy = a;
	check(!queue_work(wq, &copy.work));
	check_eq(expect_report("copied"), 1);
	check(!work_pending(&copy.work));
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 2);
	check_eq(item_runs(&copy), 1); /* copied along, not run */
}

static void a_copy_of_a_pending_item_is_refused(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("refuses");
	struct item busy, a, copy;

	plug(wq, &busy);
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	copy = a;
	check(!queue_work(wq, &copy.work));
	allow_report("copied");
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
	check_eq(item_runs(&copy), 0);
}

TEST_MAIN(TEST(an_item_with_garbage_for_a_state_is_refused_and_reported),
	  TEST(garbage_of_every_byte_is_refused),
	  TEST(garbage_that_was_refused_can_be_initialised_and_queued),
	  TEST(what_looks_like_freed_memory_is_called_so),
	  TEST(cancelling_garbage_is_refused_and_reported),
	  TEST(a_copied_item_is_refused_and_the_original_still_works),
	  TEST(a_copy_of_a_pending_item_is_refused))
