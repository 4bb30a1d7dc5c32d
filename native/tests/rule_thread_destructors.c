/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Every call may be made from any thread: [...] from threads about to end and the
 * destructors of their keys." A thread's destructor queues, flushes and cancels, and
 * asks to be called again until the C library lets the thread end; its key was made
 * after the thread's first call, and belongs to a thread that made none as well.
 */
#include "items.h"

#include <limits.h>

enum { ITERATIONS = PTHREAD_DESTRUCTOR_ITERATIONS };

static struct workqueue_struct *wq;
static struct work_struct work;
static pthread_key_t key;
static int runs, calls;

static void count(struct work_struct *item)
{
	(void)item;
	runs++;
}

static void use_the_queue(void *value)
{
	calls++;
	check(queue_work(wq, &work));
	WAITING(flush_workqueue(wq));
	check(!cancel_work_sync(&work));
	pthread_setspecific(key, value); /* once more */
}

static void *set_key(void *calls_before)
{
	if (calls_before) {
		check(queue_work(wq, &work));
		WAITING(flush_workqueue(wq));
	}
	check_eq(pthread_setspecific(key, &calls), 0);
	return NULL;
}

static void destructors_use_the_queue(void *calls_before)
{
	wq = create_singlethread_workqueue("dtor");
	INIT_WORK(&work, count);
	runs = calls = 0;
	check_eq(pthread_key_create(&key, use_the_queue), 0);
	join_thread(start_thread(set_key, calls_before));
	check_eq(calls, ITERATIONS);
	check_eq(runs, ITERATIONS + (calls_before != NULL));
	pthread_key_delete(key);
	destroy_workqueue(wq);
}

static void a_destructor_may_call(void)
{
	destructors_use_the_queue(&calls);
}

static void it_may_be_its_threads_first_call(void)
{
	destructors_use_the_queue(NULL);
}

TEST_MAIN(TEST(a_destructor_may_call), TEST(it_may_be_its_threads_first_call))
