/* SPDX-License-Identifier: GPL-2.0-only */
/* GLib's GThreadPool with one thread of its own, or one for each CPU. */
#define DRIVER "glib"
#include "bench.h"

#include <glib.h>

struct task {
	void (*fn)(struct task *task);
};

typedef struct task *task_arg;

static inline struct task *task_of(task_arg arg)
{
	return arg;
}

static void run_task(gpointer task, gpointer unused)
{
	(void)unused;
	((struct task *)task)->fn((struct task *)task);
}

static struct pool *pool_create(enum pool_kind kind)
{
	int threads = kind == POOL_PER_CPU ? nr_cpus() : 1;
	GThreadPool *pool = g_thread_pool_new(run_task, NULL, threads, TRUE, NULL);

	if (!pool)
		die("g_thread_pool_new");
	return (struct pool *)(void *)pool;
}

static inline void task_init(struct pool *pool, struct task *task, void (*fn)(task_arg))
{
	(void)pool;
	task->fn = fn;
}

static inline void pool_queue(struct pool *pool, struct task *task)
{
	g_thread_pool_push((GThreadPool *)(void *)pool, task, NULL);
}

static void pool_destroy(struct pool *pool)
{
	g_thread_pool_free((GThreadPool *)(void *)pool, FALSE, TRUE);
}

#include "pool.h"
