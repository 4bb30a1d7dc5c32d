/* SPDX-License-Identifier: GPL-2.0-only */
/* oneTBB: task_arena::enqueue() into an arena with no slot but the worker's. */
#define DRIVER "onetbb"
#define POOL_ONLY_ONE
#include "bench.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

struct task {
	void (*fn)(struct task *task);
};

typedef struct task *task_arg;

struct pool {
	tbb::global_control threads{ tbb::global_control::max_allowed_parallelism, 2 };
	tbb::task_arena arena{ 1, 0 };
};

static inline struct task *task_of(task_arg arg)
{
	return arg;
}

static struct pool *pool_create(enum pool_kind kind)
{
	(void)kind;
	return new struct pool;
}

static inline void task_init(struct pool *pool, struct task *task, void (*fn)(task_arg))
{
	(void)pool;
	task->fn = fn;
}

static inline void pool_queue(struct pool *pool, struct task *task)
{
	pool->arena.enqueue([task] { task->fn(task); });
}

static void pool_destroy(struct pool *pool)
{
	delete pool;
}

#include "pool.h"
