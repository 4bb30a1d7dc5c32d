/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thread of a real-time class may call everything: where it waits for an ordinary thread
 * that it has preempted, it sleeps, and that thread goes on. Both are bound to one CPU, so
 * the one that spins is the one that keeps the other from running.
 */
#include "items.h"

enum { NR_CANCELS = 2000, PRIORITY = 20, MAX_WAIT_MS = 400 };

static struct workqueue_struct *wq;
static struct item item;
static int over;

static long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Is in the middle of one or the other whenever it is preempted. */
static void *queue_and_cancel(void *unused)
{
	pin_to_cpu(allowed_cpu(0));
	while (!__atomic_load_n(&over, __ATOMIC_SEQ_CST)) {
		queue_work(wq, &item.work);
		cancel_work(&item.work);
	}
	return unused;
}

/* Sleeps between two calls, so that the other thread is somewhere else at each. */
static void cancel_in_real_time(bool (*cancel)(struct work_struct *), long *longest_us)
{
	struct timespec pause = { 0, 50000 };
	long began = now_us();

	for (int i = 0; i < NR_CANCELS && now_us() - began < 4000000; i++) {
		long at;

		nanosleep(&pause, NULL);
		at = now_us();
		WAITING(cancel(&item.work));
		at = now_us() - at;
		if (at > *longest_us)
			*longest_us = at;
	}
}

static void cancel_beside_a_preempted_thread(bool (*cancel)(struct work_struct *))
{
	struct sched_param real_time = { .sched_priority = PRIORITY }, ordinary = { .sched_priority = 0 };
	long longest_us = 0;
	pthread_t other;

	wq = create_workqueue("realtime");
	item_init(&item, wq, item_count);
	__atomic_store_n(&over, 0, __ATOMIC_SEQ_CST);
	other = start_thread(queue_and_cancel, NULL);
	pin_to_cpu(allowed_cpu(0));
	if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &real_time)) {
		skip("SCHED_FIFO is not permitted");
	} else {
		cancel_in_real_time(cancel, &longest_us);
		check(pthread_setschedparam(pthread_self(), SCHED_OTHER, &ordinary) == 0);
		printf("  the longest call took %ld us\n", longest_us);
		check(longest_us < MAX_WAIT_MS * 1000);
	}
	unpin();
	__atomic_store_n(&over, 1, __ATOMIC_SEQ_CST);
	WAITING(pthread_join(other, NULL));
	WAITING(destroy_workqueue(wq));
}

static void cancel_work_waits_for_a_preempted_thread(void)
{
	cancel_beside_a_preempted_thread(cancel_work);
}

static void cancel_work_sync_waits_for_a_preempted_thread(void)
{
	cancel_beside_a_preempted_thread(cancel_work_sync);
}

TEST_MAIN(TEST(cancel_work_waits_for_a_preempted_thread), TEST(cancel_work_sync_waits_for_a_preempted_thread))
