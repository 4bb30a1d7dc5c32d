/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * After cancel_delayed_work_sync() an item is neither armed, queued nor running,
 * and the result says whether it was pending; the older names do the same.
 */
#include "test.h"

#define CANCEL_WAY cancel_delayed_work_sync
#include "support/cancel_table.h"

static void a_timer_that_is_taken_does_not_fire(void)
{
	struct workqueue_struct *wq = create_per_cpu();
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, 100));
	check(WAITING(cancel_delayed_work_sync(&a.dwork)));
	check(!delayed_work_pending(&a.dwork));
	check(!timer_pending(&a.dwork.timer));
	memset(&a.dwork, 0xdd, sizeof(a.dwork)); /* ours alone now */
	let_pass(101);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 0);
}

static void block_and_rearm(struct work_struct *work)
{
	struct delayed_item *i = delayed_item_of(work);

	gate_wait(&i->gate);
	check(!queue_delayed_work(i->wq, &i->dwork, i->delay));
	delayed_count(work);
}

static void an_item_that_arms_itself_loses_to_the_canceller(void)
{
	struct workqueue_struct *wq = create_per_cpu();

	for (unsigned long delay = 0; delay < 3; delay++) {
		struct delayed_item a;
		struct call cancel;

		delayed_init(&a, wq, block_and_rearm);
		a.delay = delay;
		check(queue_delayed_work(wq, &a.dwork, 1));
		gate_wait_reached(&a.gate, 1);
		call_start(&cancel, call_cancel_delayed, &a.dwork);
		check(call_sleeps(&cancel));
		gate_open(&a.gate);
		check(!call_join(&cancel)); /* was only running */
		check(!delayed_work_pending(&a.dwork));
		let_pass(4);
		check_eq(delayed_runs(&a), 1);
	}
	destroy_workqueue(wq);
}

static void the_older_names_stop_an_item_that_arms_itself(void)
{
	struct workqueue_struct *wq = create_per_cpu();

	for (int form = 0; form < 4; form++) {
		struct delayed_item a;
		int runs;

		delayed_init(&a, wq, delayed_rearm);
		a.delay = (unsigned long)form / 2;
		check(queue_delayed_work(wq, &a.dwork, 1));
		delayed_await(&a, 5);
		if (form % 2)
			WAITING((cancel_rearming_delayed_work(&a.dwork), 0));
		else
			WAITING((cancel_rearming_delayed_workqueue(wq, &a.dwork), 0));
		check(!delayed_work_pending(&a.dwork));
		runs = delayed_runs(&a);
		let_pass(4);
		check_eq(delayed_runs(&a), runs);
	}
	destroy_workqueue(wq);
}

static void of_two_cancellers_of_an_armed_item_one_gets_true(void)
{
	struct workqueue_struct *wq = create_per_cpu();

	for (int i = 0; race_goes_on(i, 300); i++) {
		struct delayed_item a;
		struct call cancel[2];
		int nr_true;

		delayed_init(&a, wq, delayed_count);
		check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
		call_start(&cancel[0], call_cancel_delayed, &a.dwork);
		call_start(&cancel[1], call_cancel_delayed, &a.dwork);
		nr_true = call_join(&cancel[0]);
		nr_true += call_join(&cancel[1]);
		check_eq(nr_true, 1);
		check_eq(delayed_runs(&a), 0);
	}
	destroy_workqueue(wq);
}

TEST_MAIN(CANCEL_SYNC_TESTS, TEST(of_two_cancellers_of_an_armed_item_one_gets_true),
	  TEST(a_timer_that_is_taken_does_not_fire),
	  TEST(an_item_that_arms_itself_loses_to_the_canceller),
	  TEST(the_older_names_stop_an_item_that_arms_itself))
