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
 *	void pool_destroy(struct pool *)
 *	POOL_FLUSH			if it has one: void pool_flush(struct pool *)
 *	POOL_ONLY_ONE			if a process cannot create pools at will
 *	POOL_NO_REQUEUE			if an item must not queue items
 *
 * and then includes this file, which has main(). All is inlined into the workload,
 * so that a driver pays for its pool and not for the harness. A pool has one
 * worker; the harness pins it with an item that pins the thread it runs on.
 *
 * W1   producer on cpu 0, worker on cpu 1: ns per item, over millions of items
 * W1b  both on cpu 0
 * W2   queue one item and wait for it: with the pool's flush if it has one, else
 *      on a semaphore that the item posts
 * W3   an item that queues itself again
 * W8   create and destroy a pool
 */
#include "bench.h"

#include <semaphore.h>
#include <sys/prctl.h>

enum {
	ITEMS = 5000 * 1000,
	QUICK_ITEMS = 500 * 1000,
	TRIPS = 20 * 1000,
	QUICK_TRIPS = 5 * 1000,
	SPACED_TRIPS = 3000,
	PAUSE_US = 50,
	CREATIONS = 1000,
	QUICK_CREATIONS = 200,
};

typedef void task_fn(task_arg arg);

static struct pool *pool;
static size_t nr_run, nr_expected; /* the worker's, while items are queued */
static sem_t all_run;
static int worker_cpu;

static void finish(void)
{
	sem_post(&all_run);
}

static void wait_until_finished(void)
{
	while (sem_wait(&all_run))
		;
}

static void count(task_arg arg)
{
	(void)arg;
	if (++nr_run == nr_expected)
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

/* A pool whose one worker is on the given CPU, and the caller on cpu 0. */
static void open_pool(int cpu)
{
	struct task *task = (struct task *)xcalloc(1, sizeof(*task));

	pin_to_cpu(0);
	worker_cpu = cpu;
	pool = pool_create(cpu == 0 ? POOL_PER_CPU : POOL_ONE);
	task_init(pool, task, pin_worker);
	pool_queue(pool, task);
	wait_until_finished();
	settle();
	free(task);
}

static void close_pool(void)
{
	settle();
	pool_destroy(pool);
	pin_to_cpu(-1);
}

/* ---- W1, W1b: throughput ------------------------------------------------------- */

static void queue_all(struct task *tasks, size_t nr)
{
	nr_run = 0;
	nr_expected = nr;
	for (size_t i = 0; i < nr; i++)
		pool_queue(pool, &tasks[i]);
	wait_until_finished();
}

static void throughput(const char *workload, int cpu)
{
	size_t nr = bench.quick ? QUICK_ITEMS : ITEMS;
	struct task *tasks = (struct task *)xcalloc(nr, sizeof(*tasks));
	int64_t start, start_cpu;

	open_pool(cpu);
	for (size_t i = 0; i < nr; i++)
		task_init(pool, &tasks[i], count);
	queue_all(tasks, nr / 100);
	settle();
	for (size_t i = 0; i < nr; i++)
		task_init(pool, &tasks[i], count);
	start = now_ns();
	start_cpu = cpu_ns();
	queue_all(tasks, nr);
	report_one(workload, DRIVER, cpu ? "two CPUs" : "one CPU", "item_ns",
		   (double)(now_ns() - start) / (double)nr);
	report_one(workload, DRIVER, cpu ? "two CPUs" : "one CPU", "cpu_ns",
		   (double)(cpu_ns() - start_cpu) / (double)nr);
	close_pool();
	free(tasks);
}

/* ---- W2: round trip ------------------------------------------------------------ */

static inline void round_trip(struct task *task)
{
	nr_run = 0;
	nr_expected = 1;
	pool_queue(pool, task);
#ifdef POOL_FLUSH
	pool_flush(pool);
	wait_until_finished(); /* posted already: no system call */
#else
	wait_until_finished();
#endif
}

static void round_trips(const char *what, int cpu, long pause_us)
{
	size_t nr = pause_us ? SPACED_TRIPS : bench.quick ? QUICK_TRIPS : TRIPS;
	int64_t *ns = (int64_t *)xcalloc(nr, sizeof(*ns)), start_cpu;
	struct task *task = (struct task *)xcalloc(1, sizeof(*task));

	open_pool(cpu);
	task_init(pool, task, count);
	for (int i = 0; i < 100; i++)
		round_trip(task);
	start_cpu = cpu_ns();
	for (size_t i = 0; i < nr; i++) {
		int64_t start;

		if (pause_us)
			sleep_us(pause_us);
		start = now_ns();
		round_trip(task);
		ns[i] = now_ns() - start;
	}
	report_one("W2", DRIVER, what, "cpu_us",
		   (double)(cpu_ns() - start_cpu) / (double)nr / 1000);
	report_one("W2", DRIVER, what, "p50_us", percentile(ns, nr, 500) / 1000);
	report_one("W2", DRIVER, what, "p99_us", percentile(ns, nr, 990) / 1000);
	close_pool();
	free(task);
	free(ns);
}

/* ---- W3: an item that queues itself again -------------------------------------- */

#ifndef POOL_NO_REQUEUE
static void requeue(task_arg arg)
{
	if (++nr_run == nr_expected)
		finish();
	else
		pool_queue(pool, task_of(arg));
}

static void self_requeue(void)
{
	size_t nr = bench.quick ? QUICK_ITEMS : ITEMS;
	struct task *task = (struct task *)xcalloc(1, sizeof(*task));
	int64_t start;

	open_pool(1);
	nr_run = 0;
	nr_expected = nr;
	task_init(pool, task, requeue);
	start = now_ns();
	pool_queue(pool, task);
	wait_until_finished();
	report_one("W3", DRIVER, "self requeue", "item_ns",
		   (double)(now_ns() - start) / (double)nr);
	close_pool();
	free(task);
}
#endif

/* ---- W8: create and destroy ---------------------------------------------------- */

#ifndef POOL_ONLY_ONE
static void create_and_destroy(void)
{
	int nr = bench.quick ? QUICK_CREATIONS : CREATIONS;
	int64_t start = now_ns();

	for (int i = 0; i < nr; i++)
		pool_destroy(pool_create(POOL_ONE));
	report_one("W8", DRIVER, "one worker", "create_destroy_us",
		   (double)(now_ns() - start) / nr / 1000);
}
#endif

int main(int argc, char **argv)
{
	bench_start(argc, argv);
	prctl(PR_SET_TIMERSLACK, 1);
	sem_init(&all_run, 0, 0);
	if (nth_cpu(1) < 0)
		fputs("bench: one CPU: W1 and W2 across CPUs and W3 left out\n", stderr);
	if (wanted("W1") && nth_cpu(1) >= 0)
		throughput("W1", 1);
	if (wanted("W1b"))
		throughput("W1b", 0);
	if (wanted("W2")) {
		round_trips("one CPU", 0, 0);
		round_trips("one CPU, 50 us apart", 0, PAUSE_US);
	}
	if (wanted("W2") && nth_cpu(1) >= 0) {
		round_trips("two CPUs", 1, 0);
		round_trips("two CPUs, 50 us apart", 1, PAUSE_US);
	}
#ifndef POOL_NO_REQUEUE
	if (wanted("W3") && nth_cpu(1) >= 0)
		self_requeue();
#endif
#ifndef POOL_ONLY_ONE
	if (wanted("W8"))
		create_and_destroy();
#endif
	return 0;
}
