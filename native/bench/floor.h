/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the plain C pools share. They are the floor: one worker, FIFO, and of what a
 * work item promises only the pending bit, set by who queues and cleared before the
 * function runs, both fully ordered. No cancel, no flush. A driver defines struct
 * inbox and
 *
 *	void inbox_init(struct inbox *)
 *	void inbox_push(struct inbox *, struct task *)	may wake the worker
 *	struct task *inbox_take(struct inbox *)		next item; sleeps if there is none
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

struct pool {
	struct inbox inbox;
	pthread_t thread;
	struct task *stop;
};

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
	struct pool *pool = (struct pool *)arg;
	struct task *task;

	while ((task = inbox_take(&pool->inbox)) != pool->stop) {
		__atomic_exchange_n(&task->pending, 0, __ATOMIC_SEQ_CST);
		task->fn(task);
	}
	return NULL;
}

static struct pool *pool_create(enum pool_kind kind)
{
	struct pool *pool = (struct pool *)aligned_alloc(64, (sizeof(*pool) + 63) / 64 * 64);

	(void)kind;
	if (!pool)
		die("out of memory");
	memset(pool, 0, sizeof(*pool));
	inbox_init(&pool->inbox);
	pool->stop = (struct task *)xcalloc(1, sizeof(struct task));
	if (pthread_create(&pool->thread, NULL, worker_thread, pool))
		die("pthread_create");
	return pool;
}

static inline void task_init(struct pool *pool, struct task *task, void (*fn)(task_arg))
{
	(void)pool;
	task->next = NULL;
	task->fn = fn;
	task->pending = 0;
}

static inline void pool_queue(struct pool *pool, struct task *task)
{
	if (!__atomic_exchange_n(&task->pending, 1, __ATOMIC_SEQ_CST))
		inbox_push(&pool->inbox, task);
}

static void pool_destroy(struct pool *pool)
{
	inbox_push(&pool->inbox, pool->stop);
	pthread_join(pool->thread, NULL);
	free(pool->stop);
	free(pool);
}
