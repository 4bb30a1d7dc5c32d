/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads that end right after queueing leave nothing behind. Ten thousand
 * short-lived threads queue one item each; all items run, and after a warm-up the
 * process does not grow by a megabyte.
 */
#include "test.h"
#include "support/aim.h"
#include "support/memory.h"

enum { BATCH = 50, BATCHES = 200, WARM_UP = 40 };

static struct workqueue_struct *queues[2];
static struct work_struct items[BATCH];
static int runs;

static void count_run(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&runs, 1, __ATOMIC_SEQ_CST);
}

static void *queue_once(void *item)
{
	struct work_struct *work = (struct work_struct *)item;

	check(queue_work(queues[(work - items) % 2], work));
	return NULL;
}

static void one_batch(void)
{
	pthread_t threads[BATCH];

	for (int i = 0; i < BATCH; i++)
		threads[i] = start_thread(queue_once, &items[i]);
	for (int i = 0; i < BATCH; i++)
		join_thread(threads[i]);
	WAITING(flush_workqueue(queues[0]));
	WAITING(flush_workqueue(queues[1]));
}

static void threads_that_queue_once_leave_nothing_behind(void)
{
	int batches = race_rounds(BATCHES), warm_up = race_rounds(WARM_UP);
	long rss_kb = 0;

	queues[0] = create_workqueue("foreign");
	queues[1] = create_singlethread_workqueue("foreign");
	if (!check(queues[0]) || !check(queues[1]))
		return;
	for (int i = 0; i < BATCH; i++)
		INIT_WORK(&items[i], count_run);
	for (int i = 0; i < batches; i++) {
		if (i == warm_up)
			rss_kb = rss_now_kb();
		one_batch();
	}
	check_eq(runs, batches * BATCH);
	check_growth(rss_kb, rss_now_kb());
	destroy_workqueue(queues[0]);
	destroy_workqueue(queues[1]);
}

TEST_MAIN(TEST(threads_that_queue_once_leave_nothing_behind))
