/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "While a CPU is offline its pool works on, with workers that may run on all online
 * CPUs, and is bound to the CPU again when that is back." The same items, queued there
 * before, meanwhile and afterwards; and the pool that is bound to none.
 */
#include "items.h"
#include "support/process_cpus.h"

enum { NR_PENDING = 100, NR_BLOCKED = 4 };

static const unsigned int bound_kinds[] = { 0, WQ_HIGHPRI };
static int first, second;
static struct item items[NR_PENDING];

/* Two CPUs, both online when a claim begins. */
static bool two_cpus(void)
{
	if (!need_two_cpus())
		return false;
	first = allowed_cpu(0);
	second = allowed_cpu(1);
	return check(WAITING(wq_cpu_rescan()) >= 0) && check(wq_cpu_online(first)) &&
	       check(wq_cpu_online(second));
}

static bool has_cpus(const struct item *i, const cpu_set_t *cpus)
{
	cpu_set_t has;

	return sched_getaffinity((pid_t)i->tid, sizeof(has), &has) == 0 && CPU_EQUAL(&has, cpus);
}

static bool may_run_on_all(const struct item *i)
{
	return has_cpus(i, &race_cpus_);
}

static bool may_run_on_all_but(const struct item *i, int cpu)
{
	cpu_set_t cpus = race_cpus_;

	CPU_CLR(cpu, &cpus);
	return has_cpus(i, &cpus);
}

static bool may_run_on_only(const struct item *i, int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	return has_cpus(i, &cpus);
}

static void run_on(int cpu, struct workqueue_struct *wq, struct item *i)
{
	check(queue_work_on(cpu, wq, &i->work));
	WAITING(flush_workqueue(wq));
}

static void block_on(int cpu, struct workqueue_struct *wq, int nr)
{
	for (int i = 0; i < nr; i++) {
		item_init(&items[i], wq, item_block);
		check(queue_work_on(cpu, wq, &items[i].work));
		gate_wait_reached(&items[i].gate, 1);
	}
}

static void unblock(struct workqueue_struct *wq, int nr)
{
	for (int i = 0; i < nr; i++)
		gate_open(&items[i].gate);
	WAITING(flush_workqueue(wq));
	for (int i = 0; i < nr; i++)
		check_eq(item_done(&items[i]), 1);
}

static void items_run_on_the_cpus_left_and_back_again(void)
{
	for (size_t k = 0; k < sizeof(bound_kinds) / sizeof(bound_kinds[0]); k++) {
		struct workqueue_struct *wq = alloc_workqueue("bound", bound_kinds[k], 0);
		struct item a;

		if (two_cpus()) {
			item_init(&a, wq, item_count);
			run_on(second, wq, &a);
			check(a.cpu == second && may_run_on_only(&a, second));
			check_eq(WAITING(wq_cpu_down(second)), 0);
			check(may_run_on_all_but(&a, second)); /* asleep */
			run_on(second, wq, &a);
			check(a.cpu != second && may_run_on_all_but(&a, second));
			check(queue_on(second, wq, &a.work)); /* the caller may be there */
			WAITING(flush_workqueue(wq));
			check(a.cpu != second && may_run_on_all_but(&a, second));
			check_eq(WAITING(wq_cpu_up(second)), 0);
			check(may_run_on_only(&a, second));
			run_on(second, wq, &a);
			check_eq(a.cpu, second);
			check_eq(item_runs(&a), 4);
		}
		destroy_workqueue(wq);
	}
}

static void workers_made_meanwhile_are_bound_when_the_cpu_is_back(void)
{
	struct workqueue_struct *wq;

	if (!two_cpus())
		return;
	check_eq(WAITING(wq_cpu_down(second)), 0);
	wq = alloc_workqueue("late", 0, 0);
	block_on(second, wq, NR_BLOCKED);
	for (int i = 0; i < NR_BLOCKED; i++)
		check(items[i].cpu != second && may_run_on_all_but(&items[i], second));
	check_eq(WAITING(wq_cpu_up(second)), 0); /* waits for nobody */
	for (int i = 0; i < NR_BLOCKED; i++)
		check(may_run_on_only(&items[i], second));
	unblock(wq, NR_BLOCKED);
	destroy_workqueue(wq);
}

static void what_was_pending_runs_and_can_be_cancelled_and_flushed(void)
{
	struct workqueue_struct *wq = alloc_workqueue("pending", 0, 1);
	struct call flush, cancel;
	struct item busy;

	if (two_cpus()) {
		item_init(&busy, wq, item_block);
		check(queue_work_on(second, wq, &busy.work));
		gate_wait_reached(&busy.gate, 1);
		for (int i = 0; i < NR_PENDING; i++) {
			item_init(&items[i], wq, item_count);
			check(queue_work_on(second, wq, &items[i].work));
		}
		check_eq(WAITING(wq_cpu_down(second)), 0); /* waits for nobody */
		check(may_run_on_all_but(&busy, second));
		check(WAITING(cancel_work_sync(&items[7].work)));
		call_start(&flush, call_flush, wq);
		call_start(&cancel, call_cancel, &busy.work);
		check(call_sleeps(&flush) && call_sleeps(&cancel));
		gate_open(&busy.gate);
		call_join(&flush);
		check(!call_join(&cancel));
		for (int i = 0; i < NR_PENDING; i++) {
			check_eq(item_done(&items[i]), i == 7 ? 0 : 1);
			check(i == 7 || items[i].cpu != second);
		}
		check_eq(WAITING(wq_cpu_up(second)), 0);
	}
	destroy_workqueue(wq);
}

static void items_that_wait_hold_up_nobody_meanwhile(void)
{
	struct workqueue_struct *wq = alloc_workqueue("waiting", 0, 0);
	struct item a;

	if (two_cpus()) {
		item_init(&a, wq, item_count);
		block_on(second, wq, NR_BLOCKED);
		check_eq(WAITING(wq_cpu_down(second)), 0);
		for (int i = 0; i < NR_BLOCKED; i++)
			check(may_run_on_all_but(&items[i], second));
		check(queue_work_on(second, wq, &a.work));
		item_await_done(&a, 1);
		check_eq(WAITING(wq_cpu_up(second)), 0);
		check(queue_work_on(second, wq, &a.work));
		item_await_done(&a, 2);
		check_eq(a.cpu, second);
		unblock(wq, NR_BLOCKED);
	}
	destroy_workqueue(wq);
}

static void an_unbound_pool_follows(void)
{
	struct workqueue_struct *wq = alloc_workqueue("unbound", WQ_UNBOUND, 0);
	struct item a;

	if (two_cpus()) {
		item_init(&a, wq, item_count);
		block_on(second, wq, NR_BLOCKED);
		for (int i = 0; i < NR_BLOCKED; i++)
			check(may_run_on_all(&items[i]));
		check_eq(WAITING(wq_cpu_down(second)), 0);
		for (int i = 0; i < NR_BLOCKED; i++)
			check(may_run_on_all_but(&items[i], second));
		check(queue_work_on(second, wq, &a.work));
		item_await_done(&a, 1);
		check(a.cpu != second && may_run_on_all_but(&a, second));
		check_eq(WAITING(wq_cpu_up(second)), 0);
		for (int i = 0; i < NR_BLOCKED; i++)
			check(may_run_on_all(&items[i]));
		check(may_run_on_all(&a));
		unblock(wq, NR_BLOCKED);
	}
	destroy_workqueue(wq);
}

static void they_follow_the_process(void)
{
	struct workqueue_struct *wq = alloc_workqueue("process", 0, 0);
	struct workqueue_struct *unbound = alloc_workqueue("process", WQ_UNBOUND, 0);
	struct item a, b;

	if (two_cpus()) {
		item_init(&a, wq, item_count);
		item_init(&b, unbound, item_count);
		run_on(second, wq, &a);
		confine_process_to(first);
		check(WAITING(wq_cpu_rescan()) >= 0); /* It may have been noticed already. */
		check(!wq_cpu_online(second));
		run_on(second, wq, &a);
		run_on(second, unbound, &b);
		check(a.cpu == first && may_run_on_only(&a, first));
		check(b.cpu == first && may_run_on_only(&b, first));
		block_on(second, wq, NR_BLOCKED);
		for (int i = 0; i < NR_BLOCKED; i++)
			check(may_run_on_only(&items[i], first));
		confine_process_to(-1);
		check(WAITING(wq_cpu_rescan()) >= 0);
		for (int i = 0; i < NR_BLOCKED; i++)
			check(may_run_on_only(&items[i], second));
		unblock(wq, NR_BLOCKED);
		check(may_run_on_only(&a, second));
		check(may_run_on_all(&b));
	}
	destroy_workqueue(wq);
	destroy_workqueue(unbound);
}

static void a_worker_off_its_cpu_and_a_caller_on_it_are_noticed(void)
{
	struct workqueue_struct *wq = alloc_workqueue("signs", 0, 0);
	struct item a;

	if (two_cpus()) {
		item_init(&a, wq, item_count);
		within(60, "a CPU that is lost, and back");
		confine_process_to(first);
		while (wq_cpu_online(second))
			run_on(second, wq, &a);
		confine_process_to(-1);
		while (!wq_cpu_online(second)) {
			check(queue_on(second, wq, &a.work));
			WAITING(flush_workqueue(wq));
		}
		WAITING((get_online_cpus(), 0)); /* The change may not be over yet. */
		put_online_cpus();
		run_on(second, wq, &a);
		check_eq(a.cpu, second);
	}
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(items_run_on_the_cpus_left_and_back_again),
	  TEST(workers_made_meanwhile_are_bound_when_the_cpu_is_back),
	  TEST(what_was_pending_runs_and_can_be_cancelled_and_flushed),
	  TEST(items_that_wait_hold_up_nobody_meanwhile), TEST(an_unbound_pool_follows),
	  TEST(they_follow_the_process),
	  TEST(a_worker_off_its_cpu_and_a_caller_on_it_are_noticed))
