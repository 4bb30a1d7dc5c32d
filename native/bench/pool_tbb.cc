/* SPDX-License-Identifier: GPL-2.0-only */
/* oneTBB: task_arena::enqueue() into an arena with no slots but the workers'. */
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
	explicit pool(unsigned int nr)
	    : threads(tbb::global_control::max_allowed_parallelism, nr + 1), arena((int)nr, 0)
	{
	}
	tbb::global_control threads;
	tbb::task_arena arena;
};

static inline struct task *task_of(task_arg arg)
{
	return arg;
}

static struct pool *pool_create(enum pool_kind kind)
{
	return new struct pool(kind == POOL_PER_CPU ? (unsigned int)nr_cpus() : 1);
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
