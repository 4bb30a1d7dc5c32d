/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every accepted queueing is run once or cancelled once, whatever else is called
 * at the same time. Eight threads make random calls on shared items and queues for
 * two seconds (WQ_SECONDS for longer) while counters per item keep the books.
 */
#include "test.h"
#include "support/aim.h"

#include <linux/container_of.h>

enum { NR_THREADS = 8, NR_QUEUES = 3, NR_ITEMS = 48, NR_FIXED = 24 };

struct item {
	struct work_struct work;
	struct workqueue_struct *home; /* NULL: queued anywhere */
	bool alone;                    /* home has one worker */
	uint64_t random;
	int accepted, ran, cancelled, running;
} __attribute__((aligned(64)));

static struct workqueue_struct *queues[NR_QUEUES]; /* the first has many workers */
static struct item items[NR_ITEMS];
static int stop;

static void add(int *counter, int n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_SEQ_CST);
}

static void queue_item(struct item *item, uint64_t *random)
{
	struct workqueue_struct *wq = queues[test_random(random) % NR_QUEUES];

	/* Counted first: the run must never be ahead of the books. */
	add(&item->accepted, 1);
	if (!queue_work(item->home ? item->home : wq, &item->work))
		add(&item->accepted, -1);
}

static void run_item(struct work_struct *work)
{
	struct item *item = container_of(work, struct item, work);
	uint64_t random = test_state.seed ^ (uint64_t)flag_get(&item->ran) * 77u ^
			  (uint64_t)(item - items);
	int running = __atomic_add_fetch(&item->running, 1, __ATOMIC_SEQ_CST);

	if (item->alone)
		check_eq(running, 1);
	add(&item->ran, 1);
	jitter(&random, 200);
	if (!flag_get(&stop) && test_random(&random) % 8 == 0)
		queue_item(item, &random);
	if (!flag_get(&stop) && test_random(&random) % 8 == 0)
		queue_item(&items[test_random(&random) % NR_ITEMS], &random);
	add(&item->running, -1);
}

static void cancel_item(struct item *item)
{
	if (WAITING(cancel_work_sync(&item->work)))
		add(&item->cancelled, 1);
}

/* A queue and an item nobody else knows: exact answers can be asked for. */
static void use_private_queue(uint64_t *random)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("private");
	struct item item;

	memset(&item, 0, sizeof(item));
	if (!check(wq))
		return;
	INIT_WORK(&item.work, run_item);
	item.home = wq;
	flag_set(&item.ran, 1);
	for (int n = (int)(test_random(random) % 4); n >= 0; n--)
		queue_item(&item, random);
	cancel_item(&item);
	check_eq(item.accepted, item.ran - 1 + item.cancelled);
	check(!work_pending(&item.work));
	destroy_workqueue(wq);
}

static void one_call(uint64_t *random)
{
	struct item *item = &items[test_random(random) % NR_ITEMS];
	unsigned int choice = (unsigned int)(test_random(random) % 1000);

	if (choice < 700)
		queue_item(item, random);
	else if (choice < 900)
		cancel_item(item);
	else if (choice < 940)
		WAITING(flush_workqueue(queues[test_random(random) % NR_QUEUES]));
	else if (choice < 990)
		(void)work_pending(&item->work);
	else if (choice < 993)
		use_private_queue(random);
	else
		sched_yield();
}

static void *caller(void *number)
{
	uint64_t random = test_state.seed + 1000 * (uintptr_t)number;

	while (!flag_get(&stop)) {
		one_call(&random);
		jitter(&random, 100);
	}
	return NULL;
}

static bool set_up(void)
{
	queues[0] = create_workqueue("many");
	queues[1] = create_singlethread_workqueue("one");
	queues[2] = create_singlethread_workqueue("another");
	for (int i = 0; i < NR_ITEMS; i++) {
		INIT_WORK(&items[i].work, run_item);
		if (i < NR_FIXED)
			items[i].home = queues[i % NR_QUEUES];
		items[i].alone = i < NR_FIXED && i % NR_QUEUES != 0;
	}
	return check(queues[0]) && check(queues[1]) && check(queues[2]);
}

/* Items queue each other: three rounds after the last call nothing is left. */
static void settle(void)
{
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < NR_QUEUES; i++)
			WAITING(flush_workqueue(queues[i]));
}

static void every_accepted_queueing_runs_or_is_cancelled(void)
{
	const char *text = getenv("WQ_SECONDS");
	int seconds = text ? atoi(text) : 2;
	pthread_t threads[NR_THREADS];
	struct timespec duration = { seconds, 0 };
	long calls = 0;

	if (!set_up())
		return;
	within(seconds + 30, "random calls");
	for (uintptr_t i = 0; i < NR_THREADS; i++)
		threads[i] = start_thread(caller, (void *)i);
	nanosleep(&duration, NULL);
	flag_set(&stop, 1);
	for (int i = 0; i < NR_THREADS; i++)
		join_thread(threads[i]);
	settle();
	for (int i = 0; i < NR_ITEMS; i++) {
		check_eq(items[i].accepted, items[i].ran + items[i].cancelled);
		check_eq(items[i].running, 0);
		check(!work_pending(&items[i].work));
		calls += items[i].accepted;
	}
	printf("  %ld accepted queueings\n", calls);
	check(calls > 0);
	for (int i = 0; i < NR_QUEUES; i++)
		destroy_workqueue(queues[i]);
}

TEST_MAIN(TEST(every_accepted_queueing_runs_or_is_cancelled))
