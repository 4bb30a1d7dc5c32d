/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mod_delayed_work_on() has the item run on the CPU it was given, whatever state it
 * found it in and whatever CPU that was for, and with a delay of 0 too.
 */
#include "test.h"
#include "support/delayed.h"

enum before { IDLE, ARMED, QUEUED, NR_BEFORE };

static struct workqueue_struct *classic(void)
{
	return create_workqueue("mod");
}

static struct workqueue_struct *shared(void)
{
	return alloc_workqueue("mod", WQ_PERCPU, 0);
}

static struct workqueue_struct *(*const kinds[])(void) = { classic, shared };

/* The item comes into the state on CPU @from, is sent to CPU @to, and runs there. */
static void send(struct workqueue_struct *wq, enum before before, int from, int to, unsigned long delay)
{
	struct delayed_item a;
	struct item busy;

	delayed_init(&a, wq, delayed_count);
	item_init(&busy, wq, item_count);
	pin_to_cpu(from);
	if (before == QUEUED && from != to)
		plug(wq, &busy);
	if (before != IDLE)
		check(queue_delayed_work(wq, &a.dwork, before == ARMED || from == to ? AN_HOUR : 0));
	delayed_expect(&a, delay * NS_PER_MS);
	check_eq(WAITING(mod_delayed_work_on(to, wq, &a.dwork, delay)), before != IDLE);
	unpin();
	delayed_await(&a, 1);
	check_eq(a.cpu, to);
	check_eq(a.early, 0);
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	check_eq(delayed_runs(&a), 1);
}

static void the_item_runs_on_the_cpu_asked_for(void)
{
	for (int kind = 0; kind < 2; kind++) {
		struct workqueue_struct *wq = kinds[kind]();

		for (int before = 0; before < NR_BEFORE; before++)
			for (int from = 0; from < allowed_cpus(); from++)
				for (int to = 0; to < allowed_cpus(); to++) {
					send(wq, (enum before)before, allowed_cpu(from), allowed_cpu(to), 2);
					send(wq, (enum before)before, allowed_cpu(from), allowed_cpu(to), 0);
				}
		destroy_workqueue(wq);
	}
}

static void a_cpu_that_is_none_means_the_callers(void)
{
	static const int none[] = { WORK_CPU_UNBOUND, -1, -1000, 100000, 0x7fffffff, -0x7fffffff - 1 };
	struct workqueue_struct *wq = create_workqueue("mod");
	struct delayed_item a;
	int runs = 0;

	delayed_init(&a, wq, delayed_count);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		for (int n = 0; n < 2 * allowed_cpus(); n++) {
			pin_to_cpu(allowed_cpu(n / 2));
			check(!mod_delayed_work_on(none[i], wq, &a.dwork, (unsigned long)(n % 2)));
			unpin();
			delayed_await(&a, ++runs);
			WAITING(flush_workqueue(wq));
			check_eq(a.cpu, allowed_cpu(n / 2));
		}
	destroy_workqueue(wq);
}

static void a_cpu_that_is_offline_means_the_callers(void)
{
	struct workqueue_struct *wq = create_workqueue("mod");
	int last = allowed_cpu(allowed_cpus() - 1);
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	if (!need_two_cpus())
		return;
	check_eq(WAITING(wq_cpu_down(last)), 0);
	pin_to_cpu(allowed_cpu(0));
	for (int n = 0; n < 2; n++) {
		check(!mod_delayed_work_on(last, wq, &a.dwork, (unsigned long)n));
		delayed_await(&a, n + 1);
		WAITING(flush_workqueue(wq));
		check(a.cpu != last);
	}
	unpin();
	check_eq(WAITING(wq_cpu_up(last)), 0);
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(the_item_runs_on_the_cpu_asked_for), TEST(a_cpu_that_is_none_means_the_callers),
	  TEST(a_cpu_that_is_offline_means_the_callers))
