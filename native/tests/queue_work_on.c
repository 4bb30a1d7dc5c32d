/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * queue_work_on() has an item run on the CPU it was given, whichever CPU the caller
 * is on; schedule_work_on() does the same on the global queue.
 */
#include "items.h"

static void the_item_runs_on_the_cpu_asked_for(void)
{
	struct workqueue_struct *wq = create_workqueue("placed");
	struct item a;

	for (int from = 0; from < allowed_cpus(); from++)
		for (int to = 0; to < allowed_cpus(); to++) {
			item_init(&a, wq, item_count);
			pin_to_cpu(allowed_cpu(from));
			check(queue_work_on(allowed_cpu(to), wq, &a.work));
			WAITING(flush_workqueue(wq));
			check(schedule_work_on(allowed_cpu(to), &a.work));
			unpin();
			check_eq(a.cpu, allowed_cpu(to));
			WAITING(flush_scheduled_work());
			check_eq(a.cpu, allowed_cpu(to));
			check_eq(item_runs(&a), 2);
		}
	destroy_workqueue(wq);
}

static void items_for_one_cpu_run_in_order(void)
{
	static struct item items[200];
	struct workqueue_struct *wq = create_workqueue("placed");
	int last = allowed_cpu(allowed_cpus() - 1);
	struct item busy;

	item_init(&busy, wq, item_block);
	check(queue_work_on(last, wq, &busy.work));
	gate_wait_reached(&busy.gate, 1);
	check_eq(busy.cpu, last);
	for (int i = 0; i < 200; i++) {
		item_init(&items[i], wq, item_count);
		pin_to_cpu(allowed_cpu(i % allowed_cpus()));
		check(queue_work_on(last, wq, &items[i].work));
	}
	unpin();
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	for (int i = 1; i < 200; i++)
		check_eq(items[i].order, items[i - 1].order + 1);
}

static void a_cpu_that_is_none_means_the_callers(void)
{
	static const int none[] = { WORK_CPU_UNBOUND, -1, -1000, 100000, 0x7fffffff, -0x7fffffff - 1 };
	struct workqueue_struct *wq = create_workqueue("placed");
	struct item a;

	item_init(&a, wq, item_count);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		for (int n = 0; n < allowed_cpus(); n++) {
			pin_to_cpu(allowed_cpu(n));
			check(queue_work_on(none[i], wq, &a.work));
			unpin();
			WAITING(flush_workqueue(wq));
			check_eq(a.cpu, allowed_cpu(n));
		}
	destroy_workqueue(wq);
}

static void a_pending_item_is_refused_and_stays_on_its_cpu(void)
{
	struct workqueue_struct *wq = create_workqueue("placed");
	int first = allowed_cpu(0), last = allowed_cpu(allowed_cpus() - 1);
	struct item busy, a;

	item_init(&busy, wq, item_block);
	item_init(&a, wq, item_count);
	check(queue_work_on(last, wq, &busy.work));
	gate_wait_reached(&busy.gate, 1);
	check(queue_work_on(last, wq, &a.work));
	check(!queue_work_on(first, wq, &a.work));
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
	check_eq(a.cpu, last);
}

static void one_worker_takes_what_is_meant_for_any_cpu(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("placed");
	struct item a[2];

	for (int i = 0; i < 2; i++) {
		item_init(&a[i], wq, item_count);
		check(queue_work_on(allowed_cpu(i % allowed_cpus()), wq, &a[i].work));
	}
	WAITING(flush_workqueue(wq));
	check_eq(a[0].tid, a[1].tid);
	destroy_workqueue(wq);
}

static struct {
	struct item item;
	int hops;
} hopper;

/* The function sends its item to the next CPU while it still runs here. */
static void hop(struct work_struct *work)
{
	int n = ++hopper.hops;

	item_started(item_of(work));
	check_eq(sched_getcpu(), allowed_cpu((n - 1) % allowed_cpus()));
	if (n < race_rounds(5000))
		check(queue_work_on(allowed_cpu(n % allowed_cpus()), hopper.item.wq, work));
	else
		item_finished(item_of(work));
}

static void an_item_may_send_itself_from_cpu_to_cpu(void)
{
	struct workqueue_struct *wq = create_workqueue("placed");

	item_init(&hopper.item, wq, hop);
	hopper.hops = 0;
	check(queue_work_on(allowed_cpu(0), wq, &hopper.item.work));
	item_await_done(&hopper.item, 1);
	destroy_workqueue(wq);
	check_eq(item_runs(&hopper.item), race_rounds(5000));
}

static void misuse_is_refused(void)
{
	struct workqueue_struct *wq = create_workqueue("placed");
	struct item a;

	item_init(&a, wq, item_count);
	check(!queue_work_on(0, NULL, &a.work));
	check(!queue_work_on(0, wq, NULL));
	check_eq(expect_report("queue_work_on() of NULL"), 2);
	check(!schedule_work_on(0, NULL));
	expect_report("schedule_work_on() of NULL");
	destroy_workqueue(wq);
	check(!queue_work_on(allowed_cpu(0), wq, &a.work));
	expect_report("it was destroyed");
	check(!work_pending(&a.work));
}

TEST_MAIN(TEST(the_item_runs_on_the_cpu_asked_for), TEST(items_for_one_cpu_run_in_order),
	  TEST(a_cpu_that_is_none_means_the_callers), TEST(a_pending_item_is_refused_and_stays_on_its_cpu),
	  TEST(one_worker_takes_what_is_meant_for_any_cpu), TEST(an_item_may_send_itself_from_cpu_to_cpu),
	  TEST(misuse_is_refused))
