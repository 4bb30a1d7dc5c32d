/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that only the library points to. "pending": items and timers that wait, and what
 * they point to, are no leaks. "lost": an item that has
 * run and that nobody knows any more is one.
 */
#include <workqueue.h>
#include <linux/timer.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NR_ITEMS = 100 }; /* more than a worker takes at once */

struct job {
	struct delayed_work dwork;
	char *text;
};

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static struct workqueue_struct *wq;
static struct work_struct at_gate;

static void pass_the_gate(struct work_struct *work)
{
	(void)work;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
}

static void run(struct work_struct *work)
{
	(void)work;
}

static void ring(unsigned long unused)
{
	(void)unused;
}

static struct job *make_job(void)
{
	struct job *job = malloc(sizeof(*job));

	if (!job || !(job->text = malloc(17)))
		exit(1);
	INIT_DELAYED_WORK(&job->dwork, run);
	return job;
}

/* Never inlined: no pointer of theirs shall be left on main's stack. */
__attribute__((noinline)) static void leave_pending(void)
{
	struct timer_list *timer = malloc(sizeof(*timer));

	if (!timer)
		exit(1);
	pthread_mutex_lock(&gate);
	INIT_WORK(&at_gate, pass_the_gate);
	queue_work(wq, &at_gate);
	for (int i = 0; i < NR_ITEMS; i++)
		queue_work(wq, &make_job()->dwork.work);
	for (int i = 0; i < NR_ITEMS; i++)
		queue_delayed_work(wq, &make_job()->dwork, 3600000);
	setup_timer(timer, ring, 0);
	mod_timer(timer, wq_jiffies() + 3600000);
}

__attribute__((noinline)) static void lose_one(void)
{
	queue_work(wq, &make_job()->dwork.work);
	flush_workqueue(wq);
}

/* What ran last leaves its traces in registers and on stacks. */
__attribute__((noinline)) static void run_others(void)
{
	static struct work_struct others[NR_ITEMS];

	for (int i = 0; i < NR_ITEMS; i++) {
		INIT_WORK(&others[i], run);
		queue_work(wq, &others[i]);
	}
	flush_workqueue(wq);
}

__attribute__((noinline)) static void wipe_stack(void)
{
	char stack[8192];

	memset(stack, 0, sizeof(stack));
	__asm__ volatile("" : : "r"(stack) : "memory");
}

int main(int argc, char **argv)
{
	wq = create_singlethread_workqueue("pointed to");
	if (argc > 1 && strcmp(argv[1], "lost") == 0) {
		lose_one();
		run_others();
	} else {
		leave_pending();
		wipe_stack();
	}
	wipe_stack();
	return 0;
}
