/* SPDX-License-Identifier: GPL-2.0-only */
/* libuv's timers: a binary heap, used by one thread only. */
#define DRIVER "libuv"
#define TIMEOUTS_CLOSE
#include "bench.h"

#include <uv.h>

struct timeout {
	uv_timer_t timer;
};

static void never_runs(uv_timer_t *timer)
{
	(void)timer;
	abort();
}

static void timeouts_open(void)
{
}

static void timeout_init(struct timeout *t)
{
	uv_timer_init(uv_default_loop(), &t->timer);
	uv_unref((uv_handle_t *)&t->timer);
}

static inline void timeout_arm(struct timeout *t, unsigned long ms)
{
	uv_timer_start(&t->timer, never_runs, ms, 0);
}

static inline void timeout_cancel(struct timeout *t)
{
	uv_timer_stop(&t->timer);
}

/* The loop has a list of all handles: they must leave it before their memory goes. */
static void timeouts_close(struct timeout *t, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		uv_close((uv_handle_t *)&t[i].timer, NULL);
	uv_run(uv_default_loop(), UV_RUN_NOWAIT);
}

#include "timers.h"
