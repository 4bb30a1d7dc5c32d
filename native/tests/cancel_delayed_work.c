/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cancel_delayed_work() takes an item back from its timer and leaves one alone
 * whose delay is over. Items are met idle, armed, queued and running, and the
 * return value and the runs are compared.
 */
#include "test.h"
#include "support/delayed.h"

static void an_item_never_queued_gives_false(void)
{
	struct delayed_item a;

	delayed_init(&a, NULL, delayed_count);
	check(!cancel_delayed_work(&a.dwork));
	check(!delayed_work_pending(&a.dwork));
}

static void an_armed_item_gives_true_and_never_runs(void)
{
	struct workqueue_struct *wq = create_workqueue("cdw");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	for (int i = 0; i < 5; i++) {
		check(queue_delayed_work(wq, &a.dwork, 200));
		check(cancel_delayed_work(&a.dwork));
		check(!delayed_work_pending(&a.dwork));
		check(!timer_pending(&a.dwork.timer));
		check(!cancel_delayed_work(&a.dwork));
	}
	let_pass(201);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 0);
}

static void a_cancelled_item_can_be_armed_again(void)
{
	struct workqueue_struct *wq = create_workqueue("cdw");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	check(cancel_delayed_work(&a.dwork));
	check(delayed_arm(&a, 1));
	delayed_await(&a, 1);
	check_eq(a.early, 0);
	destroy_workqueue(wq);
}

static void a_queued_item_gives_false_and_stays_queued(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cdw");
	struct delayed_item a;
	struct item busy;

	plug(wq, &busy);
	delayed_init(&a, wq, delayed_count);
	for (int i = 0; i < 2; i++) {
		check(queue_delayed_work(wq, &a.dwork, (unsigned long)i));
		if (i)
			let_pass(2);
		check(!timer_pending(&a.dwork.timer));
		check(!cancel_delayed_work(&a.dwork));
		check(delayed_work_pending(&a.dwork));
		gate_open(&busy.gate);
		delayed_await(&a, i + 1);
		WAITING(flush_workqueue(wq));
		plug(wq, &busy);
	}
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 2);
}

static void a_running_item_gives_false_and_is_not_waited_for(void)
{
	struct workqueue_struct *wq = create_workqueue("cdw");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_block);
	check(queue_delayed_work(wq, &a.dwork, 1));
	gate_wait_reached(&a.gate, 1);
	check(!WAITING(cancel_delayed_work(&a.dwork)));
	check_eq(delayed_runs(&a), 0);
	gate_open(&a.gate);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 1);
}

static void an_item_running_and_armed_gives_true_and_does_not_run_again(void)
{
	struct workqueue_struct *wq = create_workqueue("cdw");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_block);
	check(queue_delayed_work(wq, &a.dwork, 1));
	gate_wait_reached(&a.gate, 1);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	check(WAITING(cancel_delayed_work(&a.dwork)));
	check(!delayed_work_pending(&a.dwork));
	gate_open(&a.gate);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 1);
}

static void cancel_in_its_function(struct work_struct *work)
{
	struct delayed_item *i = delayed_item_of(work);

	check(queue_delayed_work(i->wq, &i->dwork, AN_HOUR));
	check(WAITING(cancel_delayed_work(&i->dwork)));
	check(!WAITING(cancel_delayed_work(&i->dwork)));
	delayed_count(work);
}

static void the_own_function_may_cancel(void)
{
	struct workqueue_struct *wq = create_workqueue("cdw");
	struct delayed_item a;

	delayed_init(&a, wq, cancel_in_its_function);
	check(queue_delayed_work(wq, &a.dwork, 1));
	delayed_await(&a, 1);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 1);
}

static struct delayed_item *victim;
static struct tally asked;
static int answer;

static void cancel_the_victim(struct timer_list *timer)
{
	(void)timer;
	answer = cancel_delayed_work(&victim->dwork);
	tally_add(&asked);
}

static void a_timer_function_may_cancel(void)
{
	static struct timer_list timer;
	struct workqueue_struct *wq = create_workqueue("cdw");
	struct delayed_item a;

	victim = &a;
	tally_init(&asked);
	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	timer_setup(&timer, cancel_the_victim, 0);
	mod_timer(&timer, wq_jiffies() + 1);
	tally_await(&asked, 1);
	check_eq(answer, 1);
	check(!delayed_work_pending(&a.dwork));
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(an_item_never_queued_gives_false), TEST(an_armed_item_gives_true_and_never_runs),
	  TEST(a_cancelled_item_can_be_armed_again),
	  TEST(a_queued_item_gives_false_and_stays_queued),
	  TEST(a_running_item_gives_false_and_is_not_waited_for),
	  TEST(an_item_running_and_armed_gives_true_and_does_not_run_again),
	  TEST(the_own_function_may_cancel), TEST(a_timer_function_may_cancel))
