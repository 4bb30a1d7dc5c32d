/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library does not touch an item whose function has started. Bursts of items
 * overwrite themselves with a pattern, or free themselves, or become other
 * objects, while their neighbours in the burst are still being run; the pattern
 * must stay.
 */
#include "test.h"
#include "support/aim.h"

enum { BURST = 64, POISON = 0xdd, BURSTS = 1000 };

static struct workqueue_struct *wq;
static struct work_struct *poisoned[BURST];
static int nr_poisoned, nr_ran;

static void note_run(void)
{
	/* Others of the burst are still to come: the window is open. */
	if (__atomic_add_fetch(&nr_ran, 1, __ATOMIC_SEQ_CST) > 1)
		race_window_hit();
}

static void poison_itself(struct work_struct *work)
{
	memset(work, POISON, sizeof(*work));
	poisoned[__atomic_fetch_add(&nr_poisoned, 1, __ATOMIC_SEQ_CST)] = work;
	note_run();
}

static void free_itself(struct work_struct *work)
{
	memset(work, POISON, sizeof(*work));
	free(work);
	note_run();
}

static void become_another(struct work_struct *work)
{
	memset(work, POISON, sizeof(*work));
	INIT_WORK(work, free_itself);
	check(queue_work(wq, work));
}

static void check_poison(void)
{
	unsigned char pattern[sizeof(struct work_struct)];

	memset(pattern, POISON, sizeof(pattern));
	for (int i = 0; i < nr_poisoned; i++) {
		check(memcmp(poisoned[i], pattern, sizeof(pattern)) == 0);
		free(poisoned[i]);
	}
	nr_poisoned = 0;
}

static void one_burst(uint64_t *random, work_func_t func)
{
	int n = 1 + (int)(test_random(random) % BURST);

	nr_ran = 0;
	for (int i = 0; i < n; i++) {
		struct work_struct *work = (struct work_struct *)malloc(sizeof(*work));

		INIT_WORK(work, func);
		check(queue_work(wq, work));
		jitter(random, i % 8 ? 0 : 300);
	}
	WAITING(flush_workqueue(wq));
	if (func == become_another)
		WAITING(flush_workqueue(wq));
	check_eq(nr_ran, n);
	check_poison();
}

static void run_bursts(struct workqueue_struct *queue, work_func_t func)
{
	uint64_t random = test_state.seed;

	race_begin();
	wq = queue;
	if (!check(wq))
		return;
	for (int i = 0; race_goes_on(i, BURSTS); i++)
		one_burst(&random, func);
	destroy_workqueue(wq);
	race_require_hits(1);
}

static void an_item_may_overwrite_itself(void)
{
	run_bursts(create_singlethread_workqueue("poison"), poison_itself);
	run_bursts(create_workqueue("poison"), poison_itself);
}

static void an_item_may_free_itself(void)
{
	run_bursts(create_singlethread_workqueue("free"), free_itself);
	run_bursts(create_workqueue("free"), free_itself);
}

static void an_item_may_become_another(void)
{
	run_bursts(create_singlethread_workqueue("become"), become_another);
	run_bursts(create_workqueue("become"), become_another);
}

TEST_MAIN(TEST(an_item_may_overwrite_itself), TEST(an_item_may_free_itself),
	  TEST(an_item_may_become_another))
