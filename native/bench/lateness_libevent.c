/* SPDX-License-Identifier: GPL-2.0-only */
/* libevent's timers, on its precise clock: by default it is the kernel's coarse one. */
#define DRIVER "libevent"
#include "lateness.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/time.h>

static struct event_base *base;
static struct event events[NR_ALARMS];

static void alarm_runs(evutil_socket_t fd, short what, void *event)
{
	(void)fd;
	(void)what;
	has_run((int)((struct event *)event - events));
}

static void alarms_open(void)
{
	struct event_config *config = event_config_new();

	if (!config || event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER))
		die("event_config");
	base = event_base_new_with_config(config);
	if (!base)
		die("event_base_new");
	event_config_free(config);
	for (int i = 0; i < NR_ALARMS; i++)
		event_assign(&events[i], base, -1, 0, alarm_runs, &events[i]);
}

static void alarm_arm(int i, int64_t at_ns, unsigned long ms)
{
	struct timeval delay = { (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000) };

	(void)at_ns;
	event_add(&events[i], &delay);
}

static void alarms_run(void)
{
	event_base_dispatch(base);
}

#define LATENESS_MAIN
#include "lateness.h"
