/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A frozen queue finishes the item it is at and starts no other until the thaw;
 * then it goes on where it was. The worker is held at gates, and the tests wait
 * until freeze_workqueues_busy() says that it has stopped.
 */
#include "items.h"

static bool all_stopped(void)
{
	while (freeze_workqueues_busy())
		sched_yield();
	return true;
}

/* Freezes @wq while it is at an item; the item's gate is open on return. */
static void freeze_at_an_item(struct workqueue_struct *wq, struct item *busy)
{
	plug(wq, busy);
	freeze_workqueues_begin();
	check(freeze_workqueues_busy());
	gate_open(&busy->gate);
}

static void the_item_under_way_finishes_and_the_next_waits(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("freezeable");
	struct item busy, next;

	item_init(&next, wq, item_count);
	freeze_at_an_item(wq, &busy);
	check(queue_work(wq, &next.work));
	check(WAITING(all_stopped()));
	check_eq(item_done(&busy), 1);
	check_eq(item_runs(&next), 0);
	check(work_pending(&next.work));
	thaw_workqueues();
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&next), 1);
	destroy_workqueue(wq);
}

static void items_in_hand_when_it_froze_can_be_cancelled(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("freezeable");
	struct item busy, items[40];

	plug(wq, &busy);
	for (int i = 0; i < 40; i++) {
		item_init(&items[i], wq, item_count);
		check(queue_work(wq, &items[i].work));
	}
	freeze_workqueues_begin();
	gate_open(&busy.gate);
	check(WAITING(all_stopped()));
	for (int i = 0; i < 40; i++)
		check(WAITING(cancel_work_sync(&items[i].work)));
	thaw_workqueues();
	WAITING(flush_workqueue(wq));
	for (int i = 0; i < 40; i++)
		check_eq(item_runs(&items[i]), 0);
	destroy_workqueue(wq);
}

/* Freezes @wq with items in its worker's hand, and cancels them. */
static void freeze_with_all_cancelled(struct workqueue_struct *wq)
{
	struct item busy, items[3];

	plug(wq, &busy);
	for (int i = 0; i < 3; i++) {
		item_init(&items[i], wq, item_count);
		check(queue_work(wq, &items[i].work));
	}
	freeze_workqueues_begin();
	gate_open(&busy.gate);
	check(WAITING(all_stopped()));
	for (int i = 0; i < 3; i++)
		check(WAITING(cancel_work_sync(&items[i].work)));
}

static void a_flush_with_all_cancelled_does_not_wait_for_the_thaw(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("freezeable");

	freeze_with_all_cancelled(wq);
	WAITING(flush_workqueue(wq));
	thaw_workqueues();
	destroy_workqueue(wq);
}

static void nor_does_destroying_or_closing_it(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("freezeable");
	struct workqueue_struct *closed = create_freezeable_workqueue("freezeable");

	freeze_with_all_cancelled(wq);
	WAITING(destroy_workqueue(wq));
	thaw_workqueues();
	freeze_with_all_cancelled(closed);
	WAITING(wq_close_workqueue(closed));
	thaw_workqueues();
	destroy_workqueue(closed);
}

static struct item *busy_next;

static void block_and_queue_next(struct work_struct *work)
{
	item_started(item_of(work));
	gate_wait(&item_of(work)->gate);
	queue_work(item_of(work)->wq, &busy_next->work);
	item_finished(item_of(work));
}

static void a_queue_frozen_at_its_last_item_ends_without_the_thaw(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("freezeable");
	struct item busy;

	freeze_at_an_item(wq, &busy);
	WAITING(destroy_workqueue(wq));
	check_eq(item_done(&busy), 1);
	thaw_workqueues();
}

static void what_its_last_item_queues_waits_though_the_queue_is_being_destroyed(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("freezeable");
	struct item busy, next;
	struct call destroy;

	item_init(&next, wq, item_count);
	busy_next = &next;
	item_init(&busy, wq, block_and_queue_next);
	check(queue_work(wq, &busy.work));
	gate_wait_reached(&busy.gate, 1);
	freeze_workqueues_begin();
	call_start(&destroy, call_destroy, wq);
	check(call_sleeps(&destroy)); /* in its flush, before the item queues */
	gate_open(&busy.gate);
	check(WAITING(all_stopped()));
	check_eq(item_done(&busy), 1);
	check_eq(item_runs(&next), 0);
	check(!call_returned(&destroy));
	thaw_workqueues();
	call_join(&destroy);
	check_eq(item_runs(&next), 1);
}

static void an_item_that_requeues_itself_is_stopped_and_goes_on(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("freezeable");
	struct item a;
	int runs;

	item_init(&a, wq, item_requeue);
	check(queue_work(wq, &a.work));
	item_await_done(&a, 3);
	freeze_workqueues_begin();
	check(WAITING(all_stopped()));
	runs = item_runs(&a);
	check(work_pending(&a.work));
	check(!freeze_workqueues_busy());
	check_eq(item_runs(&a), runs);
	thaw_workqueues();
	item_await_done(&a, runs + 3);
	check(WAITING(cancel_work_sync(&a.work)) || true);
	destroy_workqueue(wq);
}

static void flush_and_destroy_wait_for_the_thaw(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("freezeable");
	struct item a;
	struct call flush, destroy;

	freeze_workqueues_begin();
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	call_start(&flush, call_flush, wq);
	check(call_sleeps(&flush));
	check_eq(item_runs(&a), 0);
	thaw_workqueues();
	call_join(&flush);
	check_eq(item_runs(&a), 1);

	freeze_workqueues_begin();
	check(queue_work(wq, &a.work));
	call_start(&destroy, call_destroy, wq);
	check(call_sleeps(&destroy));
	thaw_workqueues();
	call_join(&destroy);
	check_eq(item_runs(&a), 2);
}

static void queues_made_while_frozen_are_frozen_and_others_are_not(void)
{
	struct workqueue_struct *frozen, *plain = create_singlethread_workqueue("plain");
	struct item a, b;

	freeze_workqueues_begin();
	freeze_workqueues_begin();
	frozen = create_freezable_workqueue("freezeable");
	item_init(&a, frozen, item_count);
	item_init(&b, plain, item_count);
	check(queue_work(frozen, &a.work));
	check(queue_work(plain, &b.work));
	WAITING(flush_workqueue(plain));
	check(WAITING(all_stopped()));
	check_eq(item_runs(&b), 1);
	check_eq(item_runs(&a), 0);
	thaw_workqueues();
	WAITING(flush_workqueue(frozen));
	check_eq(item_runs(&a), 1);
	destroy_workqueue(frozen);
	destroy_workqueue(plain);
}

static int stood;

static void stand_still(struct work_struct *work)
{
	item_started(item_of(work));
	gate_wait(&item_of(work)->gate);
	__atomic_store_n(&stood, try_to_freeze(), __ATOMIC_SEQ_CST);
	item_finished(item_of(work));
}

static void an_item_may_stand_still_in_the_middle(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("freezeable");
	struct workqueue_struct *plain = create_singlethread_workqueue("plain");
	struct item a, b;

	item_init(&a, wq, stand_still);
	item_init(&b, plain, stand_still);
	check(queue_work(wq, &a.work));
	gate_wait_reached(&a.gate, 1);
	freeze_workqueues_begin();
	check(freeze_workqueues_busy());
	gate_open(&a.gate);
	check(WAITING(all_stopped()));
	check_eq(item_done(&a), 0);
	check(queue_work(plain, &b.work)); /* not a freezeable queue's */
	gate_open(&b.gate);
	WAITING(flush_workqueue(plain));
	check_eq(stood, 0);
	thaw_workqueues();
	WAITING(flush_workqueue(wq));
	check_eq(stood, 1);
	check_eq(item_done(&a), 1);
	destroy_workqueue(wq);
	destroy_workqueue(plain);
}

/* On shared pools: one CPU, where another queue's item waits behind the one that stands. */
static void an_item_on_shared_pools_may_too(void)
{
	struct workqueue_struct *wq = alloc_workqueue("freezable", WQ_FREEZABLE, 2);
	struct workqueue_struct *plain = alloc_workqueue("plain", 0, 0);
	struct item a, b, next;

	pin_to_cpu(allowed_cpu(0));
	item_init(&a, wq, stand_still);
	item_init(&b, plain, stand_still);
	item_init(&next, wq, item_count);
	check(queue_work(wq, &a.work));
	gate_wait_reached(&a.gate, 1);
	check(queue_work(plain, &b.work));
	check(queue_work(wq, &a.work)); /* Once more, after this run. */
	freeze_workqueues_begin();
	check(freeze_workqueues_busy());
	check(queue_work(wq, &next.work));
	gate_open(&b.gate);
	gate_open(&a.gate);
	check(WAITING(all_stopped()));
	WAITING(flush_workqueue(plain));
	check_eq(stood, 0); /* By the plain queue's item, while the other one stands. */
	check_eq(item_runs(&a), 1);
	check_eq(item_done(&a), 0);
	check_eq(item_runs(&next), 0);
	thaw_workqueues();
	WAITING(flush_workqueue(wq));
	check_eq(item_done(&a), 2);
	check_eq(item_runs(&next), 1);
	unpin();
	destroy_workqueue(wq);
	destroy_workqueue(plain);
}

static void and_is_frozen_anew_where_it_stands(void)
{
	struct workqueue_struct *wq = alloc_workqueue("freezable", WQ_FREEZABLE | WQ_UNBOUND, 0);
	struct item a;

	item_init(&a, wq, stand_still);
	for (int round = 0; round < 100; round++) {
		gate_init(&a.gate);
		check(queue_work(wq, &a.work));
		gate_wait_reached(&a.gate, 1);
		freeze_workqueues_begin();
		gate_open(&a.gate);
		check(WAITING(all_stopped()));
		check_eq(item_done(&a), round);
		thaw_workqueues();
		freeze_workqueues_begin(); /* It has gone on, or stands. */
		check(WAITING(all_stopped()));
		thaw_workqueues();
		WAITING(flush_workqueue(wq));
		check_eq(stood, 1);
	}
	destroy_workqueue(wq);
}

static void call_try_to_freeze(struct call *c)
{
	c->result = WAITING(try_to_freeze());
}

static void a_thread_may_stand_still_with_the_queues(void)
{
	struct call still;

	check(!try_to_freeze());
	freeze_workqueues_begin();
	call_start(&still, call_try_to_freeze, NULL);
	check(call_sleeps(&still));
	wq_interrupt_enter();
	check(!try_to_freeze());
	wq_interrupt_exit();
	thaw_workqueues();
	check(call_join(&still));
	check(!try_to_freeze());
}

static void nothing_is_busy_unless_it_is_being_frozen(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("freezeable");
	struct item busy;

	plug(wq, &busy);
	check(!freeze_workqueues_busy());
	thaw_workqueues();
	gate_open(&busy.gate);
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(the_item_under_way_finishes_and_the_next_waits),
	  TEST(items_in_hand_when_it_froze_can_be_cancelled),
	  TEST(a_flush_with_all_cancelled_does_not_wait_for_the_thaw), TEST(nor_does_destroying_or_closing_it),
	  TEST(a_queue_frozen_at_its_last_item_ends_without_the_thaw),
	  TEST(what_its_last_item_queues_waits_though_the_queue_is_being_destroyed),
	  TEST(an_item_that_requeues_itself_is_stopped_and_goes_on),
	  TEST(flush_and_destroy_wait_for_the_thaw),
	  TEST(queues_made_while_frozen_are_frozen_and_others_are_not),
	  TEST(an_item_may_stand_still_in_the_middle), TEST(an_item_on_shared_pools_may_too),
	  TEST(and_is_frozen_anew_where_it_stands), TEST(a_thread_may_stand_still_with_the_queues),
	  TEST(nothing_is_busy_unless_it_is_being_frozen))
