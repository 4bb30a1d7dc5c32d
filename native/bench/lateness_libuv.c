/* SPDX-License-Identifier: GPL-2.0-only */
/* libuv's timers, which know milliseconds; the loop's clock is read before each is armed. */
#define DRIVER "libuv"
#include "lateness.h"

#include <uv.h>

static uv_timer_t timers[NR_ALARMS];

static void alarm_runs(uv_timer_t *timer)
{
	has_run((int)(timer - timers));
}

static void alarms_open(void)
{
	for (int i = 0; i < NR_ALARMS; i++)
		uv_timer_init(uv_default_loop(), &timers[i]);
}

static void alarm_arm(int i, int64_t at_ns, unsigned long ms)
{
	(void)at_ns;
	uv_update_time(uv_default_loop());
	uv_timer_start(&timers[i], alarm_runs, ms, 0);
}

static void alarms_run(void)
{
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}

#define LATENESS_MAIN
#include "lateness.h"
