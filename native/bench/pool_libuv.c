/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libuv's thread pool, of one thread, which hands finished items back to a loop. The
 * loop runs where others flush, and not while throughput is measured. Only the
 * thread of the loop may queue.
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

static struct pool *pool_create(enum pool_kind kind)
{
	(void)kind;
	setenv("UV_THREADPOOL_SIZE", "1", 1);
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
	uv_queue_work(uv_default_loop(), &task->work, task->fn, NULL);
}

static inline void pool_flush(struct pool *pool)
{
	(void)pool;
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}

static void pool_destroy(struct pool *pool)
{
	(void)pool;
}

#include "pool.h"
