/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * After cancel_delayed_work_sync() an item is neither armed, queued nor running,
 * and the result says whether it was pending. Items are met in each state, by one
 * canceller and by two; the older names do the same.
 */
#include "test.h"
#include "support/delayed.h"

static void an_idle_item_gives_false(void)
{
	struct workqueue_struct *wq = create_workqueue("cds");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	check(!WAITING(cancel_delayed_work_sync(&a.dwork))); /* never queued */
	check(delayed_arm(&a, 1));
	delayed_await(&a, 1);
	WAITING(flush_workqueue(wq));
	check(!WAITING(cancel_delayed_work_sync(&a.dwork))); /* has run */
	check(delayed_arm(&a, 1));			     /* and is as good as before */
	delayed_await(&a, 2);
	destroy_workqueue(wq);
}

static void an_armed_item_gives_true_and_never_runs(void)
{
	struct workqueue_struct *wq = create_workqueue("cds");
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

static void a_queued_item_gives_true_and_never_runs(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cds");
	struct delayed_item a;
	struct item busy;

	plug(wq, &busy);
	delayed_init(&a, wq, delayed_count);
	for (unsigned long delay = 0; delay < 2; delay++) {
		check(queue_delayed_work(wq, &a.dwork, delay));
		let_pass(2);
		check(!timer_pending(&a.dwork.timer));
		check(WAITING(cancel_delayed_work_sync(&a.dwork)));
		check(!delayed_work_pending(&a.dwork));
	}
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 0);
}

static void a_running_item_gives_false_and_is_waited_for(void)
{
	struct workqueue_struct *wq = create_workqueue("cds");
	struct delayed_item a;
	struct call cancel;

	delayed_init(&a, wq, delayed_block);
	check(queue_delayed_work(wq, &a.dwork, 1));
	gate_wait_reached(&a.gate, 1);
	call_start(&cancel, call_cancel_delayed, &a.dwork);
	check(call_sleeps(&cancel));
	gate_open(&a.gate);
	check(!call_join(&cancel));
	check_eq(delayed_runs(&a), 1);
	destroy_workqueue(wq);
}

static void an_item_running_and_armed_gives_true_and_is_waited_for(void)
{
	struct workqueue_struct *wq = create_workqueue("cds");
	struct delayed_item a;
	struct call cancel;

	delayed_init(&a, wq, delayed_block);
	check(queue_delayed_work(wq, &a.dwork, 1));
	gate_wait_reached(&a.gate, 1);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	call_start(&cancel, call_cancel_delayed, &a.dwork);
	check(call_sleeps(&cancel));
	check(!timer_pending(&a.dwork.timer));
	check(!queue_delayed_work(wq, &a.dwork, 1)); /* the canceller's for now */
	gate_open(&a.gate);
	check(call_join(&cancel));
	check(!delayed_work_pending(&a.dwork));
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 1);
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
	struct workqueue_struct *wq = create_workqueue("cds");

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
	struct workqueue_struct *wq = create_workqueue("cds");

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
	struct workqueue_struct *wq = create_workqueue("cds");

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

static void two_cancellers_of_a_running_item_both_return(void)
{
	struct workqueue_struct *wq = create_workqueue("cds");
	struct delayed_item a;
	struct call cancel[2];
	int nr_true;

	delayed_init(&a, wq, delayed_block);
	check(queue_delayed_work(wq, &a.dwork, 1));
	gate_wait_reached(&a.gate, 1);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	for (int i = 0; i < 2; i++)
		call_start(&cancel[i], call_cancel_delayed, &a.dwork);
	check(call_sleeps(&cancel[0]));
	check(call_sleeps(&cancel[1]));
	gate_open(&a.gate);
	nr_true = call_join(&cancel[0]);
	nr_true += call_join(&cancel[1]);
	check_eq(nr_true, 1);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 1);
}

static void cancel_itself(struct work_struct *work)
{
	struct delayed_item *i = delayed_item_of(work);

	check(queue_delayed_work(i->wq, &i->dwork, AN_HOUR));
	check(WAITING(cancel_delayed_work_sync(&i->dwork)));
	check(!delayed_work_pending(&i->dwork));
	delayed_count(work);
}

static void cancel_own_work(struct work_struct *work)
{
	struct delayed_item *i = delayed_item_of(work);

	check(queue_delayed_work(i->wq, &i->dwork, AN_HOUR));
	check(WAITING(cancel_work_sync(work)));
	check(!delayed_work_pending(&i->dwork));
	delayed_count(work);
}

static void cancel_work_sync_from_the_own_function_takes_the_timer_too(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cs");
	struct delayed_item a;

	delayed_init(&a, wq, cancel_own_work);
	check(queue_delayed_work(wq, &a.dwork, 0));
	WAITING(flush_workqueue(wq));
	check_eq(delayed_runs(&a), 1);
	allow_report("from its own function"); /* one report a process: the test before has it */
	destroy_workqueue(wq);
}

static void from_the_own_function_it_takes_the_timer_and_returns(void)
{
	struct workqueue_struct *wq = create_workqueue("cds");
	struct delayed_item a;

	delayed_init(&a, wq, cancel_itself);
	check(queue_delayed_work(wq, &a.dwork, 1));
	delayed_await(&a, 1);
	check_eq(expect_report("own"), 1);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 1);
}

static void cancel_work_sync_of_an_armed_item_waits_for_the_timer(void)
{
	struct workqueue_struct *wq = create_workqueue("cds");
	struct delayed_item a;
	struct call cancel;

	delayed_init(&a, wq, delayed_count);
	check(delayed_arm(&a, 30));
	call_start(&cancel, call_cancel, &a.dwork.work);
	call_join(&cancel); /* true or false: it may have run before it could be taken */
	check(now_ns() >= a.due_ns);
	check(!delayed_work_pending(&a.dwork));
	check_eq(delayed_runs(&a), !cancel.result);
	destroy_workqueue(wq);
}

static void cancel_work_sync_ends_when_somebody_else_takes_the_timer(void)
{
	struct workqueue_struct *wq = create_workqueue("cds");

	for (int sync = 0; sync < 2; sync++) {
		struct delayed_item a;
		struct call cancel;

		delayed_init(&a, wq, delayed_count);
		check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
		call_start(&cancel, call_cancel, &a.dwork.work);
		check(call_sleeps(&cancel));
		check(sync ? WAITING(cancel_delayed_work_sync(&a.dwork))
			   : WAITING(cancel_delayed_work(&a.dwork)));
		check(!call_join(&cancel));
		check(!delayed_work_pending(&a.dwork));
		check_eq(delayed_runs(&a), 0);
	}
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(an_idle_item_gives_false), TEST(an_armed_item_gives_true_and_never_runs),
	  TEST(a_queued_item_gives_true_and_never_runs),
	  TEST(a_running_item_gives_false_and_is_waited_for),
	  TEST(an_item_running_and_armed_gives_true_and_is_waited_for),
	  TEST(an_item_that_arms_itself_loses_to_the_canceller),
	  TEST(the_older_names_stop_an_item_that_arms_itself),
	  TEST(of_two_cancellers_of_an_armed_item_one_gets_true),
	  TEST(two_cancellers_of_a_running_item_both_return),
	  TEST(from_the_own_function_it_takes_the_timer_and_returns),
	  TEST(cancel_work_sync_from_the_own_function_takes_the_timer_too),
	  TEST(cancel_work_sync_of_an_armed_item_waits_for_the_timer),
	  TEST(cancel_work_sync_ends_when_somebody_else_takes_the_timer))
