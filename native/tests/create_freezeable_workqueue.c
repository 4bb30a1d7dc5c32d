/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * create_freezeable_workqueue(), in both spellings, makes a single-threaded
 * queue that runs its items in order. Threads are counted, two items ordered.
 */
#include "items.h"

static void check_single_threaded(struct workqueue_struct *wq, int before)
{
	struct item busy, a, b;

	if (!check(wq != NULL))
		return;
	check_eq(nr_threads(), before + 1);
	plug(wq, &busy);
	item_init(&a, wq, item_count);
	item_init(&b, wq, item_count);
	check(queue_on(allowed_cpu(allowed_cpus() - 1), wq, &a.work));
	check(queue_on(allowed_cpu(0), wq, &b.work));
	check_eq(item_runs(&a) + item_runs(&b), 0);
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	check_eq(a.tid, busy.tid);
	check_eq(b.tid, busy.tid);
	check_eq(b.order, a.order + 1);
	destroy_workqueue(wq);
	check(nr_threads_becomes(before));
}

static void a_freezeable_queue_is_single_threaded(void)
{
	int before;

	init_workqueues();
	before = nr_threads();
	check_single_threaded(create_freezeable_workqueue("freezeable"), before);
}

static void the_later_spelling_does_the_same(void)
{
	int before = nr_threads();

	check_single_threaded(create_freezable_workqueue("freezeable"), before);
}

TEST_MAIN(TEST(a_freezeable_queue_is_single_threaded), TEST(the_later_spelling_does_the_same))
