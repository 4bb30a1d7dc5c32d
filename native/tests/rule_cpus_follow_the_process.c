/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "The library looks by itself ... when a worker finds itself off its CPU, when work is
 * queued from a CPU without a worker" and "one thread that binds itself does not
 * [count]". All threads of the process are bound elsewhere, as taskset -a does.
 */
#include "items.h"
#include "support/delayed.h"
#include "support/process_cpus.h"

static int first, second;

static bool two_cpus(void)
{
	if (!need_two_cpus())
		return false;
	first = allowed_cpu(0);
	second = allowed_cpu(1);
	return true;
}

static void await_online_(int cpu, bool online)
{
	while (wq_cpu_online(cpu) != online)
		sched_yield();
}

#define await_online(cpu, online) WAITING(await_online_(cpu, online))

/* The library may have looked already: how many came or went is not known here. */
static void rescan(void)
{
	check(WAITING(wq_cpu_rescan()) >= 0);
}

static void it_follows_on_request(void)
{
	struct workqueue_struct *wq = create_workqueue("follow");
	struct item a;

	if (two_cpus()) {
		item_init(&a, wq, item_count);
		confine_process_to(first);
		rescan();
		check(!wq_cpu_online(second));
		check_eq(wq_cpu_up(second), -ENODEV);
		check(queue_work(wq, &a.work));
		WAITING(flush_workqueue(wq));
		confine_process_to(-1);
		rescan();
		check(wq_cpu_online(second));
		check(queue_on(second, wq, &a.work));
		WAITING(flush_workqueue(wq));
		check_eq(a.cpu, second);
	}
	destroy_workqueue(wq);
}

/* Queues from @cpu, whatever the process is confined to, until the run or the queueing is noticed. */
static void use_cpu(struct workqueue_struct *wq, int cpu)
{
	struct item a;

	item_init(&a, wq, item_count);
	pin_to_cpu(cpu);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 1);
}

static void it_notices_by_itself_that_a_cpu_has_gone_and_come_back(void)
{
	struct workqueue_struct *wq = create_workqueue("follow");

	if (two_cpus()) {
		WAITING(wq_cpu_rescan());
		confine_process_to(first);
		use_cpu(wq, second); /* its worker runs on the first CPU, and sees that */
		await_online(second, false);
		confine_process_to(-1);
		use_cpu(wq, second); /* another's worker serves us here: we see that */
		await_online(second, true);
		use_cpu(wq, second);
		unpin();
	}
	destroy_workqueue(wq);
}

/* No item runs anywhere: the only sign is the queue. */
static void a_queue_that_is_made_notices_that_a_cpu_has_gone_and_come_back(void)
{
	if (two_cpus()) {
		WAITING(wq_cpu_rescan());
		confine_process_to(first);
		destroy_workqueue(create_workqueue("sees it go"));
		await_online(second, false);
		confine_process_to(-1);
		destroy_workqueue(create_workqueue("sees it come"));
		await_online(second, true);
	}
}

static void workers_bound_elsewhere_by_others_come_back(void)
{
	struct workqueue_struct *wq = create_workqueue("follow");
	struct item a;

	if (two_cpus()) {
		item_init(&a, wq, item_count);
		check(queue_on(second, wq, &a.work));
		WAITING(flush_workqueue(wq));
		confine_process_to(first);
		use_cpu(wq, second);
		confine_process_to(-1); /* workers may run anywhere now */
		WAITING(wq_cpu_rescan());
		for (a.cpu = first; a.cpu != second;) {
			check(queue_on(second, wq, &a.work));
			WAITING(flush_workqueue(wq));
		}
	}
	destroy_workqueue(wq);
}

static void a_thread_that_binds_itself_does_not_count(void)
{
	struct workqueue_struct *wq = create_workqueue("follow");

	if (two_cpus()) {
		pin_to_cpu(first);
		check_eq(WAITING(wq_cpu_rescan()), 0);
		check(wq_cpu_online(second));
		unpin();
	}
	destroy_workqueue(wq);
}

static void delayed_work_of_a_cpu_that_has_gone_runs_elsewhere(void)
{
	struct workqueue_struct *wq = create_workqueue("follow");
	struct delayed_item a;

	if (two_cpus()) {
		delayed_init(&a, wq, delayed_count);
		check(queue_delayed_work_on(second, wq, &a.dwork, 20));
		confine_process_to(first);
		rescan();
		delayed_await(&a, 1);
		check(queue_delayed_work_on(second, wq, &a.dwork, 1));
		delayed_await(&a, 2);
		confine_process_to(-1);
		rescan();
		check(queue_delayed_work_on(second, wq, &a.dwork, 1));
		delayed_await(&a, 3);
		check_eq(a.early, 0);
	}
	destroy_workqueue(wq);
}

static void a_forked_child_has_the_cpus_the_process_had(void)
{
	struct workqueue_struct *wq = create_workqueue("follow");
	int status = -1;

	if (two_cpus()) {
		confine_process_to(first);
		rescan();
		if (fork() == 0) {
			wq = create_workqueue("child");
			_exit(wq && wq_cpu_online(first) && !wq_cpu_online(second) &&
					      wq_cpu_rescan() == 0 && !wq_cpu_online(second)
				      ? 0
				      : 1);
		}
		WAITING(wait(&status));
		check_eq(status, 0);
		confine_process_to(-1);
		rescan();
	}
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(it_follows_on_request), TEST(it_notices_by_itself_that_a_cpu_has_gone_and_come_back),
	  TEST(a_queue_that_is_made_notices_that_a_cpu_has_gone_and_come_back),
	  TEST(workers_bound_elsewhere_by_others_come_back),
	  TEST(a_thread_that_binds_itself_does_not_count),
	  TEST(delayed_work_of_a_cpu_that_has_gone_runs_elsewhere),
	  TEST(a_forked_child_has_the_cpus_the_process_had))
