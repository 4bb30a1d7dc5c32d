/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bare round trip: one word that holds the item, and a futex on it. What waking
 * a thread and being woken by it costs, without a queue.
 */
#define DRIVER "futex"
#define POOL_ONE_SLOT
#include "bench.h"
#include "floor_task.h"

struct inbox {
	struct task *task;
	uint32_t full;
};

#include "floor.h"

static void inbox_init(struct inbox *inbox)
{
	inbox->task = NULL;
	inbox->full = 0;
}

static inline void inbox_push(struct inbox *inbox, struct task *task)
{
	inbox->task = task;
	__atomic_store_n(&inbox->full, 1, __ATOMIC_RELEASE);
	race_point();
	futex_wake(&inbox->full);
}

static inline struct task *inbox_take(struct inbox *inbox)
{
	struct task *task;

	while (!__atomic_load_n(&inbox->full, __ATOMIC_ACQUIRE)) {
		race_point();
		futex_wait(&inbox->full, 0);
	}
	task = inbox->task;
	__atomic_store_n(&inbox->full, 0, __ATOMIC_RELEASE);
	return task;
}

#include "pool.h"
