/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the plain C pools share. They are the floor: one worker, or one for each CPU
 * and bound to it, FIFO, and of what a work item promises only the pending bit, set
 * by who queues and cleared before the function runs, both fully ordered. No
 * cancel, no flush. A driver defines struct task (fn, pending, and its link),
 * struct inbox and
 *
 *	void inbox_init(struct inbox *)
 *	void inbox_push(struct inbox *, struct task *)	may wake the worker
 *	struct task *inbox_take(struct inbox *)		next item; sleeps if there is none
 */
#include "race_point.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

struct worker {
	struct inbox inbox;
	pthread_t thread;
	struct task *stop;
	int cpu; /* as for pin_to_cpu() */
};

struct pool {
	int nr_workers;
	_Alignas(64) struct worker workers[];
};

/* Which worker of a pool with one for each CPU serves a CPU. */
static int worker_of_cpu[CPU_SETSIZE];

static inline void futex_wait(uint32_t *word, uint32_t value)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static inline void futex_wake(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void inbox_init(struct inbox *inbox);
static inline void inbox_push(struct inbox *inbox, struct task *task);
static inline struct task *inbox_take(struct inbox *inbox);

static inline struct task *task_of(task_arg arg)
{
	return arg;
}

static void *worker_thread(void *arg)
{
	struct worker *worker = (struct worker *)arg;
	struct task *task;

	if (worker->cpu >= 0)
		pin_to_cpu(worker->cpu);
	while ((task = inbox_take(&worker->inbox)) != worker->stop) {
		__atomic_exchange_n(&task->pending, 0, __ATOMIC_SEQ_CST);
		task->fn(task);
	}
	return NULL;
}

static struct pool *pool_create(enum pool_kind kind)
{
	int nr = kind == POOL_PER_CPU ? nr_cpus() : 1;
	size_t size = sizeof(struct pool) + (size_t)nr * sizeof(struct worker);
	struct pool *pool = (struct pool *)aligned_alloc(64, (size + 63) / 64 * 64);

	if (!pool)
		die("out of memory");
	memset(pool, 0, size);
	pool->nr_workers = nr;
	for (int i = 0; i < nr; i++) {
		struct worker *worker = &pool->workers[i];

		worker->cpu = kind == POOL_PER_CPU ? i : -1;
		worker->stop = (struct task *)xcalloc(1, sizeof(struct task));
		inbox_init(&worker->inbox);
		if (kind == POOL_PER_CPU)
			worker_of_cpu[nth_cpu(i)] = i;
		if (pthread_create(&worker->thread, NULL, worker_thread, worker))
			die("pthread_create");
	}
	return pool;
}

static inline void task_init(struct pool *pool, struct task *task, void (*fn)(task_arg))
{
	(void)pool;
	task->fn = fn;
	task->pending = 0;
}

static inline void pool_queue(struct pool *pool, struct task *task)
{
	struct worker *worker = pool->workers;

	if (pool->nr_workers > 1)
		worker += worker_of_cpu[sched_getcpu()];
	if (!__atomic_exchange_n(&task->pending, 1, __ATOMIC_SEQ_CST))
		inbox_push(&worker->inbox, task);
}

static void pool_destroy(struct pool *pool)
{
	for (int i = 0; i < pool->nr_workers; i++) {
		inbox_push(&pool->workers[i].inbox, pool->workers[i].stop);
		pthread_join(pool->workers[i].thread, NULL);
		free(pool->workers[i].stop);
	}
	free(pool);
}
