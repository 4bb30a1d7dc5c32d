/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "When the time has come, never before, the item is queued": a thousand items and
 * a thousand timers with delays from nothing to 300 ms. Each reads the clock when
 * it runs and compares it with the time read before it was armed, plus the delay.
 */
#include "test.h"
#include "support/delayed.h"

enum { NR = 1000, LONGEST_MS = 300 };

static struct delayed_item items[NR];

static struct {
	struct timer_list timer;
	uint64_t due_ns;
	int early, fired;
} timers[NR];

static struct tally all_fired = TALLY_INITIALIZER;

static uint64_t some_ns(uint64_t *random)
{
	uint64_t unit = UINT64_C(1) << test_random(random) % 29; /* 1 ns to 268 ms */

	return test_random(random) % (2 * unit) % ((uint64_t)LONGEST_MS * NS_PER_MS);
}

static void check_items(struct workqueue_struct *wq)
{
	int early = 0;

	for (int i = 0; i < NR; i++) {
		delayed_await(&items[i], 1);
		early += items[i].early;
	}
	destroy_workqueue(wq);
	for (int i = 0; i < NR; i++)
		check_eq(delayed_runs(&items[i]), 1);
	check_eq(early, 0);
}

static void no_nanosecond_delay_ends_early(void)
{
	struct workqueue_struct *wq = create_workqueue("early");
	uint64_t random = test_state.seed;

	for (int i = 0; i < NR; i++) {
		uint64_t ns = some_ns(&random);

		delayed_init(&items[i], wq, delayed_count);
		delayed_expect(&items[i], ns);
		check(wq_queue_delayed_work_ns(wq, &items[i].dwork, ns));
	}
	check_items(wq);
}

static void no_delay_in_jiffies_ends_early(void)
{
	struct workqueue_struct *wq = create_workqueue("early");
	uint64_t random = test_state.seed;

	for (int i = 0; i < NR; i++) {
		unsigned long delay = test_random(&random) % LONGEST_MS;

		delayed_init(&items[i], wq, delayed_count);
		delayed_expect(&items[i], delay * NS_PER_MS);
		check(i % 2 ? queue_delayed_work(wq, &items[i].dwork, delay)
			    : queue_delayed_work_on(allowed_cpu(i / 2 % allowed_cpus()), wq,
						    &items[i].dwork, delay));
	}
	check_items(wq);
}

static void note_time(unsigned long n)
{
	timers[n].early = now_ns() < timers[n].due_ns || jiffies < timers[n].timer.expires;
	timers[n].fired++;
	tally_add(&all_fired);
}

static void no_timer_fires_before_its_jiffy(void)
{
	uint64_t random = test_state.seed;
	int early = 0;

	for (unsigned long i = 0; i < NR; i++) {
		setup_timer(&timers[i].timer, note_time, i);
		timers[i].timer.expires = jiffies + test_random(&random) % LONGEST_MS;
		timers[i].due_ns = timers[i].timer.expires * NS_PER_MS;
		add_timer(&timers[i].timer);
	}
	tally_await(&all_fired, NR);
	for (int i = 0; i < NR; i++) {
		del_timer_sync(&timers[i].timer);
		check_eq(timers[i].fired, 1);
		early += timers[i].early;
	}
	check_eq(early, 0);
}

TEST_MAIN(TEST(no_nanosecond_delay_ends_early), TEST(no_delay_in_jiffies_ends_early),
	  TEST(no_timer_fires_before_its_jiffy))
