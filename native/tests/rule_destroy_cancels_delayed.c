/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Delayed work whose timer is armed is cancelled, and the log says how many":
 * destroying a queue leaves nothing armed for it, and nothing fires into it. Queues
 * are destroyed with items armed near and far, arming themselves, and waited for.
 */
#include "test.h"
#include "support/delayed.h"

enum { NR = 200 };

static struct delayed_item items[NR];

static void the_report_says_how_many(void)
{
	struct workqueue_struct *wq = create_workqueue("dying");

	for (int i = 0; i < NR; i++) {
		delayed_init(&items[i], wq, delayed_count);
		check(queue_delayed_work_on(allowed_cpu(i % allowed_cpus()), wq, &items[i].dwork,
					    i % 2 ? AN_HOUR : ULONG_MAX));
	}
	check(cancel_delayed_work(&items[0].dwork));
	check(cancel_delayed_work_sync(&items[1].dwork));
	WAITING((destroy_workqueue(wq), 0));
	check_eq(expect_report("cancelled: 198"), 1);
	check_eq(reported("dying"), 1);
	for (int i = 0; i < NR; i++) {
		check(!delayed_work_pending(&items[i].dwork));
		check(!timer_pending(&items[i].dwork.timer));
		check_eq(delayed_runs(&items[i]), 0);
	}
}

static void a_queue_with_nothing_armed_is_not_reported(void)
{
	struct workqueue_struct *wq = create_workqueue("dying");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, 1));
	delayed_await(&a, 1);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	check(cancel_delayed_work(&a.dwork));
	WAITING((destroy_workqueue(wq), 0));
	check_eq(reported(""), 0);
}

static void other_queues_keep_their_items(void)
{
	struct workqueue_struct *wq = create_workqueue("dying"), *other = create_workqueue("other");
	struct delayed_item a, b;

	delayed_init(&a, wq, delayed_count);
	delayed_init(&b, other, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	check(delayed_arm(&b, 20));
	WAITING((destroy_workqueue(wq), 0));
	check_eq(expect_report("cancelled: 1"), 1);
	delayed_await(&b, 1);
	check_eq(b.early, 0);
	destroy_workqueue(other);
}

static void a_cancelled_item_may_join_another_queue(void)
{
	struct workqueue_struct *wq = create_workqueue("dying"), *other = create_workqueue("other");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	WAITING((destroy_workqueue(wq), 0));
	expect_report("cancelled: 1");
	a.wq = other;
	check(delayed_arm(&a, 1));
	delayed_await(&a, 1);
	check_eq(a.early, 0);
	destroy_workqueue(other);
}

static void nothing_fires_after_the_queue_is_gone(void)
{
	uint64_t random = test_state.seed;

	for (int round = 0; race_goes_on(round, 100); round++) {
		struct workqueue_struct *wq = round % 2 ? create_workqueue("dying")
							: create_singlethread_workqueue("dying");
		int before[20];

		for (int i = 0; i < 20; i++) {
			delayed_init(&items[i], wq, delayed_count);
			check(wq_queue_delayed_work_ns(wq, &items[i].dwork,
						       test_random(&random) % 400000));
		}
		jitter(&random, 100000);
		WAITING((destroy_workqueue(wq), 0));
		for (int i = 0; i < 20; i++) {
			before[i] = delayed_runs(&items[i]);
			check(before[i] <= 1);
			check(!delayed_work_pending(&items[i].dwork));
			check(!timer_pending(&items[i].dwork.timer));
		}
		if (round % 10 == 0)
			let_pass(1);
		for (int i = 0; i < 20; i++) {
			check_eq(delayed_runs(&items[i]), before[i]);
			memset(&items[i].dwork, 0xdd, sizeof(items[i].dwork));
		}
		allow_report("cancelled");
		test_state.nr_reports = 0;
	}
}

static int refused;

static void rearm_soon(struct work_struct *work)
{
	struct delayed_item *i = delayed_item_of(work);

	if (!wq_queue_delayed_work_ns(i->wq, &i->dwork, i->delay))
		__atomic_fetch_add(&refused, 1, __ATOMIC_SEQ_CST);
	tally_add(&i->ran);
}

static void an_item_that_arms_itself_is_stopped(void)
{
	for (int round = 0; race_goes_on(round, 100); round++) {
		struct workqueue_struct *wq = round % 2 ? create_workqueue("dying")
							: create_singlethread_workqueue("dying");
		struct delayed_item a;
		int runs;

		delayed_init(&a, wq, rearm_soon);
		a.delay = (unsigned long)round * 1000;
		check(wq_queue_delayed_work_ns(wq, &a.dwork, 0));
		delayed_await(&a, 3);
		WAITING((destroy_workqueue(wq), 0));
		check(!delayed_work_pending(&a.dwork));
		check(!timer_pending(&a.dwork.timer));
		runs = delayed_runs(&a);
		if (round % 10 == 0)
			let_pass(1);
		check_eq(delayed_runs(&a), runs);
		allow_report("dying");
		test_state.nr_reports = 0;
	}
	printf("  armings refused by a queue on its way out: %d\n", refused);
}

static void a_waiter_for_an_armed_item_is_released(void)
{
	struct workqueue_struct *wq = create_workqueue("dying");
	struct delayed_item a;
	struct call cancel[2];

	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	for (int i = 0; i < 2; i++)
		call_start(&cancel[i], call_cancel, &a.dwork.work);
	check(call_sleeps(&cancel[0]));
	check(call_sleeps(&cancel[1]));
	WAITING((destroy_workqueue(wq), 0));
	check_eq(expect_report("cancelled: 1"), 1);
	check(!call_join(&cancel[0]));
	check(!call_join(&cancel[1]));
	check(!delayed_work_pending(&a.dwork));
	check_eq(delayed_runs(&a), 0);
}

static void items_whose_delay_is_over_run_first(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("dying");
	struct delayed_item a;
	struct item busy;
	struct call destroy;

	plug(wq, &busy);
	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, 1));
	let_pass(2);
	call_start(&destroy, call_destroy, wq);
	check(call_sleeps(&destroy));
	gate_open(&busy.gate);
	call_join(&destroy);
	check_eq(delayed_runs(&a), 1);
	check_eq(reported("cancelled"), 0);
}

TEST_MAIN(TEST(the_report_says_how_many), TEST(a_queue_with_nothing_armed_is_not_reported),
	  TEST(other_queues_keep_their_items), TEST(a_cancelled_item_may_join_another_queue),
	  TEST(nothing_fires_after_the_queue_is_gone), TEST(an_item_that_arms_itself_is_stopped),
	  TEST(a_waiter_for_an_armed_item_is_released), TEST(items_whose_delay_is_over_run_first))
