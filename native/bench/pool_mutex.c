/* SPDX-License-Identifier: GPL-2.0-only */
/* A list under a mutex, with a condition variable: what most C programs write. */
#define DRIVER "c-mutex"
#include "bench.h"
#include "floor_task.h"

#include <pthread.h>

struct inbox {
	pthread_mutex_t lock;
	pthread_cond_t not_empty;
	struct task *head, **tail;
};

#include "floor.h"

static void inbox_init(struct inbox *inbox)
{
	pthread_mutex_init(&inbox->lock, NULL);
	pthread_cond_init(&inbox->not_empty, NULL);
	inbox->tail = &inbox->head;
}

static inline void inbox_push(struct inbox *inbox, struct task *task)
{
	bool was_empty;

	task->next = NULL;
	pthread_mutex_lock(&inbox->lock);
	was_empty = !inbox->head;
	*inbox->tail = task;
	inbox->tail = &task->next;
	pthread_mutex_unlock(&inbox->lock);
	race_point();
	if (was_empty)
		pthread_cond_signal(&inbox->not_empty);
}

static inline struct task *inbox_take(struct inbox *inbox)
{
	struct task *task;

	pthread_mutex_lock(&inbox->lock);
	while (!inbox->head)
		pthread_cond_wait(&inbox->not_empty, &inbox->lock);
	task = inbox->head;
	inbox->head = task->next;
	if (!inbox->head)
		inbox->tail = &inbox->head;
	pthread_mutex_unlock(&inbox->lock);
	return task;
}

#include "pool.h"
