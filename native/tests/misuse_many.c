/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 4,096 items queued on 200 queues all run once, whether they are flushed or
 * their queues are destroyed under them. Every item counts its runs.
 */
#include "items.h"

enum { QUEUES = 200, ITEMS = 4096 };
static struct workqueue_struct *queues[QUEUES];
static struct item items[ITEMS];

static void queue_all(bool every_third_single)
{
	char name[32];

	for (int q = 0; q < QUEUES; q++) {
		snprintf(name, sizeof(name), "many%d", q);
		queues[q] = every_third_single && q % 3 ? create_singlethread_workqueue(name)
							: create_workqueue(name);
		if (!check(queues[q] != NULL))
			exit(1);
	}
	for (int i = 0; i < ITEMS; i++) {
		item_init(&items[i], queues[i % QUEUES], item_count);
		check(queue_work(queues[i % QUEUES], &items[i].work));
	}
}

static void check_all_ran_once(void)
{
	int wrong = 0;

	for (int i = 0; i < ITEMS; i++)
		wrong += item_runs(&items[i]) != 1;
	check_eq(wrong, 0);
}

static void all_items_run_before_the_flushes_return(void)
{
	queue_all(false);
	for (int q = 0; q < QUEUES; q++)
		WAITING(flush_workqueue(queues[q]));
	check_all_ran_once();
	for (int q = 0; q < QUEUES; q++)
		WAITING(destroy_workqueue(queues[q]));
	check_all_ran_once();
}

static void all_items_run_before_their_queues_are_gone(void)
{
	int before;

	init_workqueues();
	before = nr_threads();
	queue_all(true);
	for (int q = QUEUES - 1; q >= 0; q--)
		WAITING(destroy_workqueue(queues[q]));
	check_all_ran_once();
	check(nr_threads_becomes(before));
}

TEST_MAIN(TEST(all_items_run_before_the_flushes_return),
	  TEST(all_items_run_before_their_queues_are_gone))
