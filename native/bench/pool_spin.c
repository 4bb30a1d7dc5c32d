/* SPDX-License-Identifier: GPL-2.0-only */
/* A list under a spinlock; the worker splices the whole list off, and sleeps on a futex. */
#define DRIVER "c-spin"
#include "bench.h"
#include "floor_task.h"

struct inbox {
	uint32_t locked;
	uint32_t sleeping;
	struct task *head, **tail;
	/* the worker's own */
	_Alignas(64) struct task *batch;
};

#include "floor.h"

static void inbox_init(struct inbox *inbox)
{
	inbox->tail = &inbox->head;
}

static inline void lock_inbox(struct inbox *inbox)
{
	int spins = 0;

	while (__atomic_exchange_n(&inbox->locked, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&inbox->locked, __ATOMIC_RELAXED))
			if (++spins % 128 == 0)
				sched_yield();
			else
				pause_cpu();
}

static inline void unlock_inbox(struct inbox *inbox)
{
	__atomic_store_n(&inbox->locked, 0, __ATOMIC_RELEASE);
}

static inline void inbox_push(struct inbox *inbox, struct task *task)
{
	bool wake;

	task->next = NULL;
	lock_inbox(inbox);
	*inbox->tail = task;
	inbox->tail = &task->next;
	wake = inbox->sleeping;
	if (wake)
		__atomic_store_n(&inbox->sleeping, 0, __ATOMIC_RELAXED);
	unlock_inbox(inbox);
	race_point();
	if (wake)
		futex_wake(&inbox->sleeping);
}

static void take_batch(struct inbox *inbox)
{
	lock_inbox(inbox);
	while (!inbox->head) {
		__atomic_store_n(&inbox->sleeping, 1, __ATOMIC_RELAXED);
		unlock_inbox(inbox);
		race_point();
		futex_wait(&inbox->sleeping, 1);
		lock_inbox(inbox);
	}
	inbox->sleeping = 0;
	inbox->batch = inbox->head;
	inbox->head = NULL;
	inbox->tail = &inbox->head;
	unlock_inbox(inbox);
}

static inline struct task *inbox_take(struct inbox *inbox)
{
	struct task *task;

	if (!inbox->batch)
		take_batch(inbox);
	task = inbox->batch;
	inbox->batch = task->next;
	return task;
}

#include "pool.h"
