/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flush_workqueue() waits for everything queued before it, on every CPU, and for
 * nothing queued later. A flusher on its own thread is watched falling asleep
 * while the items stand at gates.
 */
#include "items.h"

static void flush_of_an_empty_queue_returns(void)
{
	struct workqueue_struct *mt = create_workqueue("flushed");
	struct workqueue_struct *st = create_singlethread_workqueue("single");

	for (int i = 0; i < 1000; i++) {
		WAITING(flush_workqueue(mt));
		WAITING(flush_workqueue(st));
	}
	destroy_workqueue(mt);
	destroy_workqueue(st);
}

static void flush_waits_for_a_running_item(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("flushed");
	struct item a;
	struct call flush;

	plug(wq, &a);
	call_start(&flush, call_flush, wq);
	check(call_sleeps(&flush));
	gate_open(&a.gate);
	call_join(&flush);
	check_eq(item_done(&a), 1);
	destroy_workqueue(wq);
}

static void flush_waits_for_pending_items(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("flushed");
	static struct item items[200];
	struct item busy;
	struct call flush;

	plug(wq, &busy);
	for (int i = 0; i < 200; i++) {
		item_init(&items[i], wq, item_count);
		check(queue_work(wq, &items[i].work));
	}
	call_start(&flush, call_flush, wq);
	check(call_sleeps(&flush));
	gate_open(&busy.gate);
	call_join(&flush);
	for (int i = 0; i < 200; i++)
		check_eq(item_done(&items[i]), 1);
	destroy_workqueue(wq);
}

static void flush_waits_for_every_cpu(void)
{
	struct workqueue_struct *wq = create_workqueue("flushed");
	struct item a;
	struct call flush;

	for (int n = 0; n < allowed_cpus(); n++) {
		item_init(&a, wq, item_block);
		check(queue_on(allowed_cpu(n), wq, &a.work));
		gate_wait_reached(&a.gate, 1);
		call_start(&flush, call_flush, wq);
		check(call_sleeps(&flush));
		gate_open(&a.gate);
		call_join(&flush);
		check_eq(item_done(&a), 1);
	}
	destroy_workqueue(wq);
}

static void flush_does_not_wait_for_items_queued_later(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("flushed");
	struct item early, late;
	struct call flush;

	plug(wq, &early);
	call_start(&flush, call_flush, wq);
	check(call_sleeps(&flush));
	item_init(&late, wq, item_block);
	check(queue_work(wq, &late.work));
	gate_open(&early.gate);
	call_join(&flush); /* the late item still stands at its gate */
	check_eq(item_done(&early), 1);
	check_eq(item_done(&late), 0);
	gate_open(&late.gate);
	destroy_workqueue(wq);
}

static void flush_ends_although_an_item_requeues_itself_for_ever(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("flushed");
	struct item a;

	item_init(&a, wq, item_requeue);
	check(queue_work(wq, &a.work));
	for (int i = 0; i < 100; i++)
		WAITING(flush_workqueue(wq));
	check(item_runs(&a) >= 1);
	WAITING(cancel_work_sync(&a.work));
	destroy_workqueue(wq);
}

static void many_flushers_all_return(void)
{
	struct workqueue_struct *wq = create_workqueue("flushed");
	struct item busy;
	struct call flush[8];

	plug(wq, &busy);
	for (int i = 0; i < 8; i++)
		call_start(&flush[i], call_flush, wq);
	for (int i = 0; i < 8; i++)
		check(call_sleeps(&flush[i]));
	gate_open(&busy.gate);
	for (int i = 0; i < 8; i++)
		call_join(&flush[i]);
	check_eq(item_done(&busy), 1);
	destroy_workqueue(wq);
}

static void flush_leaves_other_queues_alone(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("flushed");
	struct workqueue_struct *other = create_singlethread_workqueue("other");
	struct item busy;

	plug(other, &busy);
	WAITING(flush_workqueue(wq));
	check_eq(item_done(&busy), 0);
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	destroy_workqueue(other);
}

TEST_MAIN(TEST(flush_of_an_empty_queue_returns), TEST(flush_waits_for_a_running_item),
	  TEST(flush_waits_for_pending_items), TEST(flush_waits_for_every_cpu),
	  TEST(flush_does_not_wait_for_items_queued_later),
	  TEST(flush_ends_although_an_item_requeues_itself_for_ever),
	  TEST(many_flushers_all_return), TEST(flush_leaves_other_queues_alone))
