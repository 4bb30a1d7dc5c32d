/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The workloads of a thread pool. A driver defines DRIVER and
 *
 *	struct task			one item; the caller owns it
 *	task_arg			what the pool passes to an item's function
 *	struct task *task_of(task_arg)
 *	struct pool *pool_create(enum pool_kind)
 *	void task_init(struct pool *, struct task *, task_fn *)
 *	void pool_queue(struct pool *, struct task *)
 *	void pool_requeue(struct pool *, struct task *)	if an item queues itself by another call
 *	void pool_destroy(struct pool *)
 *	POOL_FLUSH			if it has one: void pool_flush(struct pool *)
 *	POOL_FAR_TIMERS			if it has timers: void pool_arm_far_timers(void)
 *	POOL_MANY_WORKERS		if it has several where one is asked for
 *	POOL_ONLY_ONE			if a process cannot create pools at will
 *	POOL_NO_REQUEUE			if an item must not queue items
 *	POOL_ONE_SLOT			if it holds one item: W2 only
 *
 * and then includes this file, which has main(). All is inlined into the workload,
 * so that a driver pays for its pool and not for the harness. The harness pins a
 * pool's one worker with an item that pins the thread it runs on. run.py starts a
 * process for each workload.
 *
 * W1   producer on cpu 0, worker on cpu 1: ns per item, over millions of items
 * W1b  both on cpu 0
 * W2   queue one item and wait for it: with the pool's flush if it has one, else
 *      on a semaphore that the item posts
 * W3   an item that queues itself again; W3b, a thousand of them
 * W4   two producers, a worker for each CPU, nothing pinned
 * W7   started with --first-item, see life.h
 * W8   create and destroy a pool
 * W9p, W9q, W9n  more producers, more pools, more items
 * idle a process with nothing to do, watched from outside
 */
#include "bench.h"

#include <semaphore.h>
#include <sys/prctl.h>

enum {
	ITEMS = 5000 * 1000,
	QUICK_ITEMS = 500 * 1000,
	TINY_ITEMS = 2000,
	PAUSE_US = 50,
};

typedef void task_fn(task_arg arg);

static struct pool *pool;

/* The one worker's, while items are queued; in no cache line that the producer reads. */
static struct {
	size_t nr_run, nr_expected;
	char pad[128 - 2 * sizeof(size_t)];
} worker __attribute__((aligned(128)));

static inline size_t all_items(void)
{
	return by_size(ITEMS, QUICK_ITEMS, TINY_ITEMS);
}

static sem_t all_run;
static int worker_cpu;

static void finish(void)
{
	sem_post(&all_run);
}

/* Looks for a microsecond or two, if the worker has a CPU of its own, before it sleeps. */
static void wait_until_finished(void)
{
	for (int looks = worker_cpu ? 100 : 0; looks; looks--) {
		if (!sem_trywait(&all_run))
			return;
		pause_cpu();
	}
	while (sem_wait(&all_run))
		;
}

static inline size_t count_one(void)
{
#ifdef POOL_MANY_WORKERS
	return __atomic_add_fetch(&worker.nr_run, 1, __ATOMIC_RELAXED);
#else
	return ++worker.nr_run;
#endif
}

static void count(task_arg arg)
{
	(void)arg;
	if (count_one() == worker.nr_expected)
		finish();
}

static void pin_worker(task_arg arg)
{
	(void)arg;
	pin_to_cpu(worker_cpu);
	finish();
}

/* Waits for what a pool still does with items that have run; not timed. */
static void settle(void)
{
#ifdef POOL_FLUSH
	pool_flush(pool);
#endif
}

/*
 * A pool whose one worker is on the given CPU, and the caller on cpu 0. The caller
 * is on the worker's CPU first, where threads that the pool starts inherit it.
 */
static void open_pool(int cpu)
{
	struct task *task = (struct task *)xcalloc(1, sizeof(*task));

	pin_to_cpu(cpu);
	worker_cpu = cpu;
	pool = pool_create(cpu == 0 ? POOL_BOUND : POOL_ONE);
	task_init(pool, task, pin_worker);
	pool_queue(pool, task);
	wait_until_finished();
	settle();
	pin_to_cpu(0);
	free(task);
}

static void close_pool(void)
{
	settle();
	pool_destroy(pool);
	pin_to_cpu(-1);
}

#ifndef pool_requeue
#define pool_requeue pool_queue
#endif
#include "trips.h"
#ifndef POOL_ONE_SLOT
#include "life.h"
#include "throughput.h"
#endif

#ifndef POOL_ONE_SLOT
static void run_more_than_trips(bool two_cpus)
{
	if (wanted("W1") && two_cpus)
		throughput("W1", 1);
	if (wanted("W1b"))
		throughput("W1b", 0);
#ifndef POOL_NO_REQUEUE
	if (wanted("W3") && two_cpus)
		self_requeue("W3", "self requeue", 1);
	if (wanted("W3b") && two_cpus)
		self_requeue("W3b", "1,000 items", 1000);
#endif
	if (wanted("W4"))
		many_producers("W4", 2, by_size(ITEMS, QUICK_ITEMS, 64));
	if (wanted("W9p"))
		for (int nr = 1; nr <= MAX_PRODUCERS; nr *= 2)
			many_producers("W9p", nr, by_size(ITEMS / 5, QUICK_ITEMS / 2, 64));
	if (wanted("W9n") && two_cpus)
		many_items();
#ifndef POOL_ONLY_ONE
	if (wanted("W9q"))
		many_pools();
	if (wanted("W8")) {
		create_and_destroy();
		create_all_destroy_all();
	}
#endif
	if (*bench.only && wanted("idle"))
		stay_idle();
}
#endif

int main(int argc, char **argv)
{
	bool two_cpus;

	bench_start(argc, argv);
	prctl(PR_SET_TIMERSLACK, 1);
	sem_init(&all_run, 0, 0);
#ifndef POOL_ONE_SLOT
	if (argc > 1 && !strcmp(argv[1], "--first-item"))
		return first_item();
#endif
	two_cpus = nth_cpu(1) >= 0;
	if (!two_cpus)
		fputs("bench: one CPU: W1, W3, W9n and W2 across CPUs left out\n", stderr);
	do {
		if (wanted("W2"))
			trips(two_cpus);
#ifndef POOL_ONE_SLOT
		run_more_than_trips(two_cpus);
#endif
	} while (once_more());
	return 0;
}
