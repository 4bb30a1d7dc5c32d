/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "LONG_MAX, MAX_SCHEDULE_TIMEOUT and anything longer than 146 years never": the
 * longest delays neither wrap into the past nor fire at once. Items and timers are
 * armed with each, time passes, and all must be found armed.
 */
#include "test.h"
#include "support/delayed.h"

static const unsigned long delays[] = {
	ULONG_MAX,
	ULONG_MAX - 1,
	ULONG_MAX / 2 + 1,
	LONG_MAX,
	LONG_MAX - 1,
	(unsigned long)MAX_SCHEDULE_TIMEOUT,
	(unsigned long)MAX_JIFFY_OFFSET,
	ULONG_MAX / 1000000,     /* the longest whose nanoseconds fit in a word */
	ULONG_MAX / 1000000 + 1, /* and the next */
	LONG_MAX / 1000000,
	LONG_MAX / 1000000 + 1,
	1UL << 32,
	1UL << 44,
	147UL * 366 * 24 * 3600 * HZ,
	100UL * 365 * 24 * 3600 * HZ,
	AN_HOUR,
};
enum { NR = sizeof(delays) / sizeof(delays[0]) };

static struct delayed_item items[NR];
static struct timer_list timers[NR];
static int fired;

static void count_fired(unsigned long unused)
{
	(void)unused;
	__atomic_fetch_add(&fired, 1, __ATOMIC_SEQ_CST);
}

static void no_item_runs(void)
{
	struct workqueue_struct *wq = create_workqueue("long");

	for (int i = 0; i < NR; i++) {
		delayed_init(&items[i], wq, delayed_count);
		check(queue_delayed_work(wq, &items[i].dwork, delays[i]));
		check(time_after(items[i].dwork.timer.expires, jiffies));
	}
	let_pass(50);
	for (int i = 0; i < NR; i++) {
		check(delayed_work_pending(&items[i].dwork));
		check(timer_pending(&items[i].dwork.timer));
		check(i % 2 ? WAITING(cancel_delayed_work_sync(&items[i].dwork))
			    : WAITING(cancel_delayed_work(&items[i].dwork)));
		check_eq(delayed_runs(&items[i]), 0);
	}
	destroy_workqueue(wq);
}

static void other_items_fire_meanwhile(void)
{
	struct workqueue_struct *wq = create_workqueue("long");
	struct delayed_item a;

	for (int i = 0; i < NR; i++) {
		delayed_init(&items[i], wq, delayed_count);
		check(queue_delayed_work_on(allowed_cpu(i % allowed_cpus()), wq, &items[i].dwork,
					    delays[i]));
	}
	delayed_init(&a, wq, delayed_count);
	for (int i = 1; i <= 20; i++) {
		check(delayed_arm(&a, 1));
		delayed_await(&a, i);
	}
	check_eq(a.early, 0);
	for (int i = 0; i < NR; i++) {
		check(WAITING(cancel_delayed_work_sync(&items[i].dwork)));
		check_eq(delayed_runs(&items[i]), 0);
	}
	destroy_workqueue(wq);
}

static void an_item_armed_for_ever_can_be_cancelled_and_armed_for_now(void)
{
	struct workqueue_struct *wq = create_workqueue("long");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	for (int i = 0; i < NR; i++) {
		check(queue_delayed_work(wq, &a.dwork, delays[i]));
		check(WAITING(cancel_delayed_work(&a.dwork)));
		check(delayed_arm(&a, 1));
		delayed_await(&a, i + 1);
	}
	check_eq(a.early, 0);
	destroy_workqueue(wq);
}

static void no_timer_fires(void)
{
	unsigned long now = jiffies;
	int armed = 0;

	for (int i = 0; i < NR; i++) {
		setup_timer(&timers[i], count_fired, 0);
		if (delays[i] > LONG_MAX)
			continue; /* an absolute time that far ahead is one past */
		timers[i].expires = now + delays[i];
		add_timer(&timers[i]);
		armed++;
	}
	let_pass(20);
	check_eq(fired, 0);
	for (int i = 0; i < NR; i++)
		armed -= del_timer_sync(&timers[i]);
	check_eq(armed, 0);
}

static void a_timer_armed_for_ever_can_be_moved_to_now(void)
{
	struct tally one = TALLY_INITIALIZER;
	struct fence f;

	f.passed = &one;
	timer_setup(&f.timer, fence_fire, 0);
	for (int i = 1; i <= 10; i++) {
		check_eq(mod_timer(&f.timer, jiffies + MAX_SCHEDULE_TIMEOUT), 0);
		check_eq(mod_timer(&f.timer, jiffies + MAX_JIFFY_OFFSET), 1);
		check_eq(mod_timer(&f.timer, jiffies + 1), 1);
		tally_await(&one, i);
	}
	del_timer_sync(&f.timer);
}

TEST_MAIN(TEST(no_item_runs), TEST(other_items_fire_meanwhile),
	  TEST(an_item_armed_for_ever_can_be_cancelled_and_armed_for_now), TEST(no_timer_fires),
	  TEST(a_timer_armed_for_ever_can_be_moved_to_now))
