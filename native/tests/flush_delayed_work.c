/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flush_delayed_work(): a timer that is armed fires at once, and the run is waited for.
 */
#include "items.h"
#include "support/kinds.h"

#include <limits.h>

#define FOREVER LONG_MAX
#define AN_HOUR 3600000UL /* jiffies */

static void call_flush_delayed(struct call *c)
{
	c->result = WAITING(flush_delayed_work((struct delayed_work *)c->arg));
}

static void an_armed_item_is_not_waited_for(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct delayed_work d;

		INIT_DELAYED_WORK(&d, item_count);
		check(queue_delayed_work(wq, &d, FOREVER));
		check(!WAITING(flush_work(&d.work)));
		check(cancel_delayed_work(&d));
		destroy_workqueue(wq);
	}
}

struct delayed_item {
	struct delayed_work dwork;
	int runs;
	int cpu;
};

static void delayed_count(struct work_struct *work)
{
	struct delayed_item *d = container_of(work, struct delayed_item, dwork.work);

	d->cpu = sched_getcpu();
	__atomic_fetch_add(&d->runs, 1, __ATOMIC_SEQ_CST);
}

static void an_armed_item_runs_at_once_and_is_waited_for(void)
{
	for_each_kind(k) {
		for (int deferrable = 0; deferrable < 2; deferrable++) {
			struct workqueue_struct *wq = queues[k]();
			struct delayed_item d;

			memset(&d, 0, sizeof(d));
			if (deferrable)
				INIT_DELAYED_WORK_DEFERRABLE(&d.dwork, delayed_count);
			else
				INIT_DELAYED_WORK(&d.dwork, delayed_count);
			check(queue_delayed_work(wq, &d.dwork, AN_HOUR));
			WAITING(flush_delayed_work(&d.dwork));
			check_eq(d.runs, 1);
			check(!delayed_work_pending(&d.dwork));
			check(!WAITING(flush_delayed_work(&d.dwork)));
			destroy_workqueue(wq);
		}
	}
}

static void it_runs_on_the_cpu_it_was_armed_for(void)
{
	struct workqueue_struct *wq = shared();
	struct delayed_item d;

	memset(&d, 0, sizeof(d));
	INIT_DELAYED_WORK(&d.dwork, delayed_count);
	for (int n = 0; n < allowed_cpus(); n++) {
		check(queue_delayed_work_on(allowed_cpu(n), wq, &d.dwork, FOREVER / 2));
		WAITING(flush_delayed_work(&d.dwork));
		check_eq(d.runs, n + 1);
		check_eq(d.cpu, allowed_cpu(n));
	}
	destroy_workqueue(wq);
}

static void a_queue_may_end_while_its_delayed_work_is_flushed(void)
{
	for (int i = 0; i < 200; i++) {
		struct workqueue_struct *wq = queues[i % 5]();
		struct delayed_item d;
		struct call c;

		memset(&d, 0, sizeof(d));
		INIT_DELAYED_WORK(&d.dwork, delayed_count);
		check(queue_delayed_work(wq, &d.dwork, AN_HOUR));
		call_start(&c, call_flush_delayed, &d.dwork);
		WAITING(wq_close_workqueue(wq));
		call_join(&c);
		check(!delayed_work_pending(&d.dwork));
		check(d.runs <= 1);
		destroy_workqueue(wq);
	}
	allow_report("delayed work");
}

static void bad_items_are_refused(void)
{
	struct delayed_work d;

	check(!flush_delayed_work(NULL));
	check_eq(expect_report("flush_delayed_work() of NULL"), 1);
	memset(&d, 0xaa, sizeof(d));
	check(!flush_delayed_work(&d));
	check_eq(expect_report("flush_delayed_work() of an item that was never initialised"), 1);
}

TEST_MAIN(TEST(an_armed_item_is_not_waited_for), TEST(an_armed_item_runs_at_once_and_is_waited_for),
	  TEST(it_runs_on_the_cpu_it_was_armed_for), TEST(a_queue_may_end_while_its_delayed_work_is_flushed),
	  TEST(bad_items_are_refused))
