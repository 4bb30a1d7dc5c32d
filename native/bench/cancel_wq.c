/* SPDX-License-Identifier: GPL-2.0-only */
/* cancel_work_sync() of this library. */
#define DRIVER "workqueue"
#include "bench.h"

#include <workqueue.h>

struct job {
	struct work_struct work;
};

typedef struct work_struct *job_arg;

static struct workqueue_struct *wq;

static void jobs_open(void)
{
	wq = create_singlethread_workqueue("bench");
	if (!wq)
		die("create_singlethread_workqueue");
}

static void job_init(struct job *job, void (*fn)(job_arg))
{
	INIT_WORK(&job->work, fn);
}

static inline void job_queue(struct job *job)
{
	queue_work(wq, &job->work);
}

static inline void job_cancel(struct job *job)
{
	cancel_work_sync(&job->work);
}

static void jobs_settle(void)
{
	flush_workqueue(wq);
}

#include "cancel.h"
