/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * create_singlethread_workqueue() starts exactly one worker, and that one runs
 * every item whatever CPU it was queued from. Threads are counted and compared.
 */
#include "items.h"

static void exactly_one_worker_starts(void)
{
	struct workqueue_struct *wq;
	int before;

	init_workqueues();
	before = nr_threads();
	wq = create_singlethread_workqueue("single");
	if (!check(wq != NULL))
		return;
	check_eq(nr_threads(), before + 1);
	destroy_workqueue(wq);
	check(nr_threads_becomes(before));
}

static void items_from_every_cpu_run_on_the_one_worker(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("single");
	struct item a;
	long tid = 0;

	item_init(&a, wq, item_count);
	for (int i = 0; i < 100; i++) {
		check(queue_on(allowed_cpu(i % allowed_cpus()), wq, &a.work));
		WAITING(flush_workqueue(wq));
		if (tid)
			check_eq(a.tid, tid);
		tid = a.tid;
	}
	check_eq(item_runs(&a), 100);
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(exactly_one_worker_starts), TEST(items_from_every_cpu_run_on_the_one_worker))
