/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * enum wq_flags and the limits beside it: their numbers, how many items run at once, what is
 * clamped, and the flags that are accepted and change nothing.
 */
#include "items.h"

_Static_assert(WQ_BH == 1 && WQ_UNBOUND == 2 && WQ_FREEZABLE == 4 && WQ_MEM_RECLAIM == 8 && WQ_HIGHPRI == 16 &&
		       WQ_CPU_INTENSIVE == 32 && WQ_SYSFS == 64 && WQ_POWER_EFFICIENT == 128 && WQ_PERCPU == 256,
	       "the kernel's flags");
_Static_assert(WQ_MAX_ACTIVE == 2048 && WQ_UNBOUND_MAX_ACTIVE == 2048 && WQ_DFL_ACTIVE == 1024 && WQ_DFL_MIN_ACTIVE == 8,
	       "the kernel's limits");

static const unsigned int kinds[] = { 0, WQ_UNBOUND, WQ_HIGHPRI };
enum { NR_KINDS = sizeof(kinds) / sizeof(kinds[0]), MOST = WQ_MAX_ACTIVE };

/* ---- How many run ------------------------------------------------------------ */

static struct item items[MOST], one_more;
static struct gate gate;

static void *stand(void *unused)
{
	(void)unused;
	gate_stand(&gate);
	return NULL;
}

/* Each item that waits has a thread: are there so many to be had? */
static bool can_have_threads(int nr)
{
	static pthread_t threads[MOST];
	int n = 0;

	gate_init(&gate);
	while (n < nr && pthread_create(&threads[n], NULL, stand, NULL) == 0)
		n++;
	gate_open(&gate);
	for (int i = 0; i < n; i++)
		join_thread(threads[i]);
	return n == nr;
}

/* It tells that it waits, so that the next one need not wait for a look. */
static void tell_and_stand(struct work_struct *work)
{
	wq_blocking_begin();
	gate_stand(&gate);
	wq_blocking_end();
	item_count(work);
}

/* An item of another queue has begun behind them, so all that may run have begun. */
static void let_others_begin(unsigned int kind)
{
	struct workqueue_struct *beside = alloc_workqueue("beside", kind, 0);
	struct item last;

	item_init(&last, beside, item_count);
	check(queue_work(beside, &last.work));
	item_await_done(&last, 1);
	destroy_workqueue(beside);
}

static void so_many_run_at_once(unsigned int kind, int max_active, int nr)
{
	struct workqueue_struct *wq = alloc_workqueue("wide", kind, max_active);

	pin_to_cpu(allowed_cpu(0));
	gate_init(&gate);
	for (int i = 0; i < nr; i++) {
		item_init(&items[i], wq, tell_and_stand);
		check(queue_work(wq, &items[i].work));
	}
	item_init(&one_more, wq, item_count);
	gate_wait_reached(&gate, nr);
	check(!workqueue_congested(WORK_CPU_UNBOUND, wq));
	check(queue_work(wq, &one_more.work));
	let_others_begin(kind);
	check_eq(item_runs(&one_more), 0);
	check(workqueue_congested(WORK_CPU_UNBOUND, wq));
	gate_open(&gate);
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&one_more), 1);
	unpin();
	destroy_workqueue(wq);
}

static void run_so_many(int max_active, int nr)
{
	if (test_slow() || !can_have_threads(MOST)) {
		skip("not enough threads");
		return;
	}
	for (int k = 0; k < NR_KINDS; k++)
		so_many_run_at_once(kinds[k], max_active, nr);
}

static void without_a_number_it_is_wq_dfl_active(void)
{
	run_so_many(0, WQ_DFL_ACTIVE);
}

static void more_than_wq_max_active_never_run_at_once(void)
{
	run_so_many(WQ_MAX_ACTIVE + 1, WQ_MAX_ACTIVE);
	if (!test_state.skipped)
		check_eq(expect_report("max_active 2049 requested for wide is out of range"), NR_KINDS);
}

/* ---- What is said -------------------------------------------------------------- */

static void limits_within_the_range_are_taken_without_a_word(void)
{
	static const int limits[] = { 0, 1, WQ_DFL_MIN_ACTIVE, WQ_DFL_ACTIVE, WQ_MAX_ACTIVE };

	for (int k = 0; k < NR_KINDS; k++)
		for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
			struct workqueue_struct *wq = alloc_workqueue("taken", kinds[k], limits[i]);

			check(wq != NULL);
			workqueue_set_max_active(wq, limits[i] ? limits[i] : 1);
			destroy_workqueue(wq);
		}
	destroy_workqueue(alloc_workqueue("taken", WQ_UNBOUND, WQ_UNBOUND_MAX_ACTIVE));
}

static void others_are_clamped_and_said(void)
{
	for (int k = 0; k < NR_KINDS; k++) {
		destroy_workqueue(alloc_workqueue("over-%d", kinds[k], WQ_MAX_ACTIVE + 1, k));
		destroy_workqueue(alloc_workqueue("under-%d", kinds[k], -1, k));
	}
	destroy_workqueue(alloc_workqueue("over-all", WQ_UNBOUND, WQ_UNBOUND_MAX_ACTIVE + 1));
	check_eq(expect_report("workqueue: max_active 2049 requested for over-"), NR_KINDS + 1);
	check_eq(expect_report("workqueue: max_active -1 requested for under-"), NR_KINDS);
	check_eq(reported(" is out of range, clamping between 1 and 2048"), 2 * NR_KINDS + 1);
}

/* ---- Flags that change nothing ---------------------------------------------------- */

struct run {
	struct work_struct work;
	int cpu, nr_cpus;
	char name[16];
};

static void look_around(struct work_struct *work)
{
	struct run *run = container_of(work, struct run, work);
	cpu_set_t cpus;

	run->cpu = sched_getcpu();
	sched_getaffinity(0, sizeof(cpus), &cpus);
	run->nr_cpus = CPU_COUNT(&cpus);
	pthread_getname_np(pthread_self(), run->name, sizeof(run->name));
}

static struct run run_on(unsigned int flags, int cpu)
{
	struct workqueue_struct *wq = alloc_workqueue("silent", flags, 0);
	struct run run = { .cpu = -1 };

	check(wq != NULL);
	INIT_WORK(&run.work, look_around);
	check(queue_on(cpu, wq, &run.work));
	WAITING(flush_workqueue(wq));
	destroy_workqueue(wq);
	return run;
}

/* The same worker runs it as without them, so it is of the same pool. */
static void wq_sysfs_and_wq_power_efficient_change_nothing(void)
{
	static const unsigned int flags[] = { WQ_SYSFS, WQ_POWER_EFFICIENT, WQ_SYSFS | WQ_POWER_EFFICIENT };

	for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++)
		for (int n = 0; n < allowed_cpus(); n++) {
			int cpu = allowed_cpu(n);

			for (int k = 0; k < NR_KINDS; k++) {
				struct run without = run_on(kinds[k], cpu), with = run_on(kinds[k] | flags[f], cpu);

				check_eq(with.nr_cpus, without.nr_cpus);
				if (kinds[k] == WQ_UNBOUND)
					continue; /* on any CPU, by any of its workers */
				check_eq(with.cpu, cpu);
				check_eq(strcmp(with.name, without.name), 0);
			}
		}
}

TEST_MAIN(TEST(without_a_number_it_is_wq_dfl_active), TEST(more_than_wq_max_active_never_run_at_once),
	  TEST(limits_within_the_range_are_taken_without_a_word), TEST(others_are_clamped_and_said),
	  TEST(wq_sysfs_and_wq_power_efficient_change_nothing))
