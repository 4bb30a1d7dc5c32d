/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * W5: what it costs to arm and to cancel a timer while n others are armed.
 *
 * A driver defines DRIVER and
 *
 *	struct timeout				one timer
 *	void timeouts_open(void)		once, before the rest
 *	void timeout_init(struct timeout *)	not timed
 *	void timeout_arm(struct timeout *, unsigned long ms)
 *	void timeout_cancel(struct timeout *)
 *	void timeouts_close(struct timeout *, size_t nr)	if it defines TIMEOUTS_CLOSE
 *
 * and then includes this file, which has main(). No timer fires: the earliest is
 * a minute away. The timers are armed in the order of the array with deadlines
 * spread at random over a quarter of an hour.
 *
 * arm_ns, cancel_ns: fresh timers, in batches of a thousand, over n armed ones.
 * arm_all_ns, cancel_all_ns: arming the n themselves, and cancelling them.
 */
#include "bench.h"

enum { BATCH = 1000, FRESH = 100 * BATCH, SOONEST_MS = 60 * 1000, SPREAD_MS = 15 * 60 * 1000 };

static struct timeout *fresh;
static unsigned long *delays;

struct timer_costs {
	struct series arm, cancel, arm_all, cancel_all;
};

static inline unsigned long delay_of(size_t i)
{
	return delays[i % FRESH];
}

static void arm_and_cancel_fresh(struct timer_costs *costs)
{
	int64_t arm_ns = 0, cancel_ns = 0;

	for (size_t first = 0; first < FRESH; first += BATCH) {
		int64_t start = now_ns(), middle;

		for (size_t i = first; i < first + BATCH; i++)
			timeout_arm(&fresh[i], delay_of(i));
		middle = now_ns();
		for (size_t i = first; i < first + BATCH; i++)
			timeout_cancel(&fresh[i]);
		cancel_ns += now_ns() - middle;
		arm_ns += middle - start;
	}
	series_add(&costs->arm, (double)arm_ns / FRESH);
	series_add(&costs->cancel, (double)cancel_ns / FRESH);
}

static void one_round(struct timeout *armed, size_t nr, struct timer_costs *costs)
{
	int64_t start = now_ns();

	for (size_t i = 0; i < nr; i++)
		timeout_arm(&armed[i], delay_of(i * 7));
	series_add(&costs->arm_all, (double)(now_ns() - start) / (double)nr);

	arm_and_cancel_fresh(costs);

	start = now_ns();
	for (size_t i = 0; i < nr; i++)
		timeout_cancel(&armed[i]);
	series_add(&costs->cancel_all, (double)(now_ns() - start) / (double)nr);
}

static void cost_over(size_t nr)
{
	struct timeout *armed = (struct timeout *)xcalloc(nr, sizeof(*armed));
	struct timer_costs costs, warm_up;
	char what[32];

	memset(&costs, 0, sizeof(costs));
	memset(&warm_up, 0, sizeof(warm_up));
	for (size_t i = 0; i < nr; i++)
		timeout_init(&armed[i]);
	one_round(armed, nr, &warm_up);
	for (int round = 0; round < (int)by_size(3, 1, 1); round++)
		one_round(armed, nr, &costs);
#ifdef TIMEOUTS_CLOSE
	timeouts_close(armed, nr);
#endif
	free(armed);
	snprintf(what, sizeof(what), "%zu", nr);
	report("W5", DRIVER, what, "arm_ns", &costs.arm);
	report("W5", DRIVER, what, "cancel_ns", &costs.cancel);
	report("W5", DRIVER, what, "arm_all_ns", &costs.arm_all);
	report("W5", DRIVER, what, "cancel_all_ns", &costs.cancel_all);
}

int main(int argc, char **argv)
{
	uint64_t seed = 88172645463325252U;

	bench_start(argc, argv);
	if (!wanted("W5"))
		return 0;
	pin_to_cpu(0);
	timeouts_open();
	fresh = (struct timeout *)xcalloc(FRESH, sizeof(*fresh));
	delays = (unsigned long *)xcalloc(FRESH, sizeof(*delays));
	for (size_t i = 0; i < FRESH; i++) {
		timeout_init(&fresh[i]);
		delays[i] = SOONEST_MS + xorshift(&seed) % SPREAD_MS;
	}
	do {
		cost_over(1000);
	} while (once_more());
	if (bench.size == TINY)
		return 0;
	cost_over(100 * 1000);
	cost_over(1000 * 1000);
	return 0;
}
