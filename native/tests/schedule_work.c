/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * schedule_work() queues on system_wq, whose workers are "kworker/CPU:N" as those of all
 * queues of alloc_workqueue(). The item notes the thread it runs on.
 */
#include "items.h"

static char comm[32];

static void note_comm(struct work_struct *work)
{
	pthread_getname_np(pthread_self(), comm, sizeof(comm));
	item_count(work);
}

static int cpu_of_comm(void)
{
	int cpu = -1;

	sscanf(comm, "kworker/%d:", &cpu);
	return cpu;
}

static void the_first_call_makes_the_global_queue(void)
{
	static struct item a;

	item_init(&a, NULL, note_comm);
	check(schedule_work(&a.work));
	WAITING(flush_scheduled_work());
	check_eq(item_runs(&a), 1);
	check(cpu_of_comm() >= 0);
}

static void an_item_runs_on_a_worker_of_the_callers_cpu(void)
{
	static struct item a;

	for (int n = 0; n < allowed_cpus(); n++) {
		item_init(&a, NULL, note_comm);
		pin_to_cpu(allowed_cpu(n));
		check(schedule_work(&a.work));
		unpin();
		WAITING(flush_scheduled_work());
		check_eq(cpu_of_comm(), allowed_cpu(n));
		check_eq(a.cpu, allowed_cpu(n));
	}
}

static void a_pending_item_is_refused(void)
{
	static struct item busy, a;

	item_init(&busy, NULL, item_block);
	item_init(&a, NULL, item_count);
	pin_to_cpu(allowed_cpu(0));
	check(schedule_work(&busy.work));
	gate_wait_reached(&busy.gate, 1);
	check(schedule_work(&a.work));
	check(!schedule_work(&a.work));
	unpin();
	gate_open(&busy.gate);
	WAITING(flush_scheduled_work());
	check_eq(item_runs(&a), 1);
	check(schedule_work(&a.work));
	WAITING(flush_scheduled_work());
	check_eq(item_runs(&a), 2);
}

static void a_scheduled_item_can_be_cancelled(void)
{
	static struct item busy, a;

	item_init(&busy, NULL, item_block);
	item_init(&a, NULL, item_count);
	pin_to_cpu(allowed_cpu(0));
	check(schedule_work(&busy.work));
	gate_wait_reached(&busy.gate, 1);
	check(schedule_work(&a.work));
	unpin();
	check(WAITING(cancel_work_sync(&a.work)));
	gate_open(&busy.gate);
	WAITING(flush_scheduled_work());
	check_eq(item_runs(&a), 0);
}

static void an_item_that_waits_holds_up_nobody(void)
{
	static struct item busy, a;

	item_init(&busy, NULL, item_block);
	item_init(&a, NULL, item_count);
	pin_to_cpu(allowed_cpu(0));
	check(schedule_work(&busy.work));
	gate_wait_reached(&busy.gate, 1);
	check(schedule_work(&a.work));
	unpin();
	item_await_done(&a, 1);
	check_eq(a.cpu, busy.cpu);
	check_eq(item_done(&busy), 0);
	gate_open(&busy.gate);
	WAITING(flush_scheduled_work());
}

TEST_MAIN(TEST(the_first_call_makes_the_global_queue),
	  TEST(an_item_runs_on_a_worker_of_the_callers_cpu), TEST(an_item_that_waits_holds_up_nobody), TEST(a_pending_item_is_refused),
	  TEST(a_scheduled_item_can_be_cancelled))
