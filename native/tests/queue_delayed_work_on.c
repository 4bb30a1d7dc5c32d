/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * queue_delayed_work_on() has the timer fire, and so the item run, on the CPU it
 * was given, also with a delay of 0. Every allowed CPU is tried from every other
 * one, and from the item's own function.
 */
#include "test.h"
#include "support/delayed.h"

static void the_item_runs_on_the_cpu_asked_for(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;
	int runs = 0;

	delayed_init(&a, wq, delayed_count);
	for (int from = 0; from < allowed_cpus(); from++)
		for (int to = 0; to < allowed_cpus(); to++) {
			pin_to_cpu(allowed_cpu(from));
			delayed_expect(&a, 2 * NS_PER_MS);
			check(queue_delayed_work_on(allowed_cpu(to), wq, &a.dwork, 2));
			unpin();
			delayed_await(&a, ++runs);
			check_eq(a.cpu, allowed_cpu(to));
		}
	check_eq(a.early, 0);
	destroy_workqueue(wq);
}

static void a_delay_of_zero_goes_through_the_timer_too(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	for (int n = 0; n < allowed_cpus(); n++) {
		check(queue_delayed_work_on(allowed_cpu(n), wq, &a.dwork, 0));
		delayed_await(&a, n + 1);
		check_eq(a.cpu, allowed_cpu(n));
		check(a.dwork.timer.expires != 0);
	}
	destroy_workqueue(wq);
}

static void for_any_cpu_a_delay_of_zero_arms_nothing(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	a.dwork.timer.expires = 0;
	check(queue_delayed_work_on(WORK_CPU_UNBOUND, wq, &a.dwork, 0));
	delayed_await(&a, 1);
	check(schedule_delayed_work_on(WORK_CPU_UNBOUND, &a.dwork, 0));
	delayed_await(&a, 2);
	WAITING(flush_scheduled_work());
	check_eq(a.dwork.timer.expires, 0);
	destroy_workqueue(wq);
}

static void a_pending_item_is_refused_and_stays_on_its_cpu(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;
	int last = allowed_cpu(allowed_cpus() - 1);

	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work_on(last, wq, &a.dwork, 10));
	check(!queue_delayed_work_on(allowed_cpu(0), wq, &a.dwork, 1));
	delayed_await(&a, 1);
	check_eq(a.cpu, last);
	destroy_workqueue(wq);
}

static void a_cpu_that_is_none_means_the_callers(void)
{
	static const int none[] = { -1, -1000, 100000, 0x7fffffff, -0x7fffffff - 1 };
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;
	int runs = 0;

	delayed_init(&a, wq, delayed_count);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		for (int n = 0; n < allowed_cpus(); n++) {
			pin_to_cpu(allowed_cpu(n));
			check(queue_delayed_work_on(none[i], wq, &a.dwork, 1));
			unpin();
			delayed_await(&a, ++runs);
			check_eq(a.cpu, allowed_cpu(n));
		}
	destroy_workqueue(wq);
}

static int hops;

/* The function arms its item for the next CPU, perhaps before the timer's thread is done. */
static void hop(struct work_struct *work)
{
	struct delayed_item *i = delayed_item_of(work);
	int n = __atomic_fetch_add(&hops, 1, __ATOMIC_SEQ_CST);

	check_eq(sched_getcpu(), allowed_cpu(n % allowed_cpus()));
	if (n + 1 < race_rounds(2000))
		check(queue_delayed_work_on(allowed_cpu((n + 1) % allowed_cpus()), i->wq,
					    &i->dwork, 0));
	tally_add(&i->ran);
}

static void an_item_may_send_itself_from_cpu_to_cpu(void)
{
	struct workqueue_struct *wq = create_workqueue("delays");
	struct delayed_item a;

	delayed_init(&a, wq, hop);
	check(queue_delayed_work_on(allowed_cpu(0), wq, &a.dwork, 1));
	delayed_await(&a, race_rounds(2000));
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(the_item_runs_on_the_cpu_asked_for),
	  TEST(a_delay_of_zero_goes_through_the_timer_too), TEST(for_any_cpu_a_delay_of_zero_arms_nothing),
	  TEST(a_pending_item_is_refused_and_stays_on_its_cpu),
	  TEST(a_cpu_that_is_none_means_the_callers), TEST(an_item_may_send_itself_from_cpu_to_cpu))
