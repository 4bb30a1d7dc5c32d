/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wq_gc_count() stays what it was after start-up, whatever the program does with
 * queues. Queues are made, used, flushed, cancelled and destroyed many times.
 */
#include "items.h"

static void a_cycle(int queue_rounds)
{
	struct workqueue_struct *wq = create_workqueue("gc");
	static struct item items[100];

	for (int i = 0; i < 100; i++)
		item_init(&items[i], wq, item_count);
	for (int round = 0; round < queue_rounds; round++) {
		for (int i = 0; i < 100; i++)
			queue_work(wq, &items[i].work);
		WAITING(cancel_work_sync(&items[round % 100].work));
		WAITING(flush_workqueue(wq));
	}
	destroy_workqueue(wq);
}

static void no_collection_happens_after_start_up(void)
{
	int before;

	a_cycle(10);
	before = wq_gc_count();
	check(before >= 0);
	for (int i = 0; i < 100; i++)
		a_cycle(race_rounds(100));
	check_eq(wq_gc_count(), before);
}

static void *count_gc(void *count)
{
	*(int *)count = wq_gc_count();
	return NULL;
}

static void foreign_threads_cause_no_collection(void)
{
	int before = wq_gc_count(), count;

	for (int i = 0; i < race_rounds(5000); i++)
		join_thread(start_thread(count_gc, &count));
	check_eq(count, before);
}

TEST_MAIN(TEST(no_collection_happens_after_start_up), TEST(foreign_threads_cause_no_collection))
