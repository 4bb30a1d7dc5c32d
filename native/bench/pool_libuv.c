/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libuv's thread pool, which hands finished items back to a loop. The loop runs where
 * others flush, and not while throughput is measured. Only the thread of a loop may
 * queue to it, so each producer has its own. The process has one pool, whose size
 * the first item settles.
 */
#define DRIVER "libuv"
#define POOL_FLUSH
#define POOL_ONLY_ONE
#define POOL_NO_REQUEUE
#include "bench.h"

#include <uv.h>

struct task {
	uv_work_t work;
	void (*fn)(uv_work_t *work);
};

typedef uv_work_t *task_arg;

static __thread uv_loop_t *my_loop;

static inline uv_loop_t *loop(void)
{
	if (!my_loop) {
		my_loop = (uv_loop_t *)xcalloc(1, sizeof(*my_loop));
		if (uv_loop_init(my_loop))
			die("uv_loop_init");
	}
	return my_loop;
}

static struct pool *pool_create(enum pool_kind kind)
{
	char threads[16];

	snprintf(threads, sizeof(threads), "%d", kind == POOL_PER_CPU ? nr_cpus() : 1);
	setenv("UV_THREADPOOL_SIZE", threads, 1);
	return NULL;
}

static inline void task_init(struct pool *pool, struct task *task, void (*fn)(task_arg))
{
	(void)pool;
	task->fn = fn;
}

static inline void pool_queue(struct pool *pool, struct task *task)
{
	(void)pool;
	uv_queue_work(loop(), &task->work, task->fn, NULL);
}

static inline void pool_flush(struct pool *pool)
{
	(void)pool;
	uv_run(loop(), UV_RUN_DEFAULT);
}

static void pool_destroy(struct pool *pool)
{
	(void)pool;
}

#include "pool.h"
