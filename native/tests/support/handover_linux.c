/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * handover.c for what the kernel's headers have in themselves: completions, threads and
 * wait queues. They are compiled with the program, so ThreadSanitizer sees their atomics.
 */
#include <workqueue.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/wait.h>

#include <stdio.h>

enum { ROUNDS = 200 };

static int failures;

static void expect(int value, int expected, const char *what)
{
	if (value != expected) {
		printf("%s: %d, expected %d\n", what, value, expected);
		failures++;
	}
}

struct job {
	struct work_struct work;
	struct completion done;
	int result;
};

static void complete_job(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	job->result++;
	complete(&job->done);
}

static void completions(struct workqueue_struct *wq)
{
	struct job job = { .result = 0 };

	init_completion(&job.done);
	INIT_WORK(&job.work, complete_job);
	for (int i = 1; i <= ROUNDS; i++) {
		queue_work(wq, &job.work);
		wait_for_completion(&job.done);
		expect(job.result, i, "after wait_for_completion()");
	}
	cancel_work_sync(&job.work);
}

static DECLARE_WAIT_QUEUE_HEAD(queue);
static int given, taken, turn; /* turn orders the other two */

static int take(void *unused)
{
	for (int i = 1; i <= ROUNDS; i++) {
		wait_event(queue, __atomic_load_n(&turn, __ATOMIC_ACQUIRE) == 1);
		taken = given;
		__atomic_store_n(&turn, 0, __ATOMIC_RELEASE);
		wake_up(&queue);
	}
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	taken = -1;
	(void)unused;
	return 0;
}

static void threads_and_wait_queues(struct workqueue_struct *wq)
{
	struct task_struct *thread = kthread_run(take, NULL, "take");

	(void)wq;
	if (IS_ERR(thread)) {
		failures++;
		return;
	}
	for (int i = 1; i <= ROUNDS; i++) {
		given = i;
		__atomic_store_n(&turn, 1, __ATOMIC_RELEASE);
		wake_up(&queue);
		wait_event(queue, __atomic_load_n(&turn, __ATOMIC_ACQUIRE) == 0);
		expect(taken, i, "after wait_event()");
	}
	kthread_stop(thread);
	expect(taken, -1, "after kthread_stop()");
}

int main(void)
{
	struct workqueue_struct *wq = create_workqueue("linux");

	completions(wq);
	threads_and_wait_queues(wq);
	destroy_workqueue(wq);
	return failures != 0;
}
