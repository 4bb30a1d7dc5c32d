/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * workqueue_set_max_active(): raised, it starts what waits for room; lowered, fewer follow;
 * of a frozen queue it is kept for the thaw. Where the limit is fixed, it stays.
 * workqueue_set_min_active() changes nothing.
 */
#include "items.h"

static const unsigned int kinds[] = { 0, WQ_UNBOUND, WQ_HIGHPRI };
enum { NR_KINDS = sizeof(kinds) / sizeof(kinds[0]), NR_ITEMS = 4 };

static struct item items[NR_ITEMS];

static void queue_blocked(struct workqueue_struct *wq, int first, int end)
{
	for (int i = first; i < end; i++) {
		item_init(&items[i], wq, item_block);
		check(queue_work(wq, &items[i].work));
	}
}

static int nr_begun(void)
{
	int n = 0;

	for (int i = 0; i < NR_ITEMS; i++)
		n += item_runs(&items[i]);
	return n;
}

static void await_begun_(int n)
{
	while (nr_begun() < n)
		sched_yield();
}

#define await_begun(n) WAITING(await_begun_(n))

static void open_all(struct workqueue_struct *wq)
{
	for (int i = 0; i < NR_ITEMS; i++)
		gate_open(&items[i].gate);
	WAITING(flush_workqueue(wq));
	for (int i = 0; i < NR_ITEMS; i++)
		check_eq(item_done(&items[i]), 1);
}

/* An item of another queue has begun behind them, so those of WQ that may run have begun. */
static void let_others_begin(unsigned int kind)
{
	struct workqueue_struct *beside = alloc_workqueue("beside", kind, 0);
	struct item last;

	item_init(&last, beside, item_count);
	check(queue_work(beside, &last.work));
	item_await_done(&last, 1);
	destroy_workqueue(beside);
}

static void raising_it_starts_what_waits_in_order(void)
{
	for (int k = 0; k < NR_KINDS; k++) {
		struct workqueue_struct *wq = alloc_workqueue("raised", kinds[k], 1);

		pin_to_cpu(allowed_cpu(0));
		queue_blocked(wq, 0, NR_ITEMS);
		gate_wait_reached(&items[0].gate, 1);
		let_others_begin(kinds[k]);
		check_eq(item_runs(&items[1]), 0);
		workqueue_set_max_active(wq, 3);
		gate_wait_reached(&items[1].gate, 1);
		gate_wait_reached(&items[2].gate, 1);
		let_others_begin(kinds[k]);
		check_eq(item_runs(&items[3]), 0);
		open_all(wq);
		unpin();
		destroy_workqueue(wq);
	}
}

static void lowering_it_stops_nothing_and_fewer_follow(void)
{
	for (int k = 0; k < NR_KINDS; k++) {
		struct workqueue_struct *wq = alloc_workqueue("lowered", kinds[k], 2);

		pin_to_cpu(allowed_cpu(0));
		queue_blocked(wq, 0, 2);
		gate_wait_reached(&items[0].gate, 1);
		gate_wait_reached(&items[1].gate, 1);
		workqueue_set_max_active(wq, 1);
		queue_blocked(wq, 2, NR_ITEMS);
		gate_open(&items[0].gate);
		item_await_done(&items[0], 1);
		let_others_begin(kinds[k]);
		check_eq(item_runs(&items[2]), 0); /* The other one is enough. */
		gate_open(&items[1].gate);
		await_begun(3);
		let_others_begin(kinds[k]);
		check_eq(nr_begun(), 3);
		open_all(wq);
		unpin();
		destroy_workqueue(wq);
	}
}

static void raise_and_stand(struct work_struct *work)
{
	workqueue_set_max_active(item_of(work)->wq, 2);
	item_block(work);
}

static void an_item_may_raise_it(void)
{
	for (int k = 0; k < NR_KINDS; k++) {
		struct workqueue_struct *wq = alloc_workqueue("own", kinds[k], 1);
		struct item raiser, next;

		pin_to_cpu(allowed_cpu(0));
		item_init(&raiser, wq, raise_and_stand);
		item_init(&next, wq, item_block);
		check(queue_work(wq, &raiser.work));
		check(queue_work(wq, &next.work));
		gate_wait_reached(&raiser.gate, 1);
		gate_wait_reached(&next.gate, 1);
		gate_open(&raiser.gate);
		gate_open(&next.gate);
		unpin();
		destroy_workqueue(wq);
	}
}

static void links_made_later_have_it_too(void)
{
	struct workqueue_struct *wq = alloc_workqueue("everywhere", 0, 1);

	pin_to_cpu(allowed_cpu(0));
	workqueue_set_max_active(wq, 2);
	pin_to_cpu(allowed_cpu(allowed_cpus() - 1));
	queue_blocked(wq, 0, NR_ITEMS);
	await_begun(2);
	let_others_begin(0);
	check_eq(nr_begun(), 2);
	open_all(wq);
	unpin();
	destroy_workqueue(wq);
}

static void while_frozen_it_is_kept_for_the_thaw(void)
{
	for (int k = 0; k < NR_KINDS; k++) {
		struct workqueue_struct *wq = alloc_workqueue("frozen", kinds[k] | WQ_FREEZABLE, 1);

		pin_to_cpu(allowed_cpu(0));
		freeze_workqueues_begin();
		queue_blocked(wq, 0, NR_ITEMS);
		workqueue_set_max_active(wq, 2);
		let_others_begin(kinds[k]);
		check_eq(item_runs(&items[0]), 0);
		thaw_workqueues();
		await_begun(2);
		let_others_begin(kinds[k]);
		check_eq(nr_begun(), 2);
		open_all(wq);
		unpin();
		destroy_workqueue(wq);
	}
}

static void it_is_clamped_and_said(void)
{
	struct workqueue_struct *wq = alloc_workqueue("clamped", 0, 2);

	pin_to_cpu(allowed_cpu(0));
	workqueue_set_max_active(wq, 0);
	check_eq(expect_report("max_active 0 requested for clamped is out of range, clamping between 1 and 2048"), 1);
	queue_blocked(wq, 0, NR_ITEMS);
	gate_wait_reached(&items[0].gate, 1);
	let_others_begin(0);
	check_eq(item_runs(&items[1]), 0);
	workqueue_set_max_active(wq, 2049);
	check_eq(expect_report("max_active 2049 requested for clamped is out of range"), 1);
	for (int i = 1; i < NR_ITEMS; i++)
		gate_wait_reached(&items[i].gate, 1);
	open_all(wq);
	unpin();
	destroy_workqueue(wq);
}

static void where_it_is_fixed_it_stays(void)
{
	struct workqueue_struct *ordered = alloc_ordered_workqueue("ordered", 0);
	struct workqueue_struct *soft = alloc_workqueue("soft", WQ_BH, 0);
	struct workqueue_struct *classic = create_singlethread_workqueue("classic");

	workqueue_set_max_active(ordered, 2);
	check_eq(expect_report("workqueue_set_max_active() of ordered, which is ordered: refused"), 1);
	workqueue_set_max_active(soft, 2);
	check_eq(expect_report("workqueue_set_max_active() of soft, which is WQ_BH: refused"), 1);
	workqueue_set_max_active(classic, 2);
	check_eq(expect_report("workqueue_set_max_active() of classic, which has workers of its own: refused"), 1);
	queue_blocked(ordered, 0, NR_ITEMS);
	gate_wait_reached(&items[0].gate, 1);
	let_others_begin(WQ_UNBOUND);
	check_eq(item_runs(&items[1]), 0);
	open_all(ordered);
	destroy_workqueue(ordered);
	destroy_workqueue(soft);
	destroy_workqueue(classic);
}

static void the_least_is_taken_of_unbound_queues_only(void)
{
	struct workqueue_struct *unbound = alloc_workqueue("unbound", WQ_UNBOUND, 1);
	struct workqueue_struct *bound = alloc_workqueue("bound", 0, 0);
	struct workqueue_struct *ordered = alloc_ordered_workqueue("ordered", 0);

	workqueue_set_min_active(unbound, WQ_DFL_MIN_ACTIVE);
	queue_blocked(unbound, 0, NR_ITEMS);
	gate_wait_reached(&items[0].gate, 1);
	let_others_begin(WQ_UNBOUND);
	check_eq(item_runs(&items[1]), 0); /* max_active is what it was. */
	open_all(unbound);
	workqueue_set_min_active(bound, 1);
	check_eq(expect_report("workqueue_set_min_active() of bound, which is not WQ_UNBOUND: refused"), 1);
	workqueue_set_min_active(ordered, 1);
	check_eq(expect_report("workqueue_set_min_active() of ordered, which is ordered: refused"), 1);
	destroy_workqueue(unbound);
	destroy_workqueue(bound);
	destroy_workqueue(ordered);
}

static void queues_that_are_gone_are_refused(void)
{
	struct workqueue_struct *wq = alloc_workqueue("gone", WQ_UNBOUND, 0);

	wq_close_workqueue(wq);
	workqueue_set_max_active(wq, 3); /* Nothing is queued there any more. */
	destroy_workqueue(wq);
	workqueue_set_max_active(wq, 3);
	workqueue_set_max_active(NULL, 3);
	check_eq(expect_report("workqueue_set_max_active() of a queue that is NULL, was destroyed"), 2);
	workqueue_set_min_active(wq, 3);
	workqueue_set_min_active(NULL, 3);
	check_eq(expect_report("workqueue_set_min_active() of a queue that is NULL, was destroyed"), 2);
}

TEST_MAIN(TEST(raising_it_starts_what_waits_in_order), TEST(lowering_it_stops_nothing_and_fewer_follow),
	  TEST(an_item_may_raise_it), TEST(links_made_later_have_it_too), TEST(while_frozen_it_is_kept_for_the_thaw),
	  TEST(it_is_clamped_and_said), TEST(where_it_is_fixed_it_stays),
	  TEST(the_least_is_taken_of_unbound_queues_only), TEST(queues_that_are_gone_are_refused))
