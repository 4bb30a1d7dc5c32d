/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wq_close_workqueue() ends the workers and leaves a queue that refuses without a
 * report, until destroy_workqueue(). Every report fails a claim that did not ask for it.
 */
#include "items.h"
#include "support/aim.h"
#include "support/delayed.h"

static void call_close(struct call *c)
{
	WAITING(wq_close_workqueue((struct workqueue_struct *)c->arg));
}

static void what_is_pending_runs_and_the_workers_end(void)
{
	struct workqueue_struct *wq = create_workqueue("cl");
	int before = nr_threads();
	struct item running, pending;
	struct call close;

	plug(wq, &running);
	item_init(&pending, wq, item_count);
	check(queue_work(wq, &pending.work));
	call_start(&close, call_close, wq);
	check(call_sleeps(&close));
	gate_open(&running.gate);
	call_join(&close);
	check_eq(item_done(&running), 1);
	check_eq(item_done(&pending), 1);
	check(nr_threads_becomes(before - allowed_cpus()));
	destroy_workqueue(wq);
}

static void a_closed_queue_refuses_without_a_report(void)
{
	struct workqueue_struct *wq[] = { create_singlethread_workqueue("cl"), create_workqueue("cl"),
					  create_freezeable_workqueue("cl") };
	struct item a;

	for (int i = 0; i < 3; i++) {
		struct delayed_work delayed;

		WAITING(wq_close_workqueue(wq[i]));
		item_init(&a, wq[i], item_count);
		INIT_DELAYED_WORK(&delayed, item_count);
		errno = 0;
		check(!queue_work(wq[i], &a.work));
		check_eq(errno, ESHUTDOWN);
		errno = 0;
		check(!queue_delayed_work(wq[i], &delayed, 1));
		check_eq(errno, ESHUTDOWN);
		check(!work_pending(&a.work) && !work_pending(&delayed.work));
		WAITING(flush_workqueue(wq[i]));
		check(!WAITING(cancel_work_sync(&a.work)));
		check(!WAITING(cancel_delayed_work_sync(&delayed)));
		destroy_workqueue(wq[i]);
		check_eq(item_runs(&a), 0);
	}
}

static void what_it_refused_can_be_queued_elsewhere(void)
{
	struct workqueue_struct *closed = create_singlethread_workqueue("cl");
	struct workqueue_struct *other;
	struct item a;

	item_init(&a, closed, item_count);
	check(queue_work(closed, &a.work));
	WAITING(wq_close_workqueue(closed));
	other = create_singlethread_workqueue("cl"); /* made later, and not of the same memory */
	check(other != closed);
	check(!queue_work(closed, &a.work));
	check(queue_work(other, &a.work));
	destroy_workqueue(other);
	check_eq(item_runs(&a), 2);
	destroy_workqueue(closed);
}

static void delayed_work_is_cancelled(void)
{
	struct workqueue_struct *wq = create_workqueue("cl");
	struct delayed_work delayed;

	INIT_DELAYED_WORK(&delayed, item_count);
	check(queue_delayed_work(wq, &delayed, 1000 * HZ));
	WAITING(wq_close_workqueue(wq));
	expect_report("cancelled: 1");
	check(!work_pending(&delayed.work));
	destroy_workqueue(wq);
}

static void close_own_queue(struct work_struct *work)
{
	item_started(item_of(work));
	wq_close_workqueue(item_of(work)->wq);
	item_finished(item_of(work));
}

static void misuse_is_reported_and_does_no_harm(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cl");
	struct item a;

	wq_close_workqueue(NULL);
	expect_report("of NULL");
	item_init(&a, wq, close_own_queue);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check(queue_work(wq, &a.work)); /* it lives on */
	WAITING(wq_close_workqueue(wq));
	check_eq(expect_report("from the queue's own worker"), 2);
	check_eq(item_done(&a), 2);
	wq_close_workqueue(wq);
	expect_report("that is closed");
	destroy_workqueue(wq);
	wq_close_workqueue(wq);
	expect_report("that was destroyed");
	destroy_workqueue(wq);
	expect_report("destroy_workqueue() of a queue that was destroyed");
}

static struct {
	struct workqueue_struct *wq;
	struct meeting start;
	int stop;
	long accepted[2], refused[2];
	struct item items[2][8];
} race;

static void *produce(void *arg)
{
	int me = (int)(intptr_t)arg;
	bool closed = false;

	race_pin((unsigned int)me);
	meet(&race.start);
	for (int i = 0; !closed || !flag_get(&race.stop); i++) {
		struct item *item = &race.items[me][i % 8];

		errno = 0;
		if (queue_work(race.wq, &item->work)) {
			race.accepted[me]++;
			if (closed)
				check(!"accepted after it was refused");
		} else if (errno == ESHUTDOWN) {
			race.refused[me]++;
			closed = true;
		}
	}
	return NULL;
}

/* Two threads queue before, while and after it closes; each accepted item has run when it is closed. */
static void close_while_two_queue(struct workqueue_struct *(*create)(void))
{
	race_begin();
	for (int round = 0; round < race_rounds(150); round++) {
		pthread_t threads[2];
		long runs = 0;

		memset(&race, 0, sizeof(race));
		race.wq = create();
		race.start.members = 3;
		for (int i = 0; i < 16; i++)
			item_init(&race.items[i / 8][i % 8], race.wq, item_count);
		for (int i = 0; i < 2; i++)
			threads[i] = start_thread(produce, (void *)(intptr_t)i);
		meet(&race.start);
		WAITING(wq_close_workqueue(race.wq));
		for (int i = 0; i < 16; i++)
			runs += item_done(&race.items[i / 8][i % 8]);
		flag_set(&race.stop, 1);
		join_thread(threads[0]);
		join_thread(threads[1]);
		check_eq(race.accepted[0] + race.accepted[1], runs);
		if (race.accepted[0] && race.accepted[1] && race.refused[0] && race.refused[1])
			race_window_hit();
		destroy_workqueue(race.wq);
	}
	race_require_hits(1);
}

static struct workqueue_struct *create_one(void)
{
	return create_singlethread_workqueue("cl");
}

static struct workqueue_struct *create_per_cpu(void)
{
	return create_workqueue("cl");
}

static void one_worker_loses_nothing_while_it_is_closed(void)
{
	close_while_two_queue(create_one);
}

static void cpu_workers_lose_nothing_while_they_are_closed(void)
{
	close_while_two_queue(create_per_cpu);
}

TEST_MAIN(TEST(what_is_pending_runs_and_the_workers_end), TEST(a_closed_queue_refuses_without_a_report),
	  TEST(what_it_refused_can_be_queued_elsewhere), TEST(delayed_work_is_cancelled),
	  TEST(misuse_is_reported_and_does_no_harm), TEST(one_worker_loses_nothing_while_it_is_closed),
	  TEST(cpu_workers_lose_nothing_while_they_are_closed))
