/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nothing grows, however long a program queues, flushes
 * and cancels. Two million calls (WQ_COUNT for another number) leave
 * the memory within a megabyte.
 */
#include "test.h"
#include "support/aim.h"
#include "support/memory.h"

enum { NR_ITEMS = 64 };

static struct workqueue_struct *queues[2];
static struct work_struct items[NR_ITEMS];
static long runs;

static void count_run(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&runs, 1, __ATOMIC_RELAXED);
}

/* Is how many calls it made; adds those that will lead to a run to @due. */
static long one_round(uint64_t *random, long *due)
{
	struct workqueue_struct *wq = queues[test_random(random) % 2];
	int nr_cancels = (int)(test_random(random) % 16);

	for (int i = 0; i < NR_ITEMS; i++)
		*due += queue_work(wq, &items[i]);
	for (int i = 0; i < nr_cancels; i++)
		*due -= cancel_work_sync(&items[test_random(random) % NR_ITEMS]);
	flush_workqueue(wq);
	return NR_ITEMS + nr_cancels + 1;
}

static void calls_without_end_leave_no_trace(void)
{
	const char *text = getenv("WQ_COUNT");
	long count = text ? atol(text) : race_rounds(2000000), made = 0, due = 0, rss_kb;
	uint64_t random = test_state.seed;

	queues[0] = create_workqueue("rss");
	queues[1] = create_singlethread_workqueue("rss");
	if (!check(queues[0]) || !check(queues[1]))
		return;
	for (int i = 0; i < NR_ITEMS; i++)
		INIT_WORK(&items[i], count_run);
	within(30 + (int)(count / 100000), "calls");
	while (made < count / 20)
		made += one_round(&random, &due);
	rss_kb = rss_now_kb();
	while (made < count)
		made += one_round(&random, &due);
	check_eq(runs, due);
	check_growth(rss_kb, rss_now_kb());
	printf("  %ld calls\n", made);
	destroy_workqueue(queues[0]);
	destroy_workqueue(queues[1]);
}

TEST_MAIN(TEST(calls_without_end_leave_no_trace))
