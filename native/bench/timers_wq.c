/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers of this library: delayed work on a single-threaded queue. */
#define DRIVER "workqueue"
#include "bench.h"

#include <workqueue.h>

struct timeout {
	struct delayed_work dwork;
};

static struct workqueue_struct *wq;

static void never_runs(struct work_struct *work)
{
	(void)work;
	fputs("bench: a timer fired\n", stderr);
	abort();
}

static void timeouts_open(void)
{
	wq = create_singlethread_workqueue("bench");
	if (!wq)
		die("create_singlethread_workqueue");
}

static void timeout_init(struct timeout *t)
{
	INIT_DELAYED_WORK(&t->dwork, never_runs);
}

static inline void timeout_arm(struct timeout *t, unsigned long ms)
{
	queue_delayed_work(wq, &t->dwork, ms);
}

static inline void timeout_cancel(struct timeout *t)
{
	cancel_delayed_work(&t->dwork);
}

#include "timers.h"
