/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libdispatch: a serial queue, dispatch_async_f(). Which thread runs a serial queue
 * is the library's choice; as a thread inherits the CPU of the one that starts it,
 * the harness's pinning holds while no second thread joins in. A queue with a worker
 * per CPU is the concurrent global queue.
 */
#define DRIVER "libdispatch"
#define POOL_FLUSH
#include "bench.h"

/* Its headers ask clang what gcc 12 cannot answer. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#ifndef __has_extension
#define __has_extension(x) 0
#endif
#include <dispatch/dispatch.h>

struct task {
	void (*fn)(struct task *task);
};

typedef struct task *task_arg;

struct pool {
	dispatch_queue_t queue;
	bool is_global;
};

static inline struct task *task_of(task_arg arg)
{
	return arg;
}

static void run_task(void *task)
{
	((struct task *)task)->fn((struct task *)task);
}

static struct pool *pool_create(enum pool_kind kind)
{
	struct pool *pool = (struct pool *)xcalloc(1, sizeof(*pool));

	pool->is_global = kind == POOL_PER_CPU;
	pool->queue = pool->is_global ? dispatch_get_global_queue(0, 0)
				      : dispatch_queue_create("bench", NULL);
	return pool;
}

static inline void task_init(struct pool *pool, struct task *task, void (*fn)(task_arg))
{
	(void)pool;
	task->fn = fn;
}

static inline void pool_queue(struct pool *pool, struct task *task)
{
	dispatch_async_f(pool->queue, task, run_task);
}

static void nothing(void *unused)
{
	(void)unused;
}

/* On the global queue nothing waits for all: the harness counts there. */
static inline void pool_flush(struct pool *pool)
{
	if (!pool->is_global)
		dispatch_sync_f(pool->queue, NULL, nothing);
}

static void pool_destroy(struct pool *pool)
{
	if (!pool->is_global)
		dispatch_release(pool->queue);
	free(pool);
}

#include "pool.h"
