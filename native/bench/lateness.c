/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * W6: how late timers run. A thousand timers, one for each of the next thousand
 * milliseconds, first as delayed works, then as a timerfd each behind one epoll
 * thread, in turns in one process.
 *
 * A timer is due when the delay has passed since just before the call that armed
 * it; it has run when its function, or the epoll thread, has read the clock.
 * early: how many ran before they were due.
 */
#include "bench.h"

#include <linux/container_of.h>
#include <workqueue.h>

#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { NR_TIMERS = 1000 };

struct lateness {
	struct series p50, p99, worst, early;
};

static struct workqueue_struct *wq;
static struct delayed_work dworks[NR_TIMERS];
static int fds[NR_TIMERS];
static int64_t due_at_ns[NR_TIMERS], ran_at_ns[NR_TIMERS];
static int nr_ran;
static sem_t all_ran;

static void has_run(int i)
{
	ran_at_ns[i] = now_ns();
	if (++nr_ran == NR_TIMERS)
		sem_post(&all_ran);
}

static void add_round(struct lateness *l)
{
	int64_t late_ns[NR_TIMERS];
	int early = 0;

	for (int i = 0; i < NR_TIMERS; i++) {
		late_ns[i] = ran_at_ns[i] - due_at_ns[i];
		early += late_ns[i] < 0;
	}
	series_add(&l->p50, percentile(late_ns, NR_TIMERS, 500) / NS_PER_US);
	series_add(&l->p99, percentile(late_ns, NR_TIMERS, 990) / NS_PER_US);
	series_add(&l->worst, percentile(late_ns, NR_TIMERS, 1000) / NS_PER_US);
	series_add(&l->early, early);
}

static void report_lateness(const char *driver, const struct lateness *l)
{
	report("W6", driver, "1..1000 ms", "p50_us", &l->p50);
	report("W6", driver, "1..1000 ms", "p99_us", &l->p99);
	report("W6", driver, "1..1000 ms", "max_us", &l->worst);
	report("W6", driver, "1..1000 ms", "early", &l->early);
}

/* ---- Delayed works ------------------------------------------------------------- */

static void delayed_work_runs(struct work_struct *work)
{
	has_run((int)(container_of(work, struct delayed_work, work) - dworks));
}

static void delayed_work_round(struct lateness *l)
{
	nr_ran = 0;
	for (int i = 0; i < NR_TIMERS; i++) {
		due_at_ns[i] = now_ns() + (int64_t)(i + 1) * NS_PER_MS;
		queue_delayed_work(wq, &dworks[i], (unsigned long)i + 1);
	}
	sem_wait(&all_ran);
	flush_workqueue(wq);
	add_round(l);
}

/* ---- Timerfds ------------------------------------------------------------------ */

static void *epoll_thread(void *epoll_fd)
{
	struct epoll_event events[64];
	uint64_t ticks;

	for (;;) {
		int nr = epoll_wait(*(int *)epoll_fd, events, 64, -1);

		for (int i = 0; i < nr; i++) {
			int timer = (int)events[i].data.u32;

			if (read(fds[timer], &ticks, sizeof(ticks)) == sizeof(ticks))
				has_run(timer);
		}
	}
	return NULL;
}

static void open_timerfds(void)
{
	static int epoll_fd;
	struct epoll_event event = { .events = EPOLLIN };
	pthread_t thread;

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		die("epoll_create1");
	for (int i = 0; i < NR_TIMERS; i++) {
		fds[i] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		event.data.u32 = (uint32_t)i;
		if (fds[i] < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fds[i], &event))
			die("timerfd");
	}
	if (pthread_create(&thread, NULL, epoll_thread, &epoll_fd))
		die("pthread_create");
	pthread_detach(thread);
}

static void timerfd_round(struct lateness *l)
{
	nr_ran = 0;
	for (int i = 0; i < NR_TIMERS; i++) {
		struct itimerspec at = { .it_interval = { 0, 0 } };

		due_at_ns[i] = now_ns() + (int64_t)(i + 1) * NS_PER_MS;
		at.it_value.tv_sec = due_at_ns[i] / 1000000000;
		at.it_value.tv_nsec = due_at_ns[i] % 1000000000;
		if (timerfd_settime(fds[i], TFD_TIMER_ABSTIME, &at, NULL))
			die("timerfd_settime");
	}
	sem_wait(&all_ran);
	add_round(l);
}

/* ---- Main ---------------------------------------------------------------------- */

static void raise_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		die("getrlimit");
	if (limit.rlim_cur >= 2 * NR_TIMERS)
		return;
	limit.rlim_cur = 2 * NR_TIMERS;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("setrlimit");
}

int main(int argc, char **argv)
{
	static struct lateness ours, raw, warm_up;

	bench_start(argc, argv);
	if (!wanted("W6"))
		return 0;
	raise_fd_limit();
	sem_init(&all_ran, 0, 0);
	wq = create_singlethread_workqueue("bench");
	if (!wq)
		die("create_singlethread_workqueue");
	for (int i = 0; i < NR_TIMERS; i++)
		INIT_DELAYED_WORK(&dworks[i], delayed_work_runs);
	open_timerfds();
	if (!bench.quick) {
		delayed_work_round(&warm_up);
		timerfd_round(&warm_up);
	}
	for (int round = 0; round < (bench.quick ? 1 : 3); round++) {
		delayed_work_round(&ours);
		timerfd_round(&raw);
	}
	destroy_workqueue(wq);
	report_lateness("workqueue", &ours);
	report_lateness("timerfd", &raw);
	return 0;
}
