/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * W6: how late timers run. A thousand timers, one for each of the next thousand
 * milliseconds.
 *
 * A driver defines DRIVER and
 *
 *	void alarms_open(void)		makes NR_ALARMS
 *	void alarm_arm(int i, int64_t due_at_ns, unsigned long ms)
 *	void alarms_run(void)		returns when nr_ran is NR_ALARMS
 *
 * calls has_run(i) when the ith has fired, and includes this file twice: before,
 * for what it needs, and, with LATENESS_MAIN defined, after.
 *
 * A timer is due when the delay has passed since just before the call that armed
 * it. early: how many ran before they were due.
 */
#ifndef LATENESS_H
#define LATENESS_H

#include "bench.h"

#include <sys/prctl.h>

enum { NR_ALARMS = 1000 };

static int64_t due_at_ns[NR_ALARMS], ran_at_ns[NR_ALARMS];
static int nr_ran;

/* On any thread: of a queue with several workers, two at once. True for the last. */
static inline bool has_run(int i)
{
	ran_at_ns[i] = now_ns();
	return __atomic_add_fetch(&nr_ran, 1, __ATOMIC_ACQ_REL) == NR_ALARMS;
}

#endif /* LATENESS_H */

#ifdef LATENESS_MAIN
struct lateness {
	struct series p50, p99, worst, early;
};

/* Tiny: half of them on another CPU, where a driver may know CPUs. */
static void choose_cpu(int i)
{
	if (bench.size == TINY && nth_cpu(1) >= 0 && i % (NR_ALARMS / 2) == 0)
		pin_to_cpu(i / (NR_ALARMS / 2));
}

static void one_round(struct lateness *l)
{
	int64_t late_ns[NR_ALARMS];
	int early = 0;

	nr_ran = 0;
	for (int i = 0; i < NR_ALARMS; i++) {
		unsigned long ms = (unsigned long)i % by_size(NR_ALARMS, NR_ALARMS, 2) + 1;

		choose_cpu(i);
		due_at_ns[i] = now_ns() + (int64_t)ms * NS_PER_MS;
		alarm_arm(i, due_at_ns[i], ms);
	}
	alarms_run();
	for (int i = 0; i < NR_ALARMS; i++) {
		late_ns[i] = ran_at_ns[i] - due_at_ns[i];
		early += late_ns[i] < 0;
	}
	sort_samples(late_ns, NR_ALARMS);
	series_add(&l->p50, percentile(late_ns, NR_ALARMS, 500) / NS_PER_US);
	series_add(&l->p99, percentile(late_ns, NR_ALARMS, 990) / NS_PER_US);
	series_add(&l->worst, percentile(late_ns, NR_ALARMS, 1000) / NS_PER_US);
	series_add(&l->early, early);
}

int main(int argc, char **argv)
{
	static struct lateness l, warm_up;

	bench_start(argc, argv);
	if (!wanted("W6"))
		return 0;
	/* As the pools do: the kernel rounds an ordinary thread's sleeps up by 50 us. */
	prctl(PR_SET_TIMERSLACK, 1);
	alarms_open();
	if (bench.size == FULL)
		one_round(&warm_up);
	for (int round = 0; round < (int)by_size(3, 1, 1); round++)
		one_round(&l);
	while (once_more())
		one_round(&l);
	report("W6", DRIVER, "1..1000 ms", "p50_us", &l.p50);
	report("W6", DRIVER, "1..1000 ms", "p99_us", &l.p99);
	report("W6", DRIVER, "1..1000 ms", "max_us", &l.worst);
	report("W6", DRIVER, "1..1000 ms", "early", &l.early);
	return 0;
}
#endif
