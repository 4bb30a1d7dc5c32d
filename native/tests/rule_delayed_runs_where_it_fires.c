/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "The item is queued on the CPU the timer was armed on": not where its caller is
 * by then, nor where the item ran before. Callers pinned to one CPU arm items, go
 * to another, and look where they ran.
 */
#include "test.h"
#include "support/delayed.h"

static void an_item_runs_on_the_cpu_it_was_armed_on(void)
{
	struct workqueue_struct *wq = create_workqueue("where");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	for (int n = 0; n < 20 * allowed_cpus(); n++) {
		pin_to_cpu(allowed_cpu(n % allowed_cpus()));
		check(queue_delayed_work(wq, &a.dwork, 2));
		pin_to_cpu(allowed_cpu((n + 1) % allowed_cpus()));
		delayed_await(&a, n + 1);
		check_eq(a.cpu, allowed_cpu(n % allowed_cpus()));
	}
	unpin();
	destroy_workqueue(wq);
}

static void the_cpu_it_ran_on_before_does_not_count(void)
{
	struct workqueue_struct *wq = create_workqueue("where");
	struct delayed_item a;

	if (!need_two_cpus())
		return;
	delayed_init(&a, wq, delayed_count);
	for (int n = 0; n < 10; n++) {
		check(queue_on(allowed_cpu(0), wq, &a.dwork.work));
		delayed_await(&a, 2 * n + 1);
		check_eq(a.cpu, allowed_cpu(0));
		check(queue_delayed_work_on(allowed_cpu(1), wq, &a.dwork, 1));
		delayed_await(&a, 2 * n + 2);
		check_eq(a.cpu, allowed_cpu(1));
	}
	destroy_workqueue(wq);
}

static void a_cancelled_item_armed_elsewhere_runs_there(void)
{
	struct workqueue_struct *wq = create_workqueue("where");
	struct delayed_item a;

	if (!need_two_cpus())
		return;
	delayed_init(&a, wq, delayed_count);
	for (int n = 0; n < 10; n++) {
		check(queue_delayed_work_on(allowed_cpu(n % 2), wq, &a.dwork, AN_HOUR));
		check(cancel_delayed_work(&a.dwork));
		check(queue_delayed_work_on(allowed_cpu((n + 1) % 2), wq, &a.dwork, 1));
		delayed_await(&a, n + 1);
		check_eq(a.cpu, allowed_cpu((n + 1) % 2));
	}
	destroy_workqueue(wq);
}

static void a_single_worker_runs_them_all(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("where");
	struct delayed_item a;
	long tid = 0;

	delayed_init(&a, wq, delayed_count);
	for (int n = 0; n < 4 * allowed_cpus(); n++) {
		check(queue_delayed_work_on(allowed_cpu(n % allowed_cpus()), wq, &a.dwork, 1));
		delayed_await(&a, n + 1);
		check(tid == 0 || a.tid == tid);
		tid = a.tid;
	}
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(an_item_runs_on_the_cpu_it_was_armed_on),
	  TEST(the_cpu_it_ran_on_before_does_not_count),
	  TEST(a_cancelled_item_armed_elsewhere_runs_there), TEST(a_single_worker_runs_them_all))
