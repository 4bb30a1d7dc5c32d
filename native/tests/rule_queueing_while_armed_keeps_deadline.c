/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Accepts @dwork unless it is pending, timer armed or item queued; if it is, the
 * deadline stays." An armed item is queued again by every call there is, with
 * shorter and longer delays, on this queue and another.
 */
#include "test.h"
#include "support/delayed.h"

static void queue_in_every_way(struct workqueue_struct *wq, struct workqueue_struct *other,
			       struct delayed_work *dwork, unsigned long delay)
{
	for (int i = 0; i < 2; i++, wq = other) {
		check(!queue_delayed_work(wq, dwork, delay));
		check(!queue_delayed_work(wq, dwork, 0));
		for (int n = 0; n < allowed_cpus(); n++) {
			check(!queue_delayed_work_on(allowed_cpu(n), wq, dwork, delay));
			check(!queue_delayed_work_on(allowed_cpu(n), wq, dwork, 0));
		}
		check(!wq_queue_delayed_work_ns(wq, dwork, delay * NS_PER_MS));
		check(!queue_work(wq, &dwork->work));
	}
	check(!schedule_delayed_work(dwork, delay));
	check(!schedule_work(&dwork->work));
}

static void a_shorter_delay_does_not_bring_the_run_forward(void)
{
	struct workqueue_struct *wq = create_workqueue("keep");
	struct workqueue_struct *other = create_singlethread_workqueue("other");
	struct delayed_item a;
	unsigned long expires;

	delayed_init(&a, wq, delayed_count);
	check(delayed_arm(&a, 100));
	expires = a.dwork.timer.expires;
	queue_in_every_way(wq, other, &a.dwork, 1);
	check_eq(a.dwork.timer.expires, expires);
	delayed_await(&a, 1);
	check_eq(a.early, 0);
	let_pass(3);
	destroy_workqueue(wq);
	destroy_workqueue(other);
	check_eq(delayed_runs(&a), 1);
}

static void a_longer_delay_does_not_put_the_run_off(void)
{
	struct workqueue_struct *wq = create_workqueue("keep");
	struct workqueue_struct *other = create_singlethread_workqueue("other");
	struct delayed_item a;
	unsigned long expires;

	delayed_init(&a, wq, delayed_count);
	check(delayed_arm(&a, 200));
	expires = a.dwork.timer.expires;
	queue_in_every_way(wq, other, &a.dwork, AN_HOUR);
	check_eq(a.dwork.timer.expires, expires);
	delayed_await(&a, 1); /* or the watchdog ends us long before the hour is over */
	check_eq(a.early, 0);
	check(!delayed_work_pending(&a.dwork));
	destroy_workqueue(wq);
	destroy_workqueue(other);
	check_eq(delayed_runs(&a), 1);
}

static void never_stays_never(void)
{
	struct workqueue_struct *wq = create_workqueue("keep");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, MAX_SCHEDULE_TIMEOUT));
	queue_in_every_way(wq, wq, &a.dwork, 1);
	let_pass(3);
	check(cancel_delayed_work(&a.dwork));
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 0);
}

TEST_MAIN(TEST(a_shorter_delay_does_not_bring_the_run_forward),
	  TEST(a_longer_delay_does_not_put_the_run_off), TEST(never_stays_never))
