/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wq_set_idle_timeout_ms() and WQ_IDLE_TIMEOUT_MS: shared workers with nothing to do end
 * after that time, and the next item has another one.
 */
#include "child.h"
#include "items.h"

#include <linux/jiffies.h>
#include <linux/timer.h>

#define NR_QUEUES 1000

static void nothing(struct timer_list *timer)
{
	(void)timer;
}

/* The threads that the process has without workers: timers' threads stay, so they are started. */
static int base_threads(void)
{
	struct timer_list timer;

	for (int n = 0; n < allowed_cpus(); n++) {
		timer_setup(&timer, nothing, 0);
		timer.expires = jiffies + 100000;
		add_timer_on(&timer, allowed_cpu(n));
		WAITING(del_timer_sync(&timer));
	}
	destroy_workqueue(alloc_workqueue("first", 0, 0));
	return nr_threads();
}

static struct item blocked[8];

/* Several workers are made, and lie down. */
static void use(struct workqueue_struct *wq)
{
	for (int i = 0; i < 8; i++) {
		item_init(&blocked[i], wq, item_block);
		check(queue_on(allowed_cpu(i % allowed_cpus()), wq, &blocked[i].work));
	}
	for (int i = 0; i < 8; i++)
		gate_wait_reached(&blocked[i].gate, 1);
	for (int i = 0; i < 8; i++)
		gate_open(&blocked[i].gate);
	WAITING(flush_workqueue(wq));
}

static void the_workers_of_a_thousand_queues_end(void)
{
	static struct workqueue_struct *wq[NR_QUEUES];
	static struct item items[NR_QUEUES];
	int base = base_threads();

	wq_set_idle_timeout_ms(50);
	for (int i = 0; i < NR_QUEUES; i++) {
		wq[i] = alloc_workqueue("many-%d", i % 2 ? WQ_UNBOUND : 0, 0, i);
		item_init(&items[i], wq[i], item_count);
		check(queue_on(allowed_cpu(i % allowed_cpus()), wq[i], &items[i].work));
	}
	use(wq[0]);
	use(wq[1]);
	for (int i = 0; i < NR_QUEUES; i++) {
		WAITING(destroy_workqueue(wq[i]));
		check_eq(item_done(&items[i]), 1);
	}
	nr_threads_becomes(base);
}

static void the_next_item_has_a_worker(void)
{
	struct workqueue_struct *wq = alloc_workqueue("again", 0, 0);
	int base = base_threads();

	wq_set_idle_timeout_ms(1);
	for (int n = 0; n < 5; n++) {
		use(wq);
		nr_threads_becomes(base);
	}
	destroy_workqueue(wq);
}

static bool lives(long tid)
{
	char name[32];

	snprintf(name, sizeof(name), "%ld", tid);
	return task_lives_(name);
}

static void ends(long tid)
{
	while (lives(tid))
		sched_yield();
}

static void sleeps(long tid)
{
	int asleep = 0;

	while (asleep < 20) {
		asleep = thread_state(tid) == 'S' ? asleep + 1 : 0;
		sched_yield();
	}
}

/* Two workers of one CPU fall asleep, one for ever and, after that, one for a moment. */
static void with_zero_they_stay(void)
{
	struct workqueue_struct *stays = alloc_workqueue("stays", 0, 0);
	struct workqueue_struct *goes = alloc_workqueue("goes", WQ_HIGHPRI, 0);
	struct item a, b;

	wq_set_idle_timeout_ms(0);
	item_init(&a, stays, item_count);
	item_init(&b, goes, item_count);
	check(queue_on(allowed_cpu(0), stays, &a.work));
	WAITING(flush_workqueue(stays));
	WAITING((sleeps(a.tid), 0));
	wq_set_idle_timeout_ms(100);
	check(queue_on(allowed_cpu(0), goes, &b.work));
	WAITING(flush_workqueue(goes));
	WAITING((ends(b.tid), 0));
	check(lives(a.tid));
	destroy_workqueue(stays);
	destroy_workqueue(goes);
}

static void child_time_from_the_environment(void)
{
	struct workqueue_struct *wq = alloc_workqueue("short", 0, 0);
	int base = base_threads();

	use(wq);
	nr_threads_becomes(base);
	destroy_workqueue(wq);
}

static void the_environment_sets_the_time(void)
{
	char out[4096];

	setenv("WQ_IDLE_TIMEOUT_MS", "40", 1);
	check_eq(run_child("child_time_from_the_environment", out, sizeof(out)), 0);
	unsetenv("WQ_IDLE_TIMEOUT_MS");
}

TEST_MAIN(TEST(the_workers_of_a_thousand_queues_end), TEST(the_next_item_has_a_worker), TEST(with_zero_they_stay),
	  TEST(the_environment_sets_the_time), CHILD(child_time_from_the_environment))
