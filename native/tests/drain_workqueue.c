/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drain_workqueue(): the queue is empty afterwards, also of what its own items have queued
 * meanwhile; others cannot queue on it until then.
 */
#include "items.h"
#include "support/kinds.h"

static int nr_left;

static void queue_again(struct work_struct *work)
{
	item_started(item_of(work));
	if (__atomic_sub_fetch(&nr_left, 1, __ATOMIC_SEQ_CST) > 0)
		check(queue_work(item_of(work)->wq, work));
	item_finished(item_of(work));
}

static void call_drain(struct call *c)
{
	WAITING(drain_workqueue((struct workqueue_struct *)c->arg));
}

static void an_empty_queue_is_drained_at_once(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item a;

		WAITING(drain_workqueue(wq));
		item_init(&a, wq, item_count);
		check(queue_work(wq, &a.work));
		WAITING(drain_workqueue(wq));
		check_eq(item_done(&a), 1);
		destroy_workqueue(wq);
	}
}

static void what_items_queue_is_waited_for_to_the_last(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item a;

		for (int n = 1; n <= 5; n++) {
			__atomic_store_n(&nr_left, n, __ATOMIC_SEQ_CST);
			item_init(&a, wq, queue_again);
			check(queue_work(wq, &a.work));
			WAITING(drain_workqueue(wq));
			check_eq(item_done(&a), n);
			check(!work_pending(&a.work));
		}
		destroy_workqueue(wq);
	}
}

static struct item ping, pong;

static void to_the_other_cpu(struct work_struct *work)
{
	struct item *other = work == &ping.work ? &pong : &ping;

	item_started(item_of(work));
	if (__atomic_sub_fetch(&nr_left, 1, __ATOMIC_SEQ_CST) > 0)
		check(queue_work_on(allowed_cpu(other == &pong), other->wq, &other->work));
	item_finished(item_of(work));
}

static void items_that_queue_one_another_across_cpus_are_waited_for(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();

		for (int round = 0; round < 200; round++) {
			__atomic_store_n(&nr_left, 20, __ATOMIC_SEQ_CST);
			item_init(&ping, wq, to_the_other_cpu);
			item_init(&pong, wq, to_the_other_cpu);
			check(queue_work_on(allowed_cpu(0), wq, &ping.work));
			WAITING(drain_workqueue(wq));
			check_eq(item_done(&ping) + item_done(&pong), 20);
		}
		allow_report("isn't complete after");
		destroy_workqueue(wq);
	}
}

static void a_stranger_is_refused_and_may_queue_afterwards(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item plugged, a;
		struct call c;

		plug(wq, &plugged);
		call_start(&c, call_drain, wq);
		check(call_sleeps(&c));
		item_init(&a, wq, item_count);
		check(!queue_work(wq, &a.work));
		check_eq(expect_report("it is being drained"), 1);
		errno = 0;
		check(!queue_work_on(allowed_cpu(0), wq, &a.work));
		check_eq(errno, ESHUTDOWN);
		check(!work_pending(&a.work));
		gate_open(&plugged.gate);
		call_join(&c);
		check_eq(item_runs(&a), 0);
		check(queue_work(wq, &a.work));
		WAITING(flush_workqueue(wq));
		check_eq(item_runs(&a), 1);
		destroy_workqueue(wq);
		test_check_reports();
	}
}

static void it_goes_on_when_the_last_of_two_drains_is_through(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item plugged, a;
		struct call c[2];

		plug(wq, &plugged);
		for (int i = 0; i < 2; i++) {
			call_start(&c[i], call_drain, wq);
			check(call_sleeps(&c[i]));
		}
		gate_open(&plugged.gate);
		for (int i = 0; i < 2; i++)
			call_join(&c[i]);
		item_init(&a, wq, item_count);
		check(queue_work(wq, &a.work));
		destroy_workqueue(wq);
		check_eq(item_runs(&a), 1);
	}
}

static void an_armed_timer_stays_armed(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct delayed_work d;

		INIT_DELAYED_WORK(&d, item_count);
		check(queue_delayed_work(wq, &d, 3600000));
		WAITING(drain_workqueue(wq));
		check(delayed_work_pending(&d));
		check(cancel_delayed_work(&d));
		destroy_workqueue(wq);
	}
}

static int delayed_runs;

static void count_delayed(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&delayed_runs, 1, __ATOMIC_SEQ_CST);
}

static void await_idle(struct delayed_work *d)
{
	while (delayed_work_pending(d))
		sched_yield();
}

static void what_fires_meanwhile_is_refused_and_idle(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct delayed_work d;
		struct item plugged;
		struct call c;

		delayed_runs = 0;
		plug(wq, &plugged);
		call_start(&c, call_drain, wq);
		check(call_sleeps(&c));
		INIT_DELAYED_WORK(&d, count_delayed);
		check(queue_delayed_work(wq, &d, 1));
		WAITING(await_idle(&d));
		expect_report("cannot queue");
		gate_open(&plugged.gate);
		call_join(&c);
		check_eq(delayed_runs, 0);
		check(queue_delayed_work(wq, &d, 1));
		WAITING(flush_delayed_work(&d));
		check_eq(delayed_runs, 1);
		destroy_workqueue(wq);
		test_check_reports();
	}
}

static void a_drain_that_takes_long_says_so(void)
{
	struct workqueue_struct *wq = one();
	struct call c;
	struct item a;

	__atomic_store_n(&nr_left, 1 << 30, __ATOMIC_SEQ_CST);
	item_init(&a, wq, queue_again);
	check(queue_work(wq, &a.work));
	call_start(&c, call_drain, wq);
	while (!reported("workqueue one: drain_workqueue() isn't complete after 10 tries"))
		sched_yield();
	__atomic_store_n(&nr_left, 0, __ATOMIC_SEQ_CST);
	call_join(&c);
	allow_report("isn't complete after");
	check(!work_pending(&a.work));
	destroy_workqueue(wq);
}

static struct {
	struct workqueue_struct *wq;
	int stop, accepted, refused;
} strangers;

static void *stranger(void *unused)
{
	struct item a;

	item_init(&a, strangers.wq, item_count);
	while (!__atomic_load_n(&strangers.stop, __ATOMIC_ACQUIRE)) {
		if (queue_work(strangers.wq, &a.work))
			__atomic_fetch_add(&strangers.accepted, 1, __ATOMIC_RELAXED);
		else if (!work_pending(&a.work))
			__atomic_fetch_add(&strangers.refused, 1, __ATOMIC_RELAXED);
	}
	WAITING(cancel_work_sync(&a.work));
	return unused;
}

static bool met_both(void)
{
	sched_yield();
	return __atomic_load_n(&strangers.accepted, __ATOMIC_RELAXED) && __atomic_load_n(&strangers.refused, __ATOMIC_RELAXED);
}

/* Whoever comes at the same moment is taken, and runs, or is refused, and idle. */
static void drains_beside_busy_strangers_end(void)
{
	for_each_kind(k) {
		pthread_t threads[2];
		struct item a;

		memset(&strangers, 0, sizeof(strangers));
		strangers.wq = queues[k]();
		for (int i = 0; i < 2; i++)
			threads[i] = start_thread(stranger, NULL);
		for (int i = 0; i < 300 || !met_both(); i++) {
			__atomic_store_n(&nr_left, 3, __ATOMIC_SEQ_CST);
			item_init(&a, strangers.wq, queue_again);
			check(queue_work(strangers.wq, &a.work)); /* no drain is under way */
			WAITING(drain_workqueue(strangers.wq));
			check_eq(item_done(&a), 3);
		}
		__atomic_store_n(&strangers.stop, 1, __ATOMIC_RELEASE);
		for (int i = 0; i < 2; i++)
			join_thread(threads[i]);
		destroy_workqueue(strangers.wq);
		allow_report("it is being drained");
		allow_report("reports from");
	}
}

static void drain_own(struct work_struct *work)
{
	WAITING(drain_workqueue(item_of(work)->wq));
	item_count(work);
}

static void misuse_is_refused(void)
{
	struct workqueue_struct *wq = shared();
	struct item a;

	drain_workqueue(NULL);
	item_init(&a, wq, drain_own);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 1);
	check_eq(expect_report("drain_workqueue() from the queue's own worker"), 1);
	destroy_workqueue(wq);
	drain_workqueue(wq);
	check_eq(expect_report("drain_workqueue() of NULL, or of a queue that was destroyed"), 2);
}

TEST_MAIN(TEST(an_empty_queue_is_drained_at_once), TEST(what_items_queue_is_waited_for_to_the_last),
	  TEST(items_that_queue_one_another_across_cpus_are_waited_for),
	  TEST(a_stranger_is_refused_and_may_queue_afterwards),
	  TEST(it_goes_on_when_the_last_of_two_drains_is_through), TEST(an_armed_timer_stays_armed),
	  TEST(what_fires_meanwhile_is_refused_and_idle), TEST(a_drain_that_takes_long_says_so),
	  TEST(drains_beside_busy_strangers_end), TEST(misuse_is_refused))
