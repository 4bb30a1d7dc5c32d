/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Once its function has started the library does not touch the item again": the
 * function poisons and frees it, maps it away, or makes another item of it.
 */
#include "items.h"

#include <sys/mman.h>

static int freed;

static void poison_and_free(struct work_struct *work)
{
	memset(work, 0xa5, sizeof(*work));
	free(work);
	freed++;
}

static void a_function_may_free_its_item(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("frees");
	int n = race_rounds(100000);

	freed = 0;
	for (int i = 0; i < n; i++) {
		struct work_struct *work = (struct work_struct *)malloc(sizeof(*work));

		INIT_WORK(work, poison_and_free);
		check(queue_work(wq, work));
	}
	WAITING(flush_workqueue(wq));
	check_eq(freed, n);
	destroy_workqueue(wq);
}

static void unmap(struct work_struct *work)
{
	check_eq(munmap(work, 4096), 0); /* a touch afterwards is a SIGSEGV */
	freed++;
}

static void a_function_may_unmap_its_item(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("frees");

	freed = 0;
	for (int i = 0; i < 1000; i++) {
		void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		struct work_struct *work = (struct work_struct *)page;

		if (!check(page != MAP_FAILED))
			break;
		INIT_WORK(work, unmap);
		check(queue_work(wq, work));
	}
	WAITING(flush_workqueue(wq));
	check_eq(freed, 1000);
	destroy_workqueue(wq);
}

static int second_runs;
static struct workqueue_struct *next_wq;

static void second_life(struct work_struct *work)
{
	(void)work;
	second_runs++;
}

static void first_life(struct work_struct *work)
{
	INIT_WORK(work, second_life);
	check(queue_work(next_wq, work));
}

static void a_function_may_initialise_and_queue_its_item_anew(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("frees");
	struct work_struct work;

	second_runs = 0;
	next_wq = create_singlethread_workqueue("other");
	for (int i = 0; race_goes_on(i, 10000); i++) {
		INIT_WORK(&work, first_life);
		check(queue_work(wq, &work));
		WAITING(flush_workqueue(wq));
		WAITING(flush_workqueue(next_wq));
		if (!check_eq(second_runs, i + 1))
			break;
	}
	destroy_workqueue(wq);
	destroy_workqueue(next_wq);
}

static void another_thread_may_reuse_the_item_while_its_function_runs(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("frees");
	struct workqueue_struct *other = create_singlethread_workqueue("other");
	struct item b;

	/* "b" blocks in its run; its work_struct becomes another item meanwhile. */
	plug(wq, &b);
	INIT_WORK(&b.work, item_count);
	check(queue_work(other, &b.work));
	WAITING(flush_workqueue(other));
	check_eq(item_runs(&b), 2);
	check_eq(item_done(&b), 1);
	memset(&b.work, 0xa5, sizeof(b.work));
	gate_open(&b.gate);
	WAITING(flush_workqueue(wq));
	check_eq(item_done(&b), 2);
	destroy_workqueue(wq);
	destroy_workqueue(other);
}

TEST_MAIN(TEST(a_function_may_free_its_item), TEST(a_function_may_unmap_its_item),
	  TEST(a_function_may_initialise_and_queue_its_item_anew),
	  TEST(another_thread_may_reuse_the_item_while_its_function_runs))
