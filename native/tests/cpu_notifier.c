/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who registers is told of CPUs that come and go, in the kernel's order and codes, and
 * may say no. What was told is compared as text: "a3" is block a, code 3.
 */
#include "items.h"
#include "support/watcher.h"

#include <linux/workqueue.h>

static void they_are_told_of_each_step_by_priority(void)
{
	if (!three_watch())
		return;
	check_eq(WAITING(cpu_down((unsigned int)second)), 0);
	check(was_told("a5 b5 c5 a8 b8 c8 a7 b7 c7 "));
	check_eq(WAITING(cpu_down((unsigned int)second)), 0);
	check(was_told("")); /* it was offline */
	check_eq(WAITING(cpu_up((unsigned int)second)), 0);
	check(was_told("a3 b3 c3 a2 b2 c2 "));
	nobody_watches();
	check_eq(WAITING(wq_cpu_down(second)), 0);
	check_eq(WAITING(wq_cpu_up(second)), 0);
	check(was_told(""));
}

static void those_of_one_priority_are_told_in_the_order_they_came(void)
{
	struct watcher x, y, z;

	if (!two_cpus())
		return;
	watcher_init(&x, 'x', 5);
	watcher_init(&y, 'y', 5);
	watcher_init(&z, 'z', 5);
	check_eq(register_cpu_notifier(&y.nb), 0);
	check_eq(register_cpu_notifier(&x.nb), 0);
	check_eq(register_cpu_notifier(&z.nb), 0);
	check_eq(unregister_cpu_notifier(&x.nb), 0);
	check_eq(register_cpu_notifier(&x.nb), 0);
	check_eq(WAITING(wq_cpu_down(second)), 0);
	check(was_told("y5 z5 x5 y8 z8 x8 y7 z7 x7 "));
	check_eq(WAITING(wq_cpu_up(second)), 0);
	check_eq(unregister_cpu_notifier(&x.nb), 0);
	check_eq(unregister_cpu_notifier(&y.nb), 0);
	check_eq(unregister_cpu_notifier(&z.nb), 0);
}

static void whoever_says_no_keeps_a_cpu_offline(void)
{
	struct workqueue_struct *wq;
	int threads;

	if (!three_watch())
		return;
	wq = create_workqueue("served");
	check_eq(WAITING(wq_cpu_down(second)), 0);
	threads = nr_threads();
	told[0] = 0;
	b.refuses = CPU_UP_PREPARE;
	b.answer = NOTIFY_BAD;
	check_eq(WAITING(wq_cpu_up(second)), -EINVAL);
	check(was_told_once_or_more("a3 b3 a4 "));
	check(!wq_cpu_online(second));
	check(nr_threads_becomes(threads)); /* the workers that had been started have ended */
	b.answer = notifier_from_errno(-ENOSPC);
	check_eq(WAITING(wq_cpu_up(second)), -ENOSPC);
	check_eq(WAITING(wq_cpu_rescan()), -ENOSPC);
	check(!wq_cpu_online(second));
	b.refuses = 0;
	check_eq(WAITING(wq_cpu_up(second)), 0);
	destroy_workqueue(wq);
	nobody_watches();
}

static void whoever_says_no_keeps_a_cpu_online(void)
{
	if (!three_watch())
		return;
	b.refuses = CPU_DOWN_PREPARE;
	b.answer = NOTIFY_BAD;
	check_eq(WAITING(wq_cpu_down(second)), -EINVAL);
	check(was_told("a5 b5 a6 "));
	check(wq_cpu_online(second));
	check_eq(WAITING(wq_cpu_rescan()), 0); /* the request is forgotten */
	check(was_told(""));
	b.answer = notifier_from_errno(-EBUSY);
	check_eq(WAITING(wq_cpu_down(second)), -EBUSY);
	nobody_watches();
}

static void no_answer_to_what_has_happened_changes_it(void)
{
	if (!three_watch())
		return;
	a.refuses = CPU_DEAD;
	a.answer = NOTIFY_BAD;
	check_eq(WAITING(wq_cpu_down(second)), 0);
	check(was_told("a5 b5 c5 a8 b8 c8 a7 ")); /* but the others are not told */
	a.refuses = CPU_ONLINE;
	check_eq(WAITING(wq_cpu_up(second)), 0);
	check(was_told("a3 b3 c3 a2 "));
	nobody_watches();
}

/* NOTIFY_STOP ahead of the workqueues: their part is done all the same. */
static void who_stops_the_telling_does_not_stop_the_workers(void)
{
	struct workqueue_struct *wq;
	struct item item;
	int threads;

	if (!three_watch())
		return;
	wq = create_workqueue("served");
	threads = nr_threads();
	a.refuses = CPU_DEAD;
	a.answer = NOTIFY_STOP;
	check_eq(WAITING(wq_cpu_down(second)), 0);
	check(nr_threads_becomes(threads - 1));
	a.refuses = CPU_UP_PREPARE;
	told[0] = 0;
	check_eq(WAITING(wq_cpu_up(second)), 0);
	check(was_told("a3 a2 b2 c2 "));
	item_init(&item, wq, item_count);
	check(queue_on(second, wq, &item.work));
	WAITING(flush_workqueue(wq));
	check_eq(item.cpu, second);
	destroy_workqueue(wq);
	nobody_watches();
}

static void bad_blocks_are_refused(void)
{
	struct watcher w;

	watcher_init(&w, 'w', 0);
	check_eq(register_cpu_notifier(NULL), -EINVAL);
	check_eq(unregister_cpu_notifier(NULL), -EINVAL);
	check_eq(unregister_cpu_notifier(&w.nb), -ENOENT);
	check_eq(register_cpu_notifier(&w.nb), 0);
	check_eq(register_cpu_notifier(&w.nb), -EEXIST);
	check_eq(unregister_cpu_notifier(&w.nb), 0);
	check_eq(unregister_cpu_notifier(&w.nb), -ENOENT);
	w.nb.notifier_call = NULL;
	check_eq(register_cpu_notifier(&w.nb), -EINVAL);
}

static void a_refusal_to_lose_a_lost_cpu_is_ignored(void)
{
	cpu_set_t rest, all;

	if (!three_watch())
		return;
	a.refuses = CPU_DOWN_PREPARE;
	a.answer = NOTIFY_BAD;
	sched_getaffinity(0, sizeof(all), &all);
	rest = all;
	CPU_CLR(second, &rest);
	/* All of the process's threads, as taskset -a has it. */
	for (int pass = 0; pass < 2; pass++) {
		DIR *tasks = opendir("/proc/self/task");
		struct dirent *entry;

		while (tasks && (entry = readdir(tasks)))
			if (atoi(entry->d_name))
				sched_setaffinity(atoi(entry->d_name), sizeof(all),
						  pass ? &all : &rest);
		if (tasks)
			closedir(tasks);
		WAITING(wq_cpu_rescan());
		check_eq(wq_cpu_online(second), pass);
		check(was_told(pass ? "a3 b3 c3 a2 b2 c2 " : "a5 b5 c5 a8 b8 c8 a7 b7 c7 "));
	}
	nobody_watches();
}

/* The kernel's idiom: a switch on the code without the bit. */
static void the_frozen_forms_are_the_codes_with_a_bit(void)
{
	const unsigned long codes[] = { CPU_ONLINE, CPU_UP_PREPARE, CPU_UP_CANCELED,
					CPU_DOWN_PREPARE, CPU_DOWN_FAILED, CPU_DEAD, CPU_DYING };
	const unsigned long frozen[] = { CPU_ONLINE_FROZEN, CPU_UP_PREPARE_FROZEN,
					 CPU_UP_CANCELED_FROZEN, CPU_DOWN_PREPARE_FROZEN,
					 CPU_DOWN_FAILED_FROZEN, CPU_DEAD_FROZEN,
					 CPU_DYING_FROZEN };
	const unsigned long numbers[] = { 2, 3, 4, 5, 6, 7, 8 };

	for (int i = 0; i < 7; i++) {
		check_eq(codes[i], numbers[i]);
		check(frozen[i] != codes[i] && (frozen[i] & ~CPU_TASKS_FROZEN) == codes[i]);
	}
}

TEST_MAIN(TEST(they_are_told_of_each_step_by_priority),
	  TEST(those_of_one_priority_are_told_in_the_order_they_came),
	  TEST(whoever_says_no_keeps_a_cpu_offline), TEST(whoever_says_no_keeps_a_cpu_online),
	  TEST(no_answer_to_what_has_happened_changes_it),
	  TEST(who_stops_the_telling_does_not_stop_the_workers), TEST(bad_blocks_are_refused),
	  TEST(a_refusal_to_lose_a_lost_cpu_is_ignored),
	  TEST(the_frozen_forms_are_the_codes_with_a_bit))
