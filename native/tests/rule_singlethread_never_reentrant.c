/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Items run one at a time" on a single-threaded queue, whoever queues them from
 * wherever. Threads on all CPUs queue the same few items, which count themselves.
 */
#include "items.h"

enum { PRODUCERS = 4, ITEMS = 4 };
static struct workqueue_struct *wq;
static struct work_struct works[ITEMS];
static struct meeting start;
static int inside, overlaps, total_runs, total_queued;

static void count_inside(struct work_struct *work)
{
	(void)work;
	if (__atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST))
		overlaps++;
	total_runs++; /* not atomic: that is the point */
	__atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
}

static void *produce(void *number)
{
	int n = (int)(intptr_t)number, queued = 0;
	uint64_t random = test_state.seed + (uint64_t)n;

	pin_to_cpu(allowed_cpu(n % allowed_cpus()));
	meet(&start);
	for (int i = 0; i < race_rounds(100000); i++)
		queued += queue_work(wq, &works[test_random(&random) % ITEMS]);
	__atomic_fetch_add(&total_queued, queued, __ATOMIC_SEQ_CST);
	return NULL;
}

static void check_one_at_a_time(struct workqueue_struct *queue)
{
	pthread_t threads[PRODUCERS];

	wq = queue;
	inside = overlaps = total_runs = total_queued = 0;
	start.members = PRODUCERS;
	for (int i = 0; i < ITEMS; i++)
		INIT_WORK(&works[i], count_inside);
	for (int i = 0; i < PRODUCERS; i++)
		threads[i] = start_thread(produce, (void *)(intptr_t)i);
	for (int i = 0; i < PRODUCERS; i++)
		join_thread(threads[i]);
	destroy_workqueue(wq);
	check_eq(overlaps, 0);
	check_eq(total_runs, total_queued);
}

static void a_single_thread_runs_one_item_at_a_time(void)
{
	check_one_at_a_time(create_singlethread_workqueue("single"));
}

static void a_freezeable_queue_runs_one_item_at_a_time(void)
{
	check_one_at_a_time(create_freezeable_workqueue("single"));
}

TEST_MAIN(TEST(a_single_thread_runs_one_item_at_a_time),
	  TEST(a_freezeable_queue_runs_one_item_at_a_time))
