/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * schedule_delayed_work() and schedule_delayed_work_on() are their queue_ twins on
 * the global queue, which the first call starts. The functions ask whether keventd
 * runs them, and where.
 */
#include "test.h"
#include "support/delayed.h"

static int on_keventd;

static void note_keventd(struct work_struct *work)
{
	on_keventd = current_is_keventd();
	delayed_count(work);
}

static void the_first_call_starts_the_global_queue(void)
{
	int before = nr_threads();
	struct delayed_item a;

	delayed_init(&a, NULL, note_keventd);
	delayed_expect(&a, 2 * NS_PER_MS);
	check(schedule_delayed_work(&a.dwork, 2));
	delayed_await(&a, 1);
	check_eq(on_keventd, 1);
	check(nr_threads() > before);
	check_eq(a.early, 0);
	WAITING(flush_scheduled_work());
}

static void a_delay_of_zero_is_queued_at_once(void)
{
	struct delayed_item a;

	delayed_init(&a, NULL, note_keventd);
	check(schedule_delayed_work(&a.dwork, 0));
	check(!timer_pending(&a.dwork.timer));
	WAITING(flush_scheduled_work());
	check_eq(delayed_runs(&a), 1);
	check_eq(on_keventd, 1);
	check(nr_threads() > 2);
}

static void a_pending_item_is_refused(void)
{
	struct delayed_item a;

	delayed_init(&a, NULL, delayed_count);
	check(schedule_delayed_work(&a.dwork, AN_HOUR));
	check(!schedule_delayed_work(&a.dwork, 0));
	check(!schedule_delayed_work(&a.dwork, 1));
	check(!schedule_delayed_work_on(allowed_cpu(0), &a.dwork, 0));
	check(!schedule_work(&a.dwork.work));
	WAITING(flush_scheduled_work());
	check_eq(delayed_runs(&a), 0);
	check(cancel_delayed_work_sync(&a.dwork));
}

static void the_on_form_runs_on_the_cpu_asked_for(void)
{
	struct delayed_item a;

	delayed_init(&a, NULL, note_keventd);
	for (int n = 0; n < 2 * allowed_cpus(); n++) {
		int cpu = allowed_cpu(n % allowed_cpus());
		unsigned long delay = (unsigned long)(n / allowed_cpus());

		on_keventd = 0;
		check(schedule_delayed_work_on(cpu, &a.dwork, delay));
		delayed_await(&a, n + 1);
		check_eq(a.cpu, cpu);
		check_eq(on_keventd, 1);
	check(nr_threads() > 2);
	}
	WAITING(flush_scheduled_work());
}

TEST_MAIN(TEST(the_first_call_starts_the_global_queue), TEST(a_delay_of_zero_is_queued_at_once),
	  TEST(a_pending_item_is_refused), TEST(the_on_form_runs_on_the_cpu_asked_for))
