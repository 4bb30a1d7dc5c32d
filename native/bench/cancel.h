/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * W5b: what it costs to cancel an item and to be sure that it does not run.
 *
 * A driver defines DRIVER and
 *
 *	struct job			one item
 *	typedef job_arg			what its function is given
 *	void jobs_open(void)		one worker
 *	void job_init(struct job *, void (*)(job_arg))
 *	void job_queue(struct job *)
 *	void job_cancel(struct job *)	returns when it is neither pending nor running
 *	void jobs_settle(void)		waits until the worker has nothing left; not timed
 *	CANCEL_PENDING_ONLY		if only an item that has not begun can be cancelled
 *
 * and then includes this file, which has main(). The caller is on cpu 0 and the
 * worker on cpu 1.
 *
 * idle     items that have run and are cancelled: ns per call
 * pending  items behind one that blocks the worker, cancelled in the order of
 *          queueing: ns per call
 * running  from the last thing an item does, 30 us after it began, to the return
 *          of the call that cancels it: us
 */
#include "bench.h"

#include <semaphore.h>

enum {
	NR_IDLE = 1000,
	ITEM_NS = 30 * NS_PER_US,
};

static sem_t has_begun, may_end; /* of the item that blocks the worker */

static void nothing(job_arg arg)
{
	(void)arg;
}

static void pin_worker(job_arg arg)
{
	(void)arg;
	if (nth_cpu(1) >= 0)
		pin_to_cpu(1);
}

static void block_worker(job_arg arg)
{
	(void)arg;
	sem_post(&has_begun);
	while (sem_wait(&may_end))
		;
}

static struct job *make_jobs(size_t nr, void (*fn)(job_arg))
{
	struct job *jobs = (struct job *)xcalloc(nr, sizeof(*jobs));

	for (size_t i = 0; i < nr; i++)
		job_init(&jobs[i], fn);
	return jobs;
}

static void run_all(struct job *jobs, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		job_queue(&jobs[i]);
	jobs_settle();
}

static void cancel_pending(void)
{
	size_t nr = by_size(100 * 1000, 10 * 1000, 1000);
	struct job *blocker = make_jobs(1, block_worker), *jobs = make_jobs(nr, nothing);
	int64_t start;

	job_queue(blocker);
	while (sem_wait(&has_begun))
		;
	for (size_t i = 0; i < nr; i++)
		job_queue(&jobs[i]);
	start = now_ns();
	for (size_t i = 0; i < nr; i++)
		job_cancel(&jobs[i]);
	report_one("W5b", DRIVER, "pending", "cancel_ns", (double)(now_ns() - start) / (double)nr);
	sem_post(&may_end);
	jobs_settle();
	free(jobs);
	free(blocker);
}

#ifndef CANCEL_PENDING_ONLY
static void cancel_idle(void)
{
	int calls = (int)by_size(1000 * 1000, 100 * 1000, 1000);
	struct job *jobs = make_jobs(NR_IDLE, nothing);
	int64_t start;

	run_all(jobs, NR_IDLE);
	start = now_ns();
	for (int i = 0; i < calls; i++)
		job_cancel(&jobs[i % NR_IDLE]);
	report_one("W5b", DRIVER, "idle", "cancel_ns", (double)(now_ns() - start) / calls);
	free(jobs);
}

static int is_running;
static int64_t ended_at_ns;

static void run_a_while(job_arg arg)
{
	int64_t end = now_ns() + ITEM_NS, now;

	(void)arg;
	__atomic_store_n(&is_running, 1, __ATOMIC_RELEASE);
	do
		now = now_ns();
	while (now < end);
	ended_at_ns = now;
}

static void cancel_running(void)
{
	int nr = (int)by_size(1000, 200, 20);
	int64_t *late_ns = (int64_t *)xcalloc((size_t)nr, sizeof(*late_ns));
	struct job *job = make_jobs(1, run_a_while);

	for (int i = 0; i < nr; i++) {
		is_running = 0;
		job_queue(job);
		while (!__atomic_load_n(&is_running, __ATOMIC_ACQUIRE))
			;
		job_cancel(job);
		late_ns[i] = now_ns() - ended_at_ns;
	}
	sort_samples(late_ns, (size_t)nr);
	report_one("W5b", DRIVER, "running", "p50_us",
		   percentile(late_ns, (size_t)nr, 500) / NS_PER_US);
	report_one("W5b", DRIVER, "running", "p99_us",
		   percentile(late_ns, (size_t)nr, 990) / NS_PER_US);
	free(job);
	free(late_ns);
}
#endif

int main(int argc, char **argv)
{
	struct job *pinner;

	bench_start(argc, argv);
	if (!wanted("W5b"))
		return 0;
	sem_init(&has_begun, 0, 0);
	sem_init(&may_end, 0, 0);
	pin_to_cpu(0);
	jobs_open();
	pinner = make_jobs(1, pin_worker);
	run_all(pinner, 1);
	free(pinner);
	do {
#ifndef CANCEL_PENDING_ONLY
		cancel_idle();
#endif
		cancel_pending();
#ifndef CANCEL_PENDING_ONLY
		if (nth_cpu(1) >= 0)
			cancel_running();
#endif
	} while (once_more());
	return 0;
}
