/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * init_workqueues() makes the global queue once, however often and from however
 * many threads it is called, and starts no thread. Threads are counted in fresh processes.
 */
#include "child.h"
#include "items.h"

static void no_worker(void)
{
	int before = nr_threads();

	init_workqueues();
	check_eq(nr_threads(), before);
	for (int i = 0; i < 100; i++)
		init_workqueues();
	check_eq(nr_threads(), before);
}

static void repeated_calls_start_no_thread(void)
{
	passes_in_a_child("no_worker");
}

static struct meeting start = MEETING_INITIALIZER(16);

static void *init_at_once(void *item)
{
	meet(&start);
	if (((struct item *)item)->order % 2)
		init_workqueues();
	check(schedule_work(&((struct item *)item)->work));
	return NULL;
}

static void sixteen_threads(void)
{
	static struct item items[16];
	pthread_t threads[16];

	for (int i = 0; i < 16; i++) {
		item_init(&items[i], NULL, item_count);
		items[i].order = i;
		threads[i] = start_thread(init_at_once, &items[i]);
	}
	for (int i = 0; i < 16; i++)
		join_thread(threads[i]);
	WAITING(flush_scheduled_work());
	for (int i = 0; i < 16; i++)
		check_eq(item_runs(&items[i]), 1);
}

static void calls_at_once_make_one_queue_and_lose_nothing(void)
{
	for (int i = 0; i < 20; i++)
		passes_in_a_child("sixteen_threads");
}

TEST_MAIN(TEST(repeated_calls_start_no_thread), TEST(calls_at_once_make_one_queue_and_lose_nothing),
	  CHILD(no_worker), CHILD(sixteen_threads))
