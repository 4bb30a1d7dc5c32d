/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flush_work() waits for what was last queued of one item, and for nothing else; it says
 * whether it waited.
 */
#include "items.h"
#include "support/kinds.h"

static void call_flush_work(struct call *c)
{
	c->result = WAITING(flush_work((struct work_struct *)c->arg));
}

static void begin_flush(struct call *c, struct item *a)
{
	call_start(c, call_flush_work, &a->work);
	check(call_sleeps(c));
}

/* Behind another item that stands there, so that it is listed, parked, or in the worker's hand. */
static void queue_behind(struct item *before, struct item *a, work_func_t function, struct workqueue_struct *wq)
{
	pin_to_cpu(allowed_cpu(0));
	plug(wq, before);
	item_init(a, wq, function);
	check(queue_work(wq, &a->work));
	unpin();
}

static void an_idle_item_gives_false(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item a;

		item_init(&a, wq, item_count);
		check(!WAITING(flush_work(&a.work)));
		check(queue_work(wq, &a.work));
		WAITING(flush_workqueue(wq));
		check(!WAITING(flush_work(&a.work)));
		check_eq(item_runs(&a), 1);
		destroy_workqueue(wq);
	}
}

static void a_running_item_is_waited_for(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item a;
		struct call c;

		plug(wq, &a);
		begin_flush(&c, &a);
		gate_open(&a.gate);
		check(call_join(&c));
		check_eq(item_done(&a), 1);
		destroy_workqueue(wq);
	}
}

static void a_pending_item_is_waited_for(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item before, a;
		struct call c;

		queue_behind(&before, &a, item_block, wq);
		begin_flush(&c, &a);
		gate_open(&before.gate);
		gate_wait_reached(&a.gate, 1);
		check(call_sleeps(&c));
		gate_open(&a.gate);
		check(call_join(&c));
		check_eq(item_done(&a), 1);
		destroy_workqueue(wq);
	}
}

/* The later one stands until the flush has returned. */
static void later_items_are_not_waited_for(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item before, a, later;
		struct call c;

		queue_behind(&before, &a, item_count, wq);
		item_init(&later, wq, item_block);
		check(queue_work_on(allowed_cpu(0), wq, &later.work));
		begin_flush(&c, &a);
		gate_open(&before.gate);
		call_join(&c);
		check_eq(item_done(&a), 1);
		gate_open(&later.gate);
		destroy_workqueue(wq);
		check_eq(item_done(&later), 1);
	}
}

static void a_cancel_of_the_item_ends_the_wait(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item before, a;
		struct call c;

		queue_behind(&before, &a, item_count, wq);
		begin_flush(&c, &a);
		check(cancel_work(&a.work));
		check(call_join(&c));
		gate_open(&before.gate);
		destroy_workqueue(wq);
		check_eq(item_runs(&a), 0);
	}
}

static int nr_left;

static void requeue_for_a_while(struct work_struct *work)
{
	if (__atomic_sub_fetch(&nr_left, 1, __ATOMIC_SEQ_CST) > 0)
		queue_work(item_of(work)->wq, work);
	item_count(work);
}

static void an_item_that_queues_itself_for_ever_is_flushed(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item a;

		item_init(&a, wq, requeue_for_a_while);
		__atomic_store_n(&nr_left, 1 << 30, __ATOMIC_SEQ_CST);
		check(queue_work(wq, &a.work));
		for (int i = 0; i < 50; i++)
			WAITING(flush_work(&a.work));
		check(item_done(&a) > 0);
		__atomic_store_n(&nr_left, 0, __ATOMIC_SEQ_CST);
		WAITING(cancel_work_sync(&a.work));
		destroy_workqueue(wq);
	}
}

static void thirteen_threads_may_flush_one_item(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct call calls[13];
		struct item a;

		plug(wq, &a);
		for (int i = 0; i < 13; i++)
			call_start(&calls[i], call_flush_work, &a.work);
		for (int i = 0; i < 13; i++)
			check(call_sleeps(&calls[i]));
		gate_open(&a.gate);
		for (int i = 0; i < 13; i++)
			check(call_join(&calls[i]));
		destroy_workqueue(wq);
	}
}

static void free_itself(struct work_struct *work)
{
	gate_wait(&item_of(work)->gate);
	memset(work, 0xdb, sizeof(*work));
	gate_wait(&item_of(work)->gate);
}

static void the_function_may_spoil_its_item(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item a;
		struct call c;

		item_init(&a, wq, free_itself);
		check(queue_work(wq, &a.work));
		begin_flush(&c, &a);
		gate_open(&a.gate);
		check(call_join(&c));
		destroy_workqueue(wq);
	}
}

static struct item inner;
static int inner_result;

static void flush_inner(struct work_struct *work)
{
	item_started(item_of(work));
	inner_result = WAITING(flush_work(&inner.work));
	item_finished(item_of(work));
}

static struct workqueue_struct *shared_2(void) { return alloc_workqueue("shared", WQ_PERCPU, 2); }
static struct workqueue_struct *unbound_2(void) { return alloc_workqueue("unbound", WQ_UNBOUND, 2); }

/* A classic queue's only worker runs the item itself; a shared pool has another. */
static void an_item_may_flush_one_behind_it(void)
{
	static const make_queue with_room[] = { one, cpus, shared_2, unbound_2 };

	for (int k = 0; k < 4; k++) {
		struct workqueue_struct *wq = with_room[k]();
		struct item outer;

		item_init(&outer, wq, flush_inner);
		item_init(&inner, wq, item_count);
		inner_result = -1;
		pin_to_cpu(allowed_cpu(0));
		check(queue_work(wq, &outer.work));
		check(queue_work(wq, &inner.work));
		unpin();
		WAITING(flush_workqueue(wq));
		check_eq(item_runs(&inner), 1);
		check(inner_result >= 0);
		destroy_workqueue(wq);
	}
}

static void flush_self(struct work_struct *work)
{
	inner_result = WAITING(flush_work(work));
	item_count(work);
}

static void from_the_own_function_it_is_reported_once(void)
{
	struct workqueue_struct *wq = one();
	struct item a;

	item_init(&a, wq, flush_self);
	for (int i = 1; i <= 2; i++) {
		check(queue_work(wq, &a.work));
		WAITING(flush_workqueue(wq));
		check_eq(item_runs(&a), i);
		check(!inner_result);
	}
	check_eq(expect_report("flush_work() of an item from its own function"), 1);
	destroy_workqueue(wq);
}

static void requeue_and_flush_self(struct work_struct *work)
{
	if (item_runs(item_of(work)) == 0)
		check(queue_work(item_of(work)->wq, work));
	inner_result = WAITING(flush_work(work));
	item_count(work);
}

static void a_run_to_come_of_the_own_item_is_not_waited_for(void)
{
	struct workqueue_struct *wq = shared();
	struct item a;

	item_init(&a, wq, requeue_and_flush_self);
	check(queue_work(wq, &a.work));
	item_await_done(&a, 2);
	check(!inner_result);
	allow_report("from its own function");
	destroy_workqueue(wq);
}

static void a_frozen_queue_is_waited_for_until_the_thaw(void)
{
	struct workqueue_struct *wq = alloc_workqueue("frozen", WQ_FREEZABLE, 0);
	struct item a;
	struct call c;

	freeze_workqueues_begin();
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	begin_flush(&c, &a);
	check_eq(item_runs(&a), 0);
	thaw_workqueues();
	check(call_join(&c));
	check_eq(item_runs(&a), 1);
	destroy_workqueue(wq);
}

static void bad_items_are_refused(void)
{
	struct work_struct work;

	check(!flush_work(NULL));
	check_eq(expect_report("flush_work() of NULL"), 1);
	memset(&work, 0, sizeof(work));
	check(!flush_work(&work));
	check_eq(expect_report("flush_work() of an item that was never initialised"), 1);
}

static void in_a_forked_child_it_is_refused(void)
{
	struct workqueue_struct *wq = one();
	struct item before, a;
	pid_t child;
	int status = -1;

	queue_behind(&before, &a, item_count, wq);
	child = fork();
	if (child == 0) {
		bool ok = !flush_work(&a.work);

		_exit(ok && expect_report("queued in the parent process") == 1 ? 0 : 1);
	}
	check_eq(WAITING(waitpid(child, &status, 0)), child);
	check_eq(status, 0);
	gate_open(&before.gate);
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(an_idle_item_gives_false), TEST(a_running_item_is_waited_for), TEST(a_pending_item_is_waited_for),
	  TEST(later_items_are_not_waited_for), TEST(a_cancel_of_the_item_ends_the_wait),
	  TEST(an_item_that_queues_itself_for_ever_is_flushed), TEST(thirteen_threads_may_flush_one_item),
	  TEST(the_function_may_spoil_its_item), TEST(an_item_may_flush_one_behind_it),
	  TEST(from_the_own_function_it_is_reported_once), TEST(a_run_to_come_of_the_own_item_is_not_waited_for),
	  TEST(a_frozen_queue_is_waited_for_until_the_thaw), TEST(bad_items_are_refused),
	  TEST(in_a_forked_child_it_is_refused))
