/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wq_queue_delayed_work_ns() is queue_delayed_work() with a delay in nanoseconds,
 * which are not rounded to jiffies. Delays from 0 to some milliseconds are compared
 * with the clock, and the longest ones must not fire.
 */
#include "test.h"
#include "support/delayed.h"

static void the_item_runs_after_the_delay_and_never_before(void)
{
	static const uint64_t delays[] = { 1,       999,     1000,    50000,   999999, 1000000,
					   1000001, 1500000, 1999999, 2000001, 7654321 };
	struct workqueue_struct *wq = create_workqueue("nanoseconds");
	struct delayed_item a;
	int runs = 0;

	delayed_init(&a, wq, delayed_count);
	for (int round = 0; round < 5; round++)
		for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
			delayed_expect(&a, delays[i]);
			check(wq_queue_delayed_work_ns(wq, &a.dwork, delays[i]));
			delayed_await(&a, ++runs);
		}
	check_eq(a.early, 0);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), runs);
}

static void a_delay_of_zero_goes_through_the_timer(void)
{
	struct workqueue_struct *wq = create_workqueue("nanoseconds");
	struct delayed_item a;
	unsigned long before;

	delayed_init(&a, wq, delayed_count);
	for (int i = 1; i <= 100; i++) {
		before = wq_jiffies();
		check(wq_queue_delayed_work_ns(wq, &a.dwork, 0));
		delayed_await(&a, i);
		check(time_in_range(a.dwork.timer.expires, before, wq_jiffies() + 1));
	}
	destroy_workqueue(wq);
}

static void a_pending_item_is_refused(void)
{
	struct workqueue_struct *wq = create_workqueue("nanoseconds");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	check(wq_queue_delayed_work_ns(wq, &a.dwork, 3600u * UINT64_C(1000000000)));
	check(!wq_queue_delayed_work_ns(wq, &a.dwork, 1));
	check(!queue_delayed_work(wq, &a.dwork, 1));
	let_pass(3);
	check_eq(delayed_runs(&a), 0);
	check(cancel_delayed_work(&a.dwork));
	destroy_workqueue(wq);
}

static void the_longest_delays_do_not_fire(void)
{
	static const uint64_t delays[] = { UINT64_MAX, UINT64_MAX - 1, (uint64_t)INT64_MAX,
					   (uint64_t)INT64_MAX + 1, UINT64_MAX / 2 + 1 };
	struct workqueue_struct *wq = create_workqueue("nanoseconds");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		check(wq_queue_delayed_work_ns(wq, &a.dwork, delays[i]));
		let_pass(2);
		check_eq(delayed_runs(&a), 0);
		check(cancel_delayed_work_sync(&a.dwork));
	}
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 0);
}

static void expires_is_the_jiffy_in_which_the_delay_is_over(void)
{
	struct workqueue_struct *wq = create_workqueue("nanoseconds");
	struct delayed_item a;
	uint64_t before = now_ns(), after, hour = 3600u * UINT64_C(1000000000);

	delayed_init(&a, wq, delayed_count);
	check(wq_queue_delayed_work_ns(wq, &a.dwork, hour));
	after = now_ns();
	check(a.dwork.timer.expires >= (before + hour) / NS_PER_MS);
	check(a.dwork.timer.expires <= (after + hour) / NS_PER_MS + 1);
	check(cancel_delayed_work(&a.dwork));
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(the_item_runs_after_the_delay_and_never_before),
	  TEST(a_delay_of_zero_goes_through_the_timer), TEST(a_pending_item_is_refused),
	  TEST(the_longest_delays_do_not_fire),
	  TEST(expires_is_the_jiffy_in_which_the_delay_is_over))
