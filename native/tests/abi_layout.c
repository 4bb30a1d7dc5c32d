/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sizes, offsets and numbers that programs were compiled with never change. They
 * are written out here once more, apart from the header, and compared; the items
 * that the library initialises must come out as the header's own macros make them.
 */
#include "test.h"

#include <linux/workqueue.h>

static void work_struct_has_the_layout_clients_overlay(void)
{
	check_eq(sizeof(struct work_struct), 32);
	check_eq(_Alignof(struct work_struct), 8);
	check_eq(offsetof(struct work_struct, data), 0);
	check_eq(offsetof(struct work_struct, entry), 8);
	check_eq(offsetof(struct work_struct, entry.prev), 16);
	check_eq(offsetof(struct work_struct, func), 24);
	check_eq(sizeof(((struct work_struct *)0)->data), 8);
	check_eq(sizeof(work_func_t), 8);
	check_eq(sizeof(struct list_head), 16);
}

static void execute_work_is_a_work_item(void)
{
	check_eq(sizeof(struct execute_work), 32);
	check_eq(offsetof(struct execute_work, work), 0);
}

static void constants_have_their_numbers(void)
{
	check_eq(WORK_STRUCT_PENDING, 0);
	check_eq(WQ_LOG_CRIT, 2);
	check_eq(WQ_LOG_ERR, 3);
	check_eq(WQ_LOG_WARNING, 4);
	check_eq(WQ_LOG_DEBUG, 7);
	check_eq(WORK_DATA_INIT(), 0);
	check_eq(workqueue_abi_version(), WORKQUEUE_ABI_VERSION);
}

static void nothing(struct work_struct *work)
{
	(void)work;
}

static void the_library_initialises_as_the_macros_do(void)
{
	struct work_struct by_call, by_macro;

	memset(&by_call, 0xa5, sizeof(by_call));
	memset(&by_macro, 0x5a, sizeof(by_macro));
	wq_init_work(&by_call, nothing);
	INIT_WORK(&by_macro, nothing);
	check_eq(by_call.data, by_macro.data);
	check(by_call.entry.next == &by_call.entry);
	check(by_call.entry.prev == &by_call.entry);
	check(by_macro.entry.next == &by_macro.entry);
	check(by_call.func == by_macro.func);
}

/* The macros look at the same bit that the library sets. */
static void the_pending_bit_is_where_the_macros_look(void)
{
	struct work_struct work;

	INIT_WORK(&work, nothing);
	set_bit(WORK_STRUCT_PENDING, work_data_bits(&work));
	check(work_pending(&work));
	check(wq_work_pending(&work));
	wq_work_clear_pending(&work);
	check(!work_pending(&work));
	set_bit(WORK_STRUCT_PENDING, work_data_bits(&work));
	work_clear_pending(&work);
	check(!wq_work_pending(&work));
}

/* After a run the word names a queue and does not say pending; the item is unlinked. */
static void an_item_that_has_run_is_clean(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("layout");
	struct work_struct work;

	if (!check(wq))
		return;
	INIT_WORK(&work, nothing);
	check(queue_work(wq, &work));
	WAITING(flush_workqueue(wq));
	check(work.data != 0);
	check(!work_pending(&work));
	check(list_empty(&work.entry));
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(work_struct_has_the_layout_clients_overlay),
	  TEST(execute_work_is_a_work_item), TEST(constants_have_their_numbers),
	  TEST(the_library_initialises_as_the_macros_do),
	  TEST(the_pending_bit_is_where_the_macros_look),
	  TEST(an_item_that_has_run_is_clean))
