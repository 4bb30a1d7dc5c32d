/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can be asked: work_busy() of an item, current_work() of the calling thread, and
 * workqueue_congested() of a queue, on classic queues and on those that share workers.
 */
#include "items.h"
#include "support/delayed.h"

static struct workqueue_struct *single(void)
{
	return create_singlethread_workqueue("single");
}

static struct workqueue_struct *classic(void)
{
	return create_workqueue("classic");
}

static struct workqueue_struct *shared(void)
{
	return alloc_workqueue("shared", 0, 1);
}

static struct workqueue_struct *unbound(void)
{
	return alloc_workqueue("unbound", WQ_UNBOUND, 1);
}

static struct workqueue_struct *(*const kinds[])(void) = { single, classic, shared, unbound };
enum { NR_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void an_item_is_pending_then_running_then_neither(void)
{
	for (int k = 0; k < NR_KINDS; k++) {
		struct workqueue_struct *wq = kinds[k]();
		struct item busy, a;

		pin_to_cpu(allowed_cpu(0));
		item_init(&a, wq, item_block);
		check_eq(work_busy(&a.work), 0);
		plug(wq, &busy);
		check_eq(work_busy(&busy.work), WORK_BUSY_RUNNING);
		check(queue_work(wq, &a.work));
		check_eq(work_busy(&a.work), WORK_BUSY_PENDING);
		gate_open(&busy.gate);
		gate_wait_reached(&a.gate, 1);
		check_eq(work_busy(&a.work), WORK_BUSY_RUNNING);
		check(queue_work(wq, &a.work));
		check_eq(work_busy(&a.work), WORK_BUSY_PENDING | WORK_BUSY_RUNNING);
		check(cancel_work(&a.work));
		check_eq(work_busy(&a.work), WORK_BUSY_RUNNING);
		gate_open(&a.gate);
		unpin();
		destroy_workqueue(wq);
		check_eq(work_busy(&a.work), 0);
		check_eq(item_runs(&a), 1);
	}
}

static void a_run_on_any_cpu_counts(void)
{
	struct workqueue_struct *wq = create_workqueue("classic");
	int last = allowed_cpu(allowed_cpus() - 1);
	struct item a, busy;

	item_init(&a, wq, item_block);
	item_init(&busy, wq, item_block);
	check(queue_work_on(allowed_cpu(0), wq, &a.work));
	gate_wait_reached(&a.gate, 1);
	if (last != allowed_cpu(0)) {
		check(queue_work_on(last, wq, &busy.work));
		gate_wait_reached(&busy.gate, 1);
	}
	check(queue_work_on(last, wq, &a.work));
	check(cancel_work(&a.work)); /* The other CPU's is the last it was on. */
	check_eq(work_busy(&a.work), WORK_BUSY_RUNNING);
	INIT_WORK(&a.work, item_block); /* It has no past now. */
	check_eq(work_busy(&a.work), 0);
	gate_open(&a.gate);
	gate_open(&busy.gate);
	destroy_workqueue(wq);
}

static void an_armed_item_is_pending(void)
{
	struct workqueue_struct *wq = shared();
	struct delayed_work dwork;

	INIT_DELAYED_WORK(&dwork, item_count);
	check(queue_delayed_work(wq, &dwork, AN_HOUR));
	check_eq(work_busy(&dwork.work), WORK_BUSY_PENDING);
	check(cancel_delayed_work(&dwork));
	check_eq(work_busy(&dwork.work), 0);
	destroy_workqueue(wq);
}

struct outer {
	struct item item;
	struct work_struct inner, *seen_before, *seen_inside, *seen_after;
	unsigned int busy_inside;
};

static struct outer outer;

static void look_inside(struct work_struct *work)
{
	outer.seen_inside = current_work();
	outer.busy_inside = work_busy(&outer.item.work);
	check(outer.seen_inside == work);
}

static void look_around(struct work_struct *work)
{
	outer.seen_before = current_work();
	check(queue_work(item_of(work)->wq, &outer.inner));
	flush_workqueue(item_of(work)->wq); /* Runs the other one inside. */
	outer.seen_after = current_work();
	item_finished(item_of(work));
}

static void the_current_item_is_the_innermost(void)
{
	struct workqueue_struct *wq = single();

	check(current_work() == NULL);
	item_init(&outer.item, wq, look_around);
	INIT_WORK(&outer.inner, look_inside);
	check(queue_work(wq, &outer.item.work));
	item_await_done(&outer.item, 1);
	destroy_workqueue(wq);
	check(outer.seen_before == &outer.item.work);
	check(outer.seen_inside == &outer.inner);
	check(outer.seen_after == &outer.item.work);
	check_eq(outer.busy_inside, WORK_BUSY_RUNNING);
}

static struct work_struct *seen;

static void note_current(struct work_struct *work)
{
	seen = current_work();
	item_count(work);
}

static void an_item_of_shared_workers_is_current_too(void)
{
	struct workqueue_struct *wq = shared();
	struct item a;

	item_init(&a, wq, note_current);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check(seen == &a.work);
	destroy_workqueue(wq);
}

static void a_queue_is_congested_while_items_stand_back(void)
{
	for (int k = 2; k < NR_KINDS; k++) {
		struct workqueue_struct *wq = kinds[k]();
		int here = allowed_cpu(0), there = allowed_cpu(allowed_cpus() - 1);
		struct item busy, a;

		pin_to_cpu(here);
		item_init(&a, wq, item_count);
		check(!workqueue_congested(here, wq));
		plug(wq, &busy);
		check(!workqueue_congested(WORK_CPU_UNBOUND, wq));
		check(queue_work(wq, &a.work));
		check(workqueue_congested(here, wq));
		check(workqueue_congested(WORK_CPU_UNBOUND, wq));
		if (here != there)
			check_eq(workqueue_congested(there, wq), kinds[k] == unbound);
		gate_open(&busy.gate);
		WAITING(flush_workqueue(wq));
		check(!workqueue_congested(here, wq));
		unpin();
		destroy_workqueue(wq);
	}
}

static void a_frozen_queue_with_items_is_congested(void)
{
	struct workqueue_struct *wq = alloc_workqueue("frozen", WQ_FREEZABLE | WQ_UNBOUND, 0);
	struct item a;

	item_init(&a, wq, item_count);
	freeze_workqueues_begin();
	check(!workqueue_congested(0, wq));
	check(queue_work(wq, &a.work));
	check(workqueue_congested(0, wq));
	thaw_workqueues();
	WAITING(flush_workqueue(wq));
	check(!workqueue_congested(0, wq));
	destroy_workqueue(wq);
}

static void a_classic_queue_is_never_congested(void)
{
	for (int k = 0; k < 2; k++) {
		struct workqueue_struct *wq = kinds[k]();
		struct item busy, a;

		pin_to_cpu(allowed_cpu(0));
		item_init(&a, wq, item_count);
		plug(wq, &busy);
		check(queue_work(wq, &a.work));
		check(!workqueue_congested(WORK_CPU_UNBOUND, wq));
		gate_open(&busy.gate);
		unpin();
		destroy_workqueue(wq);
	}
}

static void misuse_is_reported(void)
{
	struct workqueue_struct *wq = single();
	struct item a;

	memset(&a, 0xa5, sizeof(a));
	check_eq(work_busy(NULL), 0);
	check_eq(work_busy(&a.work), 0);
	check_eq(expect_report("work_busy() of an item that is NULL or was never initialised"), 2);
	check(!workqueue_congested(0, NULL));
	destroy_workqueue(wq);
	check(!workqueue_congested(0, wq));
	check_eq(expect_report("workqueue_congested() of a queue that is NULL, was destroyed"), 2);
}

TEST_MAIN(TEST(an_item_is_pending_then_running_then_neither), TEST(a_run_on_any_cpu_counts),
	  TEST(an_armed_item_is_pending), TEST(the_current_item_is_the_innermost),
	  TEST(an_item_of_shared_workers_is_current_too), TEST(a_queue_is_congested_while_items_stand_back),
	  TEST(a_frozen_queue_with_items_is_congested), TEST(a_classic_queue_is_never_congested),
	  TEST(misuse_is_reported))
