/* SPDX-License-Identifier: GPL-2.0-only */
/* libevent's timers: a binary heap, used by one thread only and without its locks. */
#define DRIVER "libevent"
#include "bench.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/time.h>

struct timeout {
	struct event event;
};

static struct event_base *base;

static void never_runs(evutil_socket_t fd, short events, void *unused)
{
	(void)fd;
	(void)events;
	(void)unused;
	abort();
}

static void timeouts_open(void)
{
	base = event_base_new();
	if (!base)
		die("event_base_new");
}

static void timeout_init(struct timeout *t)
{
	event_assign(&t->event, base, -1, 0, never_runs, NULL);
}

static inline void timeout_arm(struct timeout *t, unsigned long ms)
{
	struct timeval tv = { (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000) };

	event_add(&t->event, &tv);
}

static inline void timeout_cancel(struct timeout *t)
{
	event_del(&t->event);
}

#include "timers.h"
