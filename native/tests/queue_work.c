/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * queue_work() accepts an idle item once and has it run on the caller's CPU.
 * Each case holds a worker at a gate where order matters and counts the runs.
 */
#include "items.h"

static void queueing_an_idle_item_returns_true_and_runs_it_once(void)
{
	struct workqueue_struct *wq = create_workqueue("queued");
	struct item a;

	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 1);
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
}

static void queueing_a_pending_item_returns_false_and_adds_no_run(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("queued");
	struct item busy, a;

	plug(wq, &busy);
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	for (int i = 0; i < 100; i++)
		check(!queue_work(wq, &a.work));
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 1);
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 2);
}

static void a_pending_item_is_refused_by_every_queue(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("queued");
	struct workqueue_struct *other = create_workqueue("other");
	struct item busy, a;

	plug(wq, &busy);
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	check(!queue_work(other, &a.work));
	WAITING(flush_workqueue(other));
	check_eq(item_runs(&a), 0);
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	destroy_workqueue(other);
	check_eq(item_runs(&a), 1);
}

static void an_item_runs_on_the_cpu_of_the_caller(void)
{
	struct workqueue_struct *wq = create_workqueue("queued");
	struct item a;

	item_init(&a, wq, item_count);
	for (int round = 0; round < 50; round++)
		for (int n = 0; n < allowed_cpus(); n++) {
			check(queue_on(allowed_cpu(n), wq, &a.work));
			WAITING(flush_workqueue(wq));
			check_eq(a.cpu, allowed_cpu(n));
		}
	check_eq(item_runs(&a), 50 * allowed_cpus());
	destroy_workqueue(wq);
}

static void an_idle_item_may_move_to_another_queue(void)
{
	struct workqueue_struct *wq[2] = { create_workqueue("percpu"),
					   create_singlethread_workqueue("single") };
	struct item a;

	item_init(&a, NULL, item_count);
	for (int i = 0; i < 1000; i++) {
		check(queue_work(wq[i % 2], &a.work));
		WAITING(flush_workqueue(wq[i % 2]));
	}
	check_eq(item_runs(&a), 1000);
	destroy_workqueue(wq[0]);
	destroy_workqueue(wq[1]);
}

static void queue_a_hundred(struct work_struct *work)
{
	struct item *first = item_of(work);

	item_started(first);
	for (int i = 1; i <= 100; i++)
		check(queue_work(first->wq, &first[i].work));
	item_finished(first);
}

static void an_item_may_queue_others_from_its_function(void)
{
	static struct item items[101];
	struct workqueue_struct *wq = create_workqueue("queued");

	item_init(&items[0], wq, queue_a_hundred);
	for (int i = 1; i <= 100; i++)
		item_init(&items[i], wq, item_count);
	check(queue_work(wq, &items[0].work));
	WAITING(flush_workqueue(wq)); /* the first item */
	WAITING(flush_workqueue(wq)); /* those it queued */
	for (int i = 1; i <= 100; i++)
		check_eq(item_runs(&items[i]), 1);
	destroy_workqueue(wq);
}

static pthread_spinlock_t spinlock;

static void take_the_spinlock(struct work_struct *work)
{
	pthread_spin_lock(&spinlock);
	item_of(work)->runs++;
	pthread_spin_unlock(&spinlock);
}

static void queueing_is_allowed_under_a_spinlock_that_the_item_takes(void)
{
	struct workqueue_struct *wq = create_workqueue("queued");
	static struct item items[64];
	int runs = 0, queued = 0;

	pthread_spin_init(&spinlock, PTHREAD_PROCESS_PRIVATE);
	for (int i = 0; i < 64; i++)
		item_init(&items[i], wq, take_the_spinlock);
	for (int round = 0; race_goes_on(round, 1000); round++) {
		WAITING(pthread_spin_lock(&spinlock));
		for (int i = 0; i < 64; i++)
			queued += queue_work(wq, &items[i].work);
		pthread_spin_unlock(&spinlock);
	}
	WAITING(flush_workqueue(wq));
	for (int i = 0; i < 64; i++)
		runs += items[i].runs;
	check_eq(runs, queued);
	destroy_workqueue(wq);
}

static struct workqueue_struct *detached_wq;
static struct item detached_items[500];
static int detached_ended;

static void *queue_and_end(void *item)
{
	check(queue_work(detached_wq, &((struct item *)item)->work));
	__atomic_fetch_add(&detached_ended, 1, __ATOMIC_RELEASE);
	return NULL;
}

static bool all_detached_ended(void)
{
	while (__atomic_load_n(&detached_ended, __ATOMIC_ACQUIRE) < 500)
		sched_yield();
	return true;
}

static void a_detached_thread_may_queue_and_end_at_once(void)
{
	detached_wq = create_workqueue("queued");
	for (int i = 0; i < 500; i++) {
		item_init(&detached_items[i], detached_wq, item_count);
		pthread_detach(start_thread(queue_and_end, &detached_items[i]));
	}
	check(WAITING(all_detached_ended()));
	WAITING(flush_workqueue(detached_wq));
	for (int i = 0; i < 500; i++)
		check_eq(item_runs(&detached_items[i]), 1);
	destroy_workqueue(detached_wq);
}

TEST_MAIN(TEST(queueing_an_idle_item_returns_true_and_runs_it_once),
	  TEST(queueing_a_pending_item_returns_false_and_adds_no_run),
	  TEST(a_pending_item_is_refused_by_every_queue),
	  TEST(an_item_runs_on_the_cpu_of_the_caller),
	  TEST(an_idle_item_may_move_to_another_queue),
	  TEST(an_item_may_queue_others_from_its_function),
	  TEST(queueing_is_allowed_under_a_spinlock_that_the_item_takes),
	  TEST(a_detached_thread_may_queue_and_end_at_once))
