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
	struct workqueue_struct *wq = create_workqueue("closed");
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
	struct workqueue_struct *wq[] = { create_singlethread_workqueue("closed"), create_workqueue("closed"),
					  create_freezeable_workqueue("closed") };
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
	struct workqueue_struct *closed = create_singlethread_workqueue("closed");
	struct workqueue_struct *other;
	struct item a;

	item_init(&a, closed, item_count);
	check(queue_work(closed, &a.work));
	WAITING(wq_close_workqueue(closed));
	other = create_singlethread_workqueue("closed"); /* made later, and not of the same memory */
	check(other != closed);
	check(!queue_work(closed, &a.work));
	check(queue_work(other, &a.work));
	destroy_workqueue(other);
	check_eq(item_runs(&a), 2);
	destroy_workqueue(closed);
}

/* A refusal does not touch the item: who cancels it waits for the run that it is in. */
static void what_it_refuses_is_waited_for_where_it_runs(void)
{
	struct workqueue_struct *closed = create_singlethread_workqueue("closed");
	struct workqueue_struct *other = create_singlethread_workqueue("closed");
	struct item running;
	struct call cancel;

	WAITING(wq_close_workqueue(closed));
	plug(other, &running);
	check(!queue_work(closed, &running.work));
	call_start(&cancel, call_cancel, &running.work);
	check(call_sleeps(&cancel));
	gate_open(&running.gate);
	check(!call_join(&cancel));
	check_eq(item_done(&running), 1);
	destroy_workqueue(other);
	destroy_workqueue(closed);
}

static struct gate delayed_gate;

static void stand_still(struct work_struct *work)
{
	(void)work;
	gate_wait(&delayed_gate);
}

static void delayed_work_that_it_refuses_is_waited_for_too(void)
{
	struct workqueue_struct *closed = create_singlethread_workqueue("closed");
	struct workqueue_struct *other = create_singlethread_workqueue("closed");
	struct delayed_work delayed;
	struct call cancel;

	WAITING(wq_close_workqueue(closed));
	gate_init(&delayed_gate);
	INIT_DELAYED_WORK(&delayed, stand_still);
	check(queue_delayed_work(other, &delayed, 0));
	gate_wait_reached(&delayed_gate, 1);
	check(!queue_delayed_work(closed, &delayed, 1));
	call_start(&cancel, call_cancel_delayed, &delayed);
	check(call_sleeps(&cancel));
	gate_open(&delayed_gate);
	check(!call_join(&cancel));
	destroy_workqueue(other);
	destroy_workqueue(closed);
}

static void delayed_work_is_cancelled(void)
{
	struct workqueue_struct *wq = create_workqueue("closed");
	struct delayed_work delayed;

	INIT_DELAYED_WORK(&delayed, item_count);
	check(queue_delayed_work(wq, &delayed, 1000 * HZ));
	WAITING(wq_close_workqueue(wq));
	expect_report("closed with delayed work pending, cancelled: 1");
	check(!work_pending(&delayed.work));
	destroy_workqueue(wq);
}

static void a_frozen_queue_closes_when_nothing_is_pending(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("closed");
	struct item a;

	freeze_workqueues_begin();
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work)); /* wakes the worker, which parks */
	check(cancel_work_sync(&a.work));
	WAITING(wq_close_workqueue(wq));
	check(!queue_work(wq, &a.work));
	check(!freeze_workqueues_busy());
	thaw_workqueues();
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 0);
}

static bool stands_still(void)
{
	while (freeze_workqueues_busy())
		sched_yield();
	return true;
}

static void a_frozen_queue_closes_at_the_thaw_if_something_is(void)
{
	struct workqueue_struct *wq = create_freezeable_workqueue("closed");
	struct call close;
	struct item a;

	freeze_workqueues_begin();
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	call_start(&close, call_close, wq);
	check(call_sleeps(&close));
	check(WAITING(stands_still())); /* the closer may sleep before the worker has run */
	check_eq(item_runs(&a), 0);
	thaw_workqueues();
	call_join(&close);
	check_eq(item_done(&a), 1);
	destroy_workqueue(wq);
}

static int let_go;

static void requeue_for_ever(struct work_struct *work)
{
	item_started(item_of(work));
	if (!flag_get(&let_go))
		queue_work(item_of(work)->wq, work);
	item_finished(item_of(work));
}

static void call_flush_until_closed(struct call *c)
{
	while (!flag_get(&let_go))
		WAITING(flush_workqueue((struct workqueue_struct *)c->arg));
}

/* It is refused in the end, and meanwhile the queue may be flushed: nothing of that is reported. */
static void an_item_that_queues_itself_for_ever_does_not_keep_it_open(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("closed");
	struct call flusher;
	struct item a;

	item_init(&a, wq, requeue_for_ever);
	flag_set(&let_go, 0);
	check(queue_work(wq, &a.work));
	call_start(&flusher, call_flush_until_closed, wq);
	WAITING(wq_close_workqueue(wq));
	check(item_done(&a) > 1 && item_done(&a) == item_runs(&a));
	check(!work_pending(&a.work));
	flag_set(&let_go, 1);
	call_join(&flusher);
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
	struct workqueue_struct *wq = create_singlethread_workqueue("closed");
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
	for (int round = 0; race_goes_on(round, 150); round++) {
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

static struct {
	struct workqueue_struct *closed;
	struct item item;
	int nr; /* calls made */
} hammer;

static void *queue_on_the_closed_one(void *arg)
{
	(void)arg;
	race_pin(1);
	while (flag_get(&hammer.nr) < race_rounds(2000000)) {
		check(!queue_work(hammer.closed, &hammer.item.work));
		flag_set(&hammer.nr, hammer.nr + 1);
	}
	return NULL;
}

/* Else another thread would be told that it is pending, and no run would follow. */
static void an_item_that_a_closed_queue_refuses_is_at_no_moment_pending(void)
{
	int seen = 0, refusals = race_rounds(2000000);
	pthread_t thread;

	memset(&hammer, 0, sizeof(hammer));
	hammer.closed = create_singlethread_workqueue("closed");
	WAITING(wq_close_workqueue(hammer.closed));
	item_init(&hammer.item, hammer.closed, item_count);
	thread = start_thread(queue_on_the_closed_one, NULL);
	race_pin(0);
	while (flag_get(&hammer.nr) < refusals)
		seen += work_pending(&hammer.item.work);
	unpin();
	join_thread(thread);
	check_eq(seen, 0);
	destroy_workqueue(hammer.closed);
}

static struct workqueue_struct *create_one(void)
{
	return create_singlethread_workqueue("closed");
}

static struct workqueue_struct *create_per_cpu(void)
{
	return create_workqueue("closed");
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
	  TEST(a_frozen_queue_closes_when_nothing_is_pending),
	  TEST(a_frozen_queue_closes_at_the_thaw_if_something_is),
	  TEST(what_it_refuses_is_waited_for_where_it_runs),
	  TEST(delayed_work_that_it_refuses_is_waited_for_too),
	  TEST(an_item_that_a_closed_queue_refuses_is_at_no_moment_pending),
	  TEST(an_item_that_queues_itself_for_ever_does_not_keep_it_open),
	  TEST(misuse_is_reported_and_does_no_harm), TEST(one_worker_loses_nothing_while_it_is_closed),
	  TEST(cpu_workers_lose_nothing_while_they_are_closed))
