/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vyukov's intrusive queue of many producers and one consumer: to push is one
 * exchange of the tail. The worker sleeps on a futex.
 *
 * A producer exchanges the tail, stores the link to its item, and then looks whether
 * the worker sleeps. The worker may sleep if its head has come to the stub and the
 * tail is the stub: a head that is an item waits for a link, even if the stub has
 * been queued behind it meanwhile. The exchange of the tail comes before the load of
 * sleeping, and the store to sleeping before the worker's last look at the tail, both
 * fully ordered: either the producer sees the sleeper or the worker sees the item.
 */
#define DRIVER "c-mpsc"
#include "bench.h"
#include "floor_task.h"

struct inbox {
	struct task *tail; /* producers push here */
	uint32_t sleeping;
	_Alignas(64) struct task *head; /* the worker's own */
	struct task stub;
};

#include "floor.h"

static void inbox_init(struct inbox *inbox)
{
	inbox->head = inbox->tail = &inbox->stub;
}

static inline void link_task(struct inbox *inbox, struct task *task)
{
	struct task *previous;

	task->next = NULL;
	previous = __atomic_exchange_n(&inbox->tail, task, __ATOMIC_SEQ_CST);
	race_point();
	__atomic_store_n(&previous->next, task, __ATOMIC_RELEASE);
}

static inline void inbox_push(struct inbox *inbox, struct task *task)
{
	link_task(inbox, task);
	race_point();
	if (__atomic_load_n(&inbox->sleeping, __ATOMIC_SEQ_CST) &&
	    __atomic_exchange_n(&inbox->sleeping, 0, __ATOMIC_SEQ_CST))
		futex_wake(&inbox->sleeping);
}

/* The oldest item, or NULL if there is none or its link is not yet stored. */
static inline struct task *pop(struct inbox *inbox)
{
	struct task *head = inbox->head;
	struct task *next = __atomic_load_n(&head->next, __ATOMIC_ACQUIRE);

	if (head == &inbox->stub) {
		if (!next)
			return NULL;
		inbox->head = head = next;
		next = __atomic_load_n(&head->next, __ATOMIC_ACQUIRE);
	}
	if (!next && head == __atomic_load_n(&inbox->tail, __ATOMIC_ACQUIRE)) {
		race_point();
		link_task(inbox, &inbox->stub);
		next = __atomic_load_n(&head->next, __ATOMIC_ACQUIRE);
	}
	if (!next)
		return NULL;
	inbox->head = next;
	return head;
}

static inline bool is_empty(struct inbox *inbox)
{
	return inbox->head == &inbox->stub &&
	       __atomic_load_n(&inbox->tail, __ATOMIC_SEQ_CST) == &inbox->stub;
}

static void sleep_if_empty(struct inbox *inbox)
{
	if (!is_empty(inbox)) {
		sched_yield(); /* a producer stands between its two stores */
		return;
	}
	race_point();
	__atomic_store_n(&inbox->sleeping, 1, __ATOMIC_SEQ_CST);
	race_point();
	if (is_empty(inbox))
		futex_wait(&inbox->sleeping, 1);
	__atomic_store_n(&inbox->sleeping, 0, __ATOMIC_SEQ_CST);
}

static inline struct task *inbox_take(struct inbox *inbox)
{
	struct task *task;

	while (!(task = pop(inbox)))
		sleep_if_empty(inbox);
	return task;
}

#include "pool.h"
