/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What looks like a deadlock and is none is not reported: with lockdep on, each
 * claim does it, and any report fails the test.
 */
#include "support/lockdep.h"

static struct lock_class_key key_a, key_b, key_c, key_d;
static struct lockdep_map lock_a = STATIC_LOCKDEP_MAP_INIT("lock_a", &key_a);
static struct lockdep_map lock_b = STATIC_LOCKDEP_MAP_INIT("lock_b", &key_b);
static struct lockdep_map lock_c = STATIC_LOCKDEP_MAP_INIT("lock_c", &key_c);
static struct lockdep_map lock_d = STATIC_LOCKDEP_MAP_INIT("lock_d", &key_d);

/* ---- Flushing -------------------------------------------------------------- */

WORK_FUNC(flush_own)
{
	item_started(item_of(w));
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

static void a_single_threaded_queue_may_be_flushed_from_its_own_item(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("own");

	run_item(wq, flush_own, wq);
	destroy_workqueue(wq);
}

WORK_FUNC(flush_own_too)
{
	item_started(item_of(w));
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

/* Each kind of item runs inside the other's function, first one way, then the other. */
static void items_run_by_hand_inside_another_order_nothing(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("nested");
	work_func_t func[2] = { flush_own, flush_own_too };
	struct item busy, i[2];

	for (int first = 0; first < 2; first++) {
		plug(wq, &busy);
		for (int n = 0; n < 2; n++) {
			item_init(&i[n], wq, func[n ^ first]);
			check(queue_work(wq, &i[n].work));
		}
		gate_open(&busy.gate);
		WAITING(flush_workqueue(wq));
		check(i[1].tid == i[0].tid);
		check_eq(item_done(&i[1]), 1);
	}
	destroy_workqueue(wq);
}

WORK_FUNC(flush_shared_from_a)
{
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

WORK_FUNC(flush_shared_from_c)
{
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

static void two_queues_may_flush_a_third(void)
{
	struct workqueue_struct *a = create_workqueue("first");
	struct workqueue_struct *b = create_workqueue("third");
	struct workqueue_struct *c = create_workqueue("second");

	for (int i = 0; i < 3; i++) {
		run_item(a, flush_shared_from_a, b);
		run_item(c, flush_shared_from_c, b);
		run_item(b, item_count, NULL);
	}
	destroy_workqueue(b);
	destroy_workqueue(a);
	destroy_workqueue(c);
}

WORK_FUNC(destroy_other)
{
	WAITING(destroy_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

static void an_item_may_destroy_another_queue(void)
{
	struct workqueue_struct *reaper = create_singlethread_workqueue("reaper");

	for (int i = 0; i < 3; i++) {
		struct workqueue_struct *victim = create_singlethread_workqueue("victim");

		run_item(victim, flush_own, victim);
		run_item(reaper, destroy_other, victim);
	}
	destroy_workqueue(reaper);
}

/* ---- Cancelling ------------------------------------------------------------ */

WORK_FUNC(takes_a)
{
	with_lock(&lock_a, item_finished(item_of(w)));
}

WORK_FUNC(takes_nothing)
{
	item_finished(item_of(w));
}

static void a_cancel_may_hold_a_lock_that_another_item_of_the_queue_takes(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("two");
	struct item i;

	run_item(wq, takes_a, NULL);
	item_init(&i, NULL, takes_nothing);
	check(queue_work(wq, &i.work));
	with_lock(&lock_a, WAITING(cancel_work_sync(&i.work)));
	run_item(wq, takes_nothing, NULL);
	destroy_workqueue(wq);
}

WORK_FUNC(cancel_sibling)
{
	struct item *self = item_of(w);

	WAITING(cancel_work_sync(&(self + 1)->work));
	item_finished(self);
}

static void a_function_may_cancel_another_item_of_its_own(void)
{
	struct workqueue_struct *wq = create_workqueue("siblings");
	struct item pair[2];

	for (int i = 0; i < 3; i++) {
		item_init(&pair[0], wq, cancel_sibling);
		item_init(&pair[1], wq, cancel_sibling);
		check(queue_work(wq, &pair[0].work));
		item_await_done(&pair[0], 1);
	}
	destroy_workqueue(wq);
}

static struct item *pending_one;

WORK_FUNC(cancels_second)
{
	check(WAITING(cancel_work_sync(&pending_one->work)));
	item_finished(item_of(w));
}

WORK_FUNC(cancels_first)
{
	check(WAITING(cancel_work_sync(&pending_one->work)));
	item_finished(item_of(w));
}

/* On the only worker neither can run while the other does. */
static void items_of_a_single_threaded_queue_may_cancel_one_another(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("tie");
	work_func_t func[2] = { cancels_second, cancels_first };
	struct item busy, i[2];

	for (int first = 0; first < 2; first++) {
		plug(wq, &busy);
		for (int n = 0; n < 2; n++) {
			item_init(&i[n], wq, func[n ^ first]);
			check(queue_work(wq, &i[n].work));
		}
		pending_one = &i[1];
		gate_open(&busy.gate);
		item_await_done(&i[0], 1);
	}
	destroy_workqueue(wq);
}

/* ---- Locks ------------------------------------------------------------------ */

static int in_order_done;

WORK_FUNC(in_order)
{
	(void)w;
	with_lock(&lock_b, with_lock(&lock_c, (void)0));
	with_lock(&lock_c, (void)0);
	__atomic_fetch_add(&in_order_done, 1, __ATOMIC_SEQ_CST);
}

WORK_FUNC(in_order_too)
{
	in_order(w);
}

static void many_items_may_take_locks_in_one_order(void)
{
	enum { NR = 200 };
	static struct work_struct items[NR];
	struct workqueue_struct *wq[2] = { create_workqueue("order1"),
					   create_singlethread_workqueue("order2") };

	for (int i = 0; i < NR; i++) {
		INIT_WORK(&items[i], i % 3 ? in_order : in_order_too);
		check(queue_work(wq[i % 2], &items[i]));
		with_lock(&lock_b, with_lock(&lock_c, (void)0));
	}
	for (int i = 0; i < 2; i++) {
		WAITING(flush_workqueue(wq[i]));
		destroy_workqueue(wq[i]);
	}
	check_eq(in_order_done, NR);
}

static void locks_may_be_let_go_in_any_order(void)
{
	for (int i = 0; i < 3; i++) {
		lock_map_acquire(&lock_b);
		lock_map_acquire(&lock_c);
		lock_map_release(&lock_b);
		lock_map_release(&lock_c);
	}
}

static void a_lock_that_was_tried_may_be_out_of_order(void)
{
	with_lock(&lock_b, with_lock(&lock_c, (void)0));
	lock_map_acquire(&lock_c);
	lock_map_acquire_try(&lock_b);
	lock_map_release(&lock_b);
	lock_map_release(&lock_c);
}

static void a_flush_may_hold_a_lock_that_no_item_takes(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("free");

	run_item(wq, takes_nothing, NULL);
	with_lock(&lock_d, WAITING(flush_workqueue(wq)));
	run_item(wq, takes_nothing, NULL);
	with_lock(&lock_d, WAITING(destroy_workqueue(wq)));
}

static void turn_on(void)
{
	check(wq_lockdep_enable());
}

TEST_MAIN(TEST(turn_on), TEST(a_single_threaded_queue_may_be_flushed_from_its_own_item),
	  TEST(items_run_by_hand_inside_another_order_nothing), TEST(two_queues_may_flush_a_third),
	  TEST(an_item_may_destroy_another_queue),
	  TEST(a_cancel_may_hold_a_lock_that_another_item_of_the_queue_takes),
	  TEST(a_function_may_cancel_another_item_of_its_own),
	  TEST(items_of_a_single_threaded_queue_may_cancel_one_another),
	  TEST(many_items_may_take_locks_in_one_order), TEST(locks_may_be_let_go_in_any_order),
	  TEST(a_lock_that_was_tried_may_be_out_of_order),
	  TEST(a_flush_may_hold_a_lock_that_no_item_takes))
