/* SPDX-License-Identifier: GPL-2.0-only */
/* W1, W1b, W4, W9: how many items a pool passes on. Part of pool.h. */
#include <pthread.h>

enum { MAX_PRODUCERS = 8, MAX_POOLS = 1000, MAX_COUNTERS = 64 * 1024, POLL_US = 50 };

/* ---- W1, W1b: one producer, one worker ----------------------------------------- */

static void queue_all(struct task *tasks, size_t nr)
{
	worker.nr_run = 0;
	worker.nr_expected = nr;
	for (size_t i = 0; i < nr; i++)
		pool_queue(pool, &tasks[i]);
	wait_until_finished();
}

/* Tiny: bursts of 1 to 8 items. What is lost at the end of one no later item mends. */
static void queue_bursts(struct task *tasks, size_t nr)
{
	for (size_t burst = 1; burst <= nr; burst = burst % 8 + 1) {
		queue_all(tasks, burst);
		tasks += burst;
		nr -= burst;
	}
}

static struct task *make_tasks(size_t nr, task_fn *fn)
{
	struct task *tasks = (struct task *)xcalloc(nr, sizeof(*tasks));

	for (size_t i = 0; i < nr; i++)
		task_init(pool, &tasks[i], fn);
	return tasks;
}

static void throughput(const char *workload, int cpu)
{
	size_t nr = all_items();
	const char *what = cpu ? "two CPUs" : "one CPU";
	struct task *tasks, *warm_up;
	int64_t start, start_cpu;

	open_pool(cpu);
	warm_up = make_tasks(nr / 100, count);
	queue_all(warm_up, nr / 100);
	settle();
	tasks = make_tasks(nr, count);
	start = now_ns();
	start_cpu = cpu_ns();
	if (bench.size == TINY)
		queue_bursts(tasks, nr);
	else
		queue_all(tasks, nr);
	report_one(workload, DRIVER, what, "item_ns", (double)(now_ns() - start) / (double)nr);
	report_one(workload, DRIVER, what, "cpu_ns", (double)(cpu_ns() - start_cpu) / (double)nr);
	close_pool();
	free(warm_up);
	free(tasks);
}

/* W9n: the same with 1, 10, ... 10 M items, each number as often as fills a while. */
static void many_items(void)
{
	size_t most = by_size(10 * 1000 * 1000, 1000 * 1000, 200);
	size_t enough = by_size(100 * 1000, 10 * 1000, 200);
	struct task *tasks;

	open_pool(1);
	tasks = make_tasks(most, count);
	queue_all(tasks, enough);
	settle();
	for (size_t nr = 1; nr <= most; nr *= 10) {
		size_t times = nr < enough ? enough / nr : 1;
		int64_t ns = 0;
		char what[32];

		for (size_t i = 0; i < times; i++) {
			int64_t start = now_ns();

			queue_all(tasks, nr);
			ns += now_ns() - start;
			settle();
		}
		snprintf(what, sizeof(what), nr == 1 ? "%zu item" : "%zu items", nr);
		report_one("W9n", DRIVER, what, "item_ns", (double)ns / (double)(times * nr));
	}
	close_pool();
	free(tasks);
}

/* ---- W4, W9p: several producers, a worker for each CPU -------------------------- */

/* Each worker counts on a cache line of its own; the harness adds them up. */
static struct counter {
	size_t nr;
	char pad[64 - sizeof(size_t)];
} __attribute__((aligned(64))) counters[MAX_COUNTERS];

static int nr_counters;
static __thread struct counter *my_counter;

static void count_here(task_arg arg)
{
	(void)arg;
	if (!my_counter) {
		int mine = __atomic_fetch_add(&nr_counters, 1, __ATOMIC_RELAXED);

		if (mine >= MAX_COUNTERS)
			die("too many threads");
		my_counter = &counters[mine];
	}
	__atomic_store_n(&my_counter->nr, my_counter->nr + 1, __ATOMIC_RELEASE);
}

static size_t nr_counted(void)
{
	int threads = __atomic_load_n(&nr_counters, __ATOMIC_RELAXED);
	size_t nr = 0;

	for (int i = 0; i < threads; i++)
		nr += __atomic_load_n(&counters[i].nr, __ATOMIC_ACQUIRE);
	return nr;
}

static void wait_until_counted(size_t nr)
{
	while (nr_counted() < nr)
		sleep_us(POLL_US);
}

struct producer {
	pthread_t thread;
	struct task *tasks;
	size_t nr;
	int64_t started_at_ns;
};

static pthread_barrier_t start_line, finish_line;
static sem_t is_ready, has_produced;

static void *produce(void *arg)
{
	struct producer *p = (struct producer *)arg;

	sem_post(&is_ready);
	pthread_barrier_wait(&start_line);
	p->started_at_ns = now_ns();
	for (size_t i = 0; i < p->nr; i++)
		pool_queue(pool, &p->tasks[i]);
	sem_post(&has_produced);
	pthread_barrier_wait(&finish_line);
	settle();
	return NULL;
}

static void wait_for(sem_t *sem, int times)
{
	while (times)
		if (!sem_wait(sem))
			times--;
}

/* Returns when they all stand at the start line, or are about to. */
static void make_producers(struct producer *producers, int nr, size_t nr_items)
{
	sem_init(&is_ready, 0, 0);
	sem_init(&has_produced, 0, 0);
	pthread_barrier_init(&start_line, NULL, (unsigned int)nr + 1);
	pthread_barrier_init(&finish_line, NULL, (unsigned int)nr + 1);
	for (int i = 0; i < nr; i++) {
		producers[i].nr = nr_items / (size_t)nr;
		producers[i].tasks = make_tasks(producers[i].nr, count_here);
		if (pthread_create(&producers[i].thread, NULL, produce, &producers[i]))
			die("pthread_create");
	}
	wait_for(&is_ready, nr);
}

/* When the first of them began: the harness may get its CPU back much later. */
static int64_t end_producers(struct producer *producers, int nr)
{
	int64_t start = INT64_MAX;

	pthread_barrier_wait(&finish_line);
	for (int i = 0; i < nr; i++) {
		pthread_join(producers[i].thread, NULL);
		free(producers[i].tasks);
		if (producers[i].started_at_ns < start)
			start = producers[i].started_at_ns;
	}
	return start;
}

/* The harness sleeps while items are queued, and then looks every POLL_US. */
static void many_producers(const char *workload, int nr_producers, size_t nr_items)
{
	struct producer producers[MAX_PRODUCERS];
	int64_t end, burnt_ns;
	size_t before;
	char what[32];

	pin_to_cpu(-1);
	pool = pool_create(POOL_PER_CPU);
	make_producers(producers, nr_producers, nr_items);
	before = nr_counted();
	burnt_ns = -cpu_ns();
	pthread_barrier_wait(&start_line);
	wait_for(&has_produced, nr_producers);
	wait_until_counted(before + nr_items);
	end = now_ns();
	burnt_ns += cpu_ns();
	snprintf(what, sizeof(what), nr_producers == 1 ? "%d producer" : "%d producers",
		 nr_producers);
	report_one(workload, DRIVER, what, "item_ns",
		   (double)(end - end_producers(producers, nr_producers)) / (double)nr_items);
	report_one(workload, DRIVER, what, "cpu_ns", (double)burnt_ns / (double)nr_items);
	pool_destroy(pool);
}

/* ---- W9q: one producer, several pools in turn ----------------------------------- */

#ifndef POOL_ONLY_ONE
static void queue_in_turn(struct pool **pools, int nr_pools, struct task *tasks, size_t nr)
{
	size_t before = nr_counted();

	for (size_t i = 0; i < nr; i++)
		pool_queue(pools[i % (size_t)nr_pools], &tasks[i]);
	wait_until_counted(before + nr);
}

static void over_pools(int nr_pools)
{
	static struct pool *pools[MAX_POOLS];
	size_t nr = by_size(ITEMS / 10, QUICK_ITEMS / 10, 40);
	struct task *tasks;
	int64_t start;
	char what[32];

	for (int i = 0; i < nr_pools; i++)
		pools[i] = pool_create(POOL_ONE);
	pool = pools[0];
	tasks = make_tasks(nr, count_here);
	queue_in_turn(pools, nr_pools, tasks, (size_t)nr_pools);
	for (int i = 0; i < nr_pools; i++) {
		pool = pools[i];
		settle();
	}
	start = now_ns();
	queue_in_turn(pools, nr_pools, tasks, nr);
	snprintf(what, sizeof(what), nr_pools == 1 ? "%d queue" : "%d queues", nr_pools);
	report_one("W9q", DRIVER, what, "item_ns", (double)(now_ns() - start) / (double)nr);
	for (int i = 0; i < nr_pools; i++)
		pool_destroy(pools[i]);
	free(tasks);
}

static void many_pools(void)
{
	pin_to_cpu(-1);
	for (int nr = 1; nr <= (int)by_size(MAX_POOLS, MAX_POOLS, 10); nr *= 10)
		over_pools(nr);
}
#endif
