/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * queue_delayed_work() accepts an idle item once and queues it when the delay is
 * over, at once if there is none. Runs are counted and compared with the clock;
 * workers stand at gates where order matters.
 */
#include "test.h"
#include "support/delayed.h"

static void an_idle_item_is_accepted_and_runs_once_after_the_delay(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	for (int i = 1; i <= 20; i++) {
		check(delayed_arm(&a, (unsigned long)i));
		delayed_await(&a, i);
	}
	let_pass(5);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 20);
	check_eq(a.early, 0);
}

static void a_delay_of_zero_queues_at_once_and_arms_nothing(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("delays");
	struct delayed_item a;
	struct item busy;

	plug(wq, &busy);
	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, 0));
	check(!timer_pending(&a.dwork.timer));
	check(delayed_work_pending(&a.dwork));
	check(!queue_delayed_work(wq, &a.dwork, 0));
	check(!queue_delayed_work(wq, &a.dwork, 1));
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq)); /* covers it: it is no timer's any more */
	check_eq(delayed_runs(&a), 1);
	destroy_workqueue(wq);
}

static void pending_lasts_from_arming_to_the_start_of_the_function(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("delays");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_block);
	check(!delayed_work_pending(&a.dwork));
	check(queue_delayed_work(wq, &a.dwork, 5));
	check(delayed_work_pending(&a.dwork));
	gate_wait_reached(&a.gate, 1);
	check(!delayed_work_pending(&a.dwork));
	check(!timer_pending(&a.dwork.timer));
	gate_open(&a.gate);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 1);
}

static void an_item_whose_delay_is_over_is_still_refused_until_it_runs(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("delays");
	struct delayed_item a;
	struct item busy;

	plug(wq, &busy);
	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, 1));
	let_pass(2);
	check(!timer_pending(&a.dwork.timer));
	check(delayed_work_pending(&a.dwork));
	check(!queue_delayed_work(wq, &a.dwork, 1));
	check(!queue_work(wq, &a.dwork.work));
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 1);
}

static void flushing_does_not_wait_for_an_armed_item(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	WAITING(flush_workqueue(wq));
	check(delayed_work_pending(&a.dwork));
	check(cancel_delayed_work(&a.dwork));
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 0);
}

static void the_timer_shows_when_it_expires(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;
	unsigned long before = jiffies, after;

	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	after = jiffies;
	check(time_in_range(a.dwork.timer.expires, before + AN_HOUR, after + AN_HOUR + 1));
	check(timer_pending(&a.dwork.timer));
	check(cancel_delayed_work_sync(&a.dwork));
	destroy_workqueue(wq);
}

static void an_item_may_arm_itself_again_and_again(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_rearm);
	a.delay = 1;
	check(queue_delayed_work(wq, &a.dwork, 1));
	delayed_await(&a, 30);
	WAITING(cancel_delayed_work_sync(&a.dwork));
	destroy_workqueue(wq);
}

static void an_item_may_be_queued_with_and_without_delay_in_turn(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	for (int i = 1; i <= 30; i++) {
		check(i % 2 ? queue_work(wq, &a.dwork.work) : delayed_arm(&a, 1));
		delayed_await(&a, i);
	}
	check_eq(a.early, 0);
	destroy_workqueue(wq);
}

static int places[20], nr_placed;

static void note_place(struct work_struct *work)
{
	places[nr_placed++] = (int)delayed_item_of(work)->delay;
	delayed_count(work);
}

static void items_of_one_cpu_are_queued_in_order_of_their_deadlines(void)
{
	enum { NR = 20 };
	static struct delayed_item items[NR];
	struct workqueue_struct *wq = create_singlethread_workqueue("delays");
	struct item busy;

	plug(wq, &busy); /* so that the timers alone set the order */
	pin_to_cpu(allowed_cpu(0));
	for (int i = 0; i < NR; i++) {
		struct delayed_item *item = &items[i * 7 % NR];

		delayed_init(item, wq, note_place);
		item->delay = (unsigned long)(i * 7 % NR);
		check(delayed_arm(item, 1 + item->delay * 20));
	}
	unpin();
	let_pass(20 * NR);
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	check_eq(nr_placed, NR);
	for (int i = 0; i < NR; i++) {
		check_eq(places[i], i);
		check_eq(items[i].early, 0);
	}
}

TEST_MAIN(TEST(an_idle_item_is_accepted_and_runs_once_after_the_delay),
	  TEST(a_delay_of_zero_queues_at_once_and_arms_nothing),
	  TEST(pending_lasts_from_arming_to_the_start_of_the_function),
	  TEST(an_item_whose_delay_is_over_is_still_refused_until_it_runs),
	  TEST(flushing_does_not_wait_for_an_armed_item), TEST(the_timer_shows_when_it_expires),
	  TEST(an_item_may_arm_itself_again_and_again),
	  TEST(an_item_may_be_queued_with_and_without_delay_in_turn),
	  TEST(items_of_one_cpu_are_queued_in_order_of_their_deadlines))
