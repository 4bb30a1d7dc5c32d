/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The floor of cancelling, in plain C: a doubly linked list and the item that runs,
 * both under one mutex. A canceller unlinks the item if it is queued, and sleeps on
 * a condition variable while it runs.
 */
#define DRIVER "c-mutex"
#include "bench.h"
#include "race_point.h"

#include <pthread.h>

struct job {
	struct job *next, **pprev; /* pprev is NULL unless queued */
	void (*fn)(struct job *job);
};

typedef struct job *job_arg;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static pthread_cond_t has_ended = PTHREAD_COND_INITIALIZER;
static struct job *head, **tail = &head, *current;
static int nr_waiting;

static void unlink_job(struct job *job)
{
	*job->pprev = job->next;
	if (job->next)
		job->next->pprev = job->pprev;
	else
		tail = job->pprev;
	job->pprev = NULL;
}

static void *worker(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	for (;;) {
		while (!head)
			pthread_cond_wait(&not_empty, &lock);
		current = head;
		unlink_job(current);
		pthread_mutex_unlock(&lock);
		race_point();
		current->fn(current);
		pthread_mutex_lock(&lock);
		current = NULL;
		if (nr_waiting)
			pthread_cond_broadcast(&has_ended);
	}
	return NULL;
}

static void jobs_open(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, worker, NULL))
		die("pthread_create");
	pthread_detach(thread);
}

static void job_init(struct job *job, void (*fn)(job_arg))
{
	job->pprev = NULL;
	job->fn = fn;
}

static inline void job_queue(struct job *job)
{
	bool was_empty;

	pthread_mutex_lock(&lock);
	was_empty = !head;
	if (!job->pprev) {
		job->next = NULL;
		job->pprev = tail;
		*tail = job;
		tail = &job->next;
	}
	pthread_mutex_unlock(&lock);
	race_point();
	if (was_empty)
		pthread_cond_signal(&not_empty);
}

static inline void job_cancel(struct job *job)
{
	pthread_mutex_lock(&lock);
	if (job->pprev)
		unlink_job(job);
	nr_waiting++;
	while (current == job)
		pthread_cond_wait(&has_ended, &lock);
	nr_waiting--;
	pthread_mutex_unlock(&lock);
}

static void jobs_settle(void)
{
	pthread_mutex_lock(&lock);
	nr_waiting++;
	while (head || current)
		pthread_cond_wait(&has_ended, &lock);
	nr_waiting--;
	pthread_mutex_unlock(&lock);
}

#include "cancel.h"
