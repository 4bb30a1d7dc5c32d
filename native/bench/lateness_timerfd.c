/* SPDX-License-Identifier: GPL-2.0-only */
/* The floor: a timerfd for each timer, and one thread in epoll_wait(). */
#define DRIVER "timerfd"
#include "lateness.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int epoll_fd, fds[NR_ALARMS];

static void raise_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		die("getrlimit");
	if (limit.rlim_cur >= 2 * NR_ALARMS)
		return;
	limit.rlim_cur = 2 * NR_ALARMS;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("setrlimit");
}

static void alarms_open(void)
{
	struct epoll_event event = { .events = EPOLLIN };

	raise_fd_limit();
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		die("epoll_create1");
	for (int i = 0; i < NR_ALARMS; i++) {
		fds[i] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		event.data.u32 = (uint32_t)i;
		if (fds[i] < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fds[i], &event))
			die("timerfd");
	}
}

static void alarm_arm(int i, int64_t at_ns, unsigned long ms)
{
	struct itimerspec at = { .it_interval = { 0, 0 } };

	(void)ms;
	at.it_value.tv_sec = at_ns / 1000000000;
	at.it_value.tv_nsec = at_ns % 1000000000;
	if (timerfd_settime(fds[i], TFD_TIMER_ABSTIME, &at, NULL))
		die("timerfd_settime");
}

static void alarms_run(void)
{
	struct epoll_event events[64];
	uint64_t ticks;

	while (nr_ran < NR_ALARMS) {
		int nr = epoll_wait(epoll_fd, events, 64, -1);

		for (int i = 0; i < nr; i++) {
			int timer = (int)events[i].data.u32;

			if (read(fds[timer], &ticks, sizeof(ticks)) == sizeof(ticks))
				has_run(timer);
		}
	}
}

#define LATENESS_MAIN
#include "lateness.h"
