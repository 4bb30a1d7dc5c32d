/* SPDX-License-Identifier: GPL-2.0-only */
/* libev's timers: a four-way heap with its keys beside it, used by one thread only. */
#define DRIVER "libev"
#include "bench.h"

#pragma GCC diagnostic ignored "-Wstrict-aliasing"
#include <ev.h>

struct timeout {
	ev_timer timer;
};

static struct ev_loop *loop;

static void never_runs(struct ev_loop *unused, ev_timer *timer, int events)
{
	(void)unused;
	(void)timer;
	(void)events;
	abort();
}

static void timeouts_open(void)
{
	loop = ev_default_loop(0);
	if (!loop)
		die("ev_default_loop");
}

static void timeout_init(struct timeout *t)
{
	ev_init(&t->timer, never_runs);
}

static inline void timeout_arm(struct timeout *t, unsigned long ms)
{
	ev_timer_set(&t->timer, (double)ms / 1000, 0.);
	ev_timer_start(loop, &t->timer);
}

static inline void timeout_cancel(struct timeout *t)
{
	ev_timer_stop(loop, &t->timer);
}

#include "timers.h"
