/* SPDX-License-Identifier: GPL-2.0-only */
/* libev's timers; the loop's clock is read before each is armed. */
#define DRIVER "libev"
#include "lateness.h"

#pragma GCC diagnostic ignored "-Wstrict-aliasing"
#include <ev.h>

static struct ev_loop *loop;
static ev_timer timers[NR_ALARMS];

static void alarm_runs(struct ev_loop *unused, ev_timer *timer, int events)
{
	(void)unused;
	(void)events;
	has_run((int)(timer - timers));
}

static void alarms_open(void)
{
	loop = ev_default_loop(0);
	if (!loop)
		die("ev_default_loop");
	for (int i = 0; i < NR_ALARMS; i++)
		ev_init(&timers[i], alarm_runs);
}

static void alarm_arm(int i, int64_t at_ns, unsigned long ms)
{
	(void)at_ns;
	ev_now_update(loop);
	ev_timer_set(&timers[i], (double)ms / 1000, 0.);
	ev_timer_start(loop, &timers[i]);
}

static void alarms_run(void)
{
	ev_run(loop, 0);
}

#define LATENESS_MAIN
#include "lateness.h"
