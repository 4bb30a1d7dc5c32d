/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * set_worker_desc(): what an item says about itself is in the reports of waits for its
 * worker, until the item ends. On other threads the call does nothing.
 */
#include "support/lockdep.h"

enum { SOON_MS = 20 };

static bool reported_soon_(const char *const *parts)
{
	while (!match_parts(parts))
		sched_yield();
	return true;
}

#define await_report(...) WAITING(reported_soon_((const char *const[]){ __VA_ARGS__, NULL }))

static void begin(void)
{
	wq_set_stall_timeout_ms(SOON_MS);
}

/* The call has made all its reports. */
static void end(struct call *c)
{
	call_join(c);
	wq_set_stall_timeout_ms(0);
	allow_report("stall: ");
}

WORK_FUNC(item_with_text)
{
	set_worker_desc("first");
	set_worker_desc("flush-%d:%s", 8, "zero");
	item_block(w);
}

WORK_FUNC(item_without_text)
{
	item_block(w);
}

static void it_is_named_until_the_item_ends(struct workqueue_struct *wq)
{
	struct item with, without;
	struct call cancel;

	begin();
	item_init(&with, wq, item_with_text);
	item_init(&without, wq, item_without_text);
	check(queue_work(wq, &with.work));
	gate_wait_reached(&with.gate, 1);
	check(queue_work(wq, &without.work));
	call_start(&cancel, call_cancel, &with.work);
	await_report("which runs item_with_text (flush-8:zero)");
	gate_open(&with.gate);
	end(&cancel);
	begin();
	gate_wait_reached(&without.gate, 1);
	call_start(&cancel, call_cancel, &without.work);
	await_report("which runs item_without_text");
	check_eq(reports_with("which runs item_without_text ("), 0);
	gate_open(&without.gate);
	end(&cancel);
	destroy_workqueue(wq);
}

static void a_classic_workers_item_is_described(void)
{
	it_is_named_until_the_item_ends(create_singlethread_workqueue("classic"));
}

static void a_shared_workers_item_is_described(void)
{
	it_is_named_until_the_item_ends(alloc_ordered_workqueue("shared", 0));
}

static void a_flush_names_the_worker_that_is_at_the_queues_item(void)
{
	struct workqueue_struct *wq = alloc_workqueue("flushed", WQ_UNBOUND, 0);
	struct workqueue_struct *beside = alloc_workqueue("beside", WQ_UNBOUND, 0);
	struct item with, others[3];
	struct call flush;

	item_init(&with, wq, item_with_text);
	check(queue_work(wq, &with.work));
	gate_wait_reached(&with.gate, 1);
	for (int i = 0; i < 3; i++)
		plug(beside, &others[i]);
	begin();
	call_start(&flush, call_flush, wq);
	await_report("in flush_workqueue() of queue \"flushed\" for kworker/", "which runs item_with_text (flush-8:zero)");
	gate_open(&with.gate);
	end(&flush);
	for (int i = 0; i < 3; i++)
		gate_open(&others[i].gate);
	destroy_workqueue(wq);
	destroy_workqueue(beside);
}

static struct item outer, inner;

WORK_FUNC(outer_item)
{
	set_worker_desc("outer text");
	flush_workqueue(item_of(w)->wq);
	item_block(w);
}

WORK_FUNC(inner_item)
{
	item_block(w);
}

static void an_item_inside_another_has_its_own(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("nested");
	struct item busy;
	struct call flush;

	begin();
	plug(wq, &busy);
	item_init(&outer, wq, outer_item);
	item_init(&inner, wq, inner_item);
	check(queue_work(wq, &outer.work));
	check(queue_work(wq, &inner.work));
	gate_open(&busy.gate);
	gate_wait_reached(&inner.gate, 1);
	call_start(&flush, call_flush, wq);
	await_report("which runs inner_item");
	check_eq(reported("outer text"), 0);
	gate_open(&inner.gate);
	gate_wait_reached(&outer.gate, 1);
	await_report("which runs outer_item (outer text)");
	gate_open(&outer.gate);
	end(&flush);
	destroy_workqueue(wq);
}

WORK_FUNC(item_with_long_text)
{
	wq_set_worker_desc("0123456789012345678901234567890123456789");
	item_block(w);
}

static void a_long_text_is_cut(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("long");
	struct item a;
	struct call flush;

	begin();
	item_init(&a, wq, item_with_long_text);
	check(queue_work(wq, &a.work));
	gate_wait_reached(&a.gate, 1);
	call_start(&flush, call_flush, wq);
	check_eq(WORKER_DESC_LEN, 32);
	await_report("(0123456789012345678901234567890)");
	gate_open(&a.gate);
	end(&flush);
	destroy_workqueue(wq);
}

static void elsewhere_it_does_nothing(void)
{
	const char *volatile none = NULL;

	set_worker_desc("%d", 1);
	wq_set_worker_desc(none);
	check_eq(expect_report("set_worker_desc() of NULL"), 1);
}

TEST_MAIN(TEST(a_classic_workers_item_is_described), TEST(a_shared_workers_item_is_described),
	  TEST(a_flush_names_the_worker_that_is_at_the_queues_item), TEST(an_item_inside_another_has_its_own), TEST(a_long_text_is_cut), TEST(elsewhere_it_does_nothing))
