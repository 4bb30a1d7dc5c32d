/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * schedule_on_each_cpu() runs a function once on every CPU and waits for it, and for
 * nothing else, also when called from an item of the global queue. Each run notes its CPU.
 */
#include "items.h"

static int runs_on[CPU_SETSIZE];

static void note_cpu(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&runs_on[sched_getcpu()], 1, __ATOMIC_SEQ_CST);
}

static void check_runs(int expected)
{
	int total = 0;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		total += runs_on[cpu];
	check_eq(total, expected * allowed_cpus());
	for (int n = 0; n < allowed_cpus(); n++)
		check_eq(runs_on[allowed_cpu(n)], expected);
}

static void the_function_runs_once_on_every_cpu(void)
{
	memset(runs_on, 0, sizeof(runs_on));
	for (int i = 1; i <= 100; i++) {
		check_eq(WAITING(schedule_on_each_cpu(note_cpu)), 0);
		check_runs(i);
	}
}

static void each_cpu_from_worker(struct work_struct *work)
{
	check_eq(WAITING(schedule_on_each_cpu(note_cpu)), 0);
	item_count(work);
}

static void from_an_item_of_the_global_queue_its_own_cpu_is_served_too(void)
{
	static struct item a;

	memset(runs_on, 0, sizeof(runs_on));
	item_init(&a, NULL, each_cpu_from_worker);
	check(schedule_work(&a.work));
	WAITING(flush_scheduled_work());
	check_eq(item_done(&a), 1);
	check_runs(1);
}

static struct item callers[4];
static struct meeting all_call = MEETING_INITIALIZER(4);

static void meet_and_call(struct work_struct *work)
{
	meet(&all_call);
	each_cpu_from_worker(work);
}

static void items_that_call_at_once_do_not_wait_for_one_another(void)
{
	memset(runs_on, 0, sizeof(runs_on));
	for (int i = 0; i < 4; i++) {
		item_init(&callers[i], NULL, meet_and_call);
		check(schedule_work_on(allowed_cpu(i % allowed_cpus()), &callers[i].work));
	}
	WAITING(flush_scheduled_work());
	check_runs(4);
}

static void call_each_cpu(struct call *c)
{
	c->result = WAITING(schedule_on_each_cpu(note_cpu)) == 0;
}

static void it_does_not_wait_for_strangers_on_the_global_queue(void)
{
	static struct item busy;

	memset(runs_on, 0, sizeof(runs_on));
	item_init(&busy, NULL, item_block);
	check(schedule_work(&busy.work));
	gate_wait_reached(&busy.gate, 1);
	check_eq(WAITING(schedule_on_each_cpu(note_cpu)), 0);
	check_runs(1);
	check_eq(item_done(&busy), 0);
	gate_open(&busy.gate);
	WAITING(flush_scheduled_work());
}

static void callers_at_once_each_get_their_runs(void)
{
	struct call call[8];

	memset(runs_on, 0, sizeof(runs_on));
	for (int i = 0; i < 8; i++)
		call_start(&call[i], call_each_cpu, NULL);
	for (int i = 0; i < 8; i++)
		check(call_join(&call[i]));
	check_runs(8);
}

TEST_MAIN(TEST(the_function_runs_once_on_every_cpu),
	  TEST(from_an_item_of_the_global_queue_its_own_cpu_is_served_too),
	  TEST(items_that_call_at_once_do_not_wait_for_one_another),
	  TEST(it_does_not_wait_for_strangers_on_the_global_queue), TEST(callers_at_once_each_get_their_runs))
