/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Aiming at a race window: a delay that grows when one side wins and shrinks when
 * the other does hovers where both win, which is where the window is. Include
 * after race.h.
 */
#ifndef WQ_TEST_AIM_H
#define WQ_TEST_AIM_H

#include "../race.h"

/** struct aim - a delay in spins, moved by the outcome of each round */
struct aim {
	uint64_t random;
	unsigned int delay, max;
};

static inline void aim_init(struct aim *a, unsigned int max, uint64_t salt)
{
	a->random = test_state.seed ^ (salt * 0x9e3779b97f4a7c15u);
	a->delay = max / 8;
	a->max = max;
}

/** aim_wait() - spin for about the delay; one round in sixteen for any time */
static inline void aim_wait(struct aim *a)
{
	unsigned int spread = a->delay / 4 + 8;

	if (test_random(&a->random) % 16 == 0) {
		jitter(&a->random, a->max);
		return;
	}
	for (volatile unsigned int n = a->delay; n; n--)
		;
	jitter(&a->random, spread);
}

/** aim_move() - the round came @too_early, or too late */
static inline void aim_move(struct aim *a, bool too_early)
{
	unsigned int step = 1 + (unsigned int)(test_random(&a->random) % (a->delay / 8 + 4));

	if (too_early)
		a->delay = a->delay + step > a->max ? a->max : a->delay + step;
	else
		a->delay = a->delay > step ? a->delay - step : 0;
}

/** flag_set() and flag_get() - ordered words between the threads of a race */
static inline void flag_set(int *flag, int value)
{
	__atomic_store_n(flag, value, __ATOMIC_SEQ_CST);
}

static inline int flag_get(int *flag)
{
	return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

/** flag_await() - spin until @flag is at least @value */
static inline void flag_await_spin(int *flag, int value)
{
	unsigned int spins = 0;

	while (flag_get(flag) < value)
		if (++spins % 1024 == 0)
			sched_yield();
}
#define flag_await(flag, value) WAITING((flag_await_spin((flag), (value)), 0))

/**
 * race_pin() - bind the calling thread to one of the allowed CPUs
 * @place: racers of different place run side by side, if there are two CPUs
 *
 * To be called after queues were made: threads inherit the binding.
 */
static inline void race_pin(unsigned int place)
{
	pin_to_cpu(allowed_cpu((int)(place % (unsigned int)allowed_cpus())));
}

static inline void race_pin_worker(struct work_struct *work)
{
	(void)work;
	race_pin(1);
}

/** race_apart() - the caller on one CPU, @wq's only worker on another, until unpin() */
static inline void race_apart(struct workqueue_struct *wq)
{
	struct work_struct work;

	INIT_WORK(&work, race_pin_worker);
	check(queue_work(wq, &work));
	WAITING((flush_workqueue(wq), 0));
	race_pin(0);
}

/** race_require_hits_on_two_cpus() - on one CPU, where threads hardly overlap, none will do */
static inline void race_require_hits_on_two_cpus(void)
{
	if (allowed_cpus() < 2)
		printf("  window hits on one CPU: %d\n", race_hits_);
	else
		race_require_hits(1);
}

/**
 * race_require_hits_apart() - the same, if the racers were apart at all
 * @apart: false for a worker bound to the CPU of the thread that races it
 */
static inline void race_require_hits_apart(bool apart)
{
	if (apart)
		race_require_hits_on_two_cpus();
	else
		printf("  window hits on the worker's own CPU: %d\n", race_hits_);
}

#endif /* WQ_TEST_AIM_H */
