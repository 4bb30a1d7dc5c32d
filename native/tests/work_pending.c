/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * work_pending() is true from queueing until the function starts, and the
 * exported twins of the macros agree with them. States are held at a gate.
 */
#include "items.h"

static void pending_lasts_from_queueing_to_the_start_of_the_function(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("pending");
	struct item busy, a;

	plug(wq, &busy);
	item_init(&a, wq, item_block);
	check(!work_pending(&a.work));
	check(queue_work(wq, &a.work));
	check(work_pending(&a.work));
	gate_open(&busy.gate);
	gate_wait_reached(&a.gate, 1);
	check(!work_pending(&a.work)); /* running, and no longer pending */
	check(queue_work(wq, &a.work));
	check(work_pending(&a.work)); /* running and pending */
	gate_open(&a.gate);
	WAITING(flush_workqueue(wq));
	check(!work_pending(&a.work));
	destroy_workqueue(wq);
}

static void initialised_items_are_not_pending(void)
{
	DECLARE_WORK(declared, item_count);
	struct work_struct set;

	memset(&set, 0xff, sizeof(set));
	INIT_WORK(&set, item_count);
	check(!work_pending(&declared));
	check(!work_pending(&set));
	check_eq(declared.data, 0);
	check_eq(memcmp(&declared.data, &set.data, sizeof(set.data)), 0);
	check(set.entry.next == &set.entry && set.entry.prev == &set.entry);
	check(declared.entry.next == &declared.entry && declared.entry.prev == &declared.entry);
	check(set.func == item_count && declared.func == item_count);
}

static void pending_is_bit_zero_of_the_data_word(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("pending");
	struct item busy, a;

	plug(wq, &busy);
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	check_eq(*work_data_bits(&a.work) >> WORK_STRUCT_PENDING & 1, 1);
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	check_eq(*work_data_bits(&a.work) >> WORK_STRUCT_PENDING & 1, 0);
	destroy_workqueue(wq);
}

static void after_a_run_the_item_remembers_its_queue_and_is_not_pending(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("pending");
	struct item a;

	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check(a.work.data != 0);
	check(!work_pending(&a.work));
	destroy_workqueue(wq);
}

static void clearing_by_hand_makes_an_item_queueable_again(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("pending");
	struct item a;

	item_init(&a, wq, item_count);
	a.work.data |= 1UL << WORK_STRUCT_PENDING; /* the caller owns it; no queue does */
	check(!queue_work(wq, &a.work));
	work_clear_pending(&a.work);
	check(!work_pending(&a.work));
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
}

TEST_MAIN(TEST(pending_lasts_from_queueing_to_the_start_of_the_function),
	  TEST(initialised_items_are_not_pending), TEST(pending_is_bit_zero_of_the_data_word),
	  TEST(after_a_run_the_item_remembers_its_queue_and_is_not_pending),
	  TEST(clearing_by_hand_makes_an_item_queueable_again))
