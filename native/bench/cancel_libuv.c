/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uv_cancel(), which refuses an item that has begun. The loop, which is told of each
 * item cancelled, runs when the harness settles.
 */
#define DRIVER "libuv"
#define CANCEL_PENDING_ONLY
#include "bench.h"

#include <uv.h>

struct job {
	uv_work_t work;
	void (*fn)(uv_work_t *work);
};

typedef uv_work_t *job_arg;

static void jobs_open(void)
{
	setenv("UV_THREADPOOL_SIZE", "1", 1);
}

static void job_init(struct job *job, void (*fn)(job_arg))
{
	job->fn = fn;
}

static inline void job_queue(struct job *job)
{
	uv_queue_work(uv_default_loop(), &job->work, job->fn, NULL);
}

static inline void job_cancel(struct job *job)
{
	if (uv_cancel((uv_req_t *)&job->work))
		die("uv_cancel");
}

static void jobs_settle(void)
{
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}

#include "cancel.h"
