/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A CPU whose shared workers nobody looks at: so an item that waits and does not tell
 * counts as running for as long as it waits. Include after items.h.
 */
#ifndef WQ_TEST_LOOKS_H
#define WQ_TEST_LOOKS_H

#include <linux/jiffies.h>
#include <linux/timer.h>

static struct gate looks_gate;
static struct timer_list looks_timer;

static inline void looks_stand(struct timer_list *timer)
{
	(void)timer;
	gate_stand(&looks_gate);
}

/** looks_hold() - hold the thread that looks at a CPU's workers in a timer's function */
static inline void looks_hold(int cpu)
{
	gate_init(&looks_gate);
	timer_setup(&looks_timer, looks_stand, 0);
	looks_timer.expires = jiffies;
	add_timer_on(&looks_timer, cpu);
	gate_wait_reached(&looks_gate, 1);
}

/** looks_release() - let it look again */
static inline void looks_release(void)
{
	gate_open(&looks_gate);
	WAITING(del_timer_sync(&looks_timer));
}

#endif /* WQ_TEST_LOOKS_H */
