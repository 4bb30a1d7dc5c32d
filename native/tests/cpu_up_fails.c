/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "If one of a CPU's workers cannot be started ("workqueue [name] for N failed"), the
 * CPU stays offline." A fresh process that may start no more threads tries, then may again.
 */
#include "child.h"
#include "items.h"
#include "support/limit_threads.h"

static int second;

static void cpu_up_without_room(void)
{
	struct workqueue_struct *a, *b;
	struct item item;
	int threads;

	if (!need_two_cpus())
		return;
	second = allowed_cpu(1);
	a = create_workqueue("first");
	b = create_workqueue("second");
	check_eq(WAITING(wq_cpu_down(second)), 0);
	threads = nr_threads();
	if (!become_limited(1)) /* one of the two workers */
		return;
	for (int i = 0; i < 10; i++) {
		check_eq(WAITING(wq_cpu_up(second)), -EAGAIN);
		check(!wq_cpu_online(second));
		check(nr_threads_becomes(threads));
	}
	check(expect_report("workqueue [first] for ") >= 1); /* the newer queue is served first */
	item_init(&item, a, item_count);
	pin_to_cpu(second);
	check(queue_work(a, &item.work));
	WAITING(flush_workqueue(a));
	check_eq(item_runs(&item), 1);
	check(item.cpu != second);
	check(allow_threads(-1));
	check_eq(WAITING(wq_cpu_up(second)), 0);
	check_eq(nr_threads(), threads + 2);
	check(queue_work(a, &item.work));
	WAITING(flush_workqueue(a));
	check_eq(item.cpu, second);
	destroy_workqueue(a);
	destroy_workqueue(b);
}

static void a_cpu_whose_workers_cannot_be_started_stays_offline_until_they_can(void)
{
	run_limited("cpu_up_without_room");
}

TEST_MAIN(TEST(a_cpu_whose_workers_cannot_be_started_stays_offline_until_they_can),
	  CHILD(cpu_up_without_room))
