/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * This library's queues. A driver defines DRIVER and make_queue(kind) before it includes
 * this file, and QUEUE_TO_ONE_CPU if that makes queues for all CPUs where one worker is
 * asked for.
 */
#define POOL_FLUSH
#define POOL_FAR_TIMERS
#include "bench.h"

#include <linux/container_of.h>
#include <workqueue.h>

struct task {
	struct work_struct work;
};

struct pool; /* a struct workqueue_struct */
typedef struct work_struct *task_arg;

static inline struct task *task_of(task_arg arg)
{
	return container_of(arg, struct task, work);
}

static inline struct workqueue_struct *wq_of(struct pool *pool)
{
	return (struct workqueue_struct *)pool;
}

#ifdef QUEUE_TO_ONE_CPU
static int one_cpu;
#endif

static struct pool *pool_create(enum pool_kind kind)
{
	struct workqueue_struct *wq = make_queue(kind);

	if (!wq)
		die("no queue");
#ifdef QUEUE_TO_ONE_CPU
	one_cpu = kind == POOL_ONE ? sched_getcpu() : -1;
#endif
	return (struct pool *)wq;
}

static inline void task_init(struct pool *pool, struct task *task, void (*fn)(task_arg))
{
	(void)pool;
	INIT_WORK(&task->work, fn);
}

static inline void pool_queue(struct pool *pool, struct task *task)
{
#ifdef QUEUE_TO_ONE_CPU
	if (one_cpu >= 0) {
		queue_work_on(one_cpu, wq_of(pool), &task->work);
		return;
	}
#endif
	queue_work(wq_of(pool), &task->work);
}

/* An item stays on its CPU by itself. */
static inline void queue_again(struct pool *pool, struct task *task)
{
	queue_work(wq_of(pool), &task->work);
}
#define pool_requeue queue_again

static inline void pool_flush(struct pool *pool)
{
	flush_workqueue(wq_of(pool));
}

static void pool_destroy(struct pool *pool)
{
	destroy_workqueue(wq_of(pool));
}

static void never_runs(struct work_struct *work)
{
	(void)work;
	abort();
}

/* A thousand delayed works on ten queues of their own, due in an hour and more. */
static void pool_arm_far_timers(void)
{
	enum { QUEUES = 10, TIMERS = 1000, HOUR_MS = 3600 * 1000 };
	static struct delayed_work dworks[TIMERS];
	struct workqueue_struct *queues[QUEUES];

	for (int i = 0; i < QUEUES; i++)
		queues[i] = (struct workqueue_struct *)pool_create(POOL_PER_CPU);
	for (int i = 0; i < TIMERS; i++) {
		INIT_DELAYED_WORK(&dworks[i], never_runs);
		queue_delayed_work(queues[i % QUEUES], &dworks[i], (unsigned long)(HOUR_MS + i));
	}
}

#include "pool.h"
