/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keventd_up() is true, as in a kernel that has booted: work may be scheduled.
 * current_is_keventd() says whether the caller is a worker of the global queue. Asked in a
 * fresh process before first use, and from inside and outside of workers.
 */
#include "child.h"
#include "items.h"

static int is_keventd = -1;

static void ask(struct work_struct *work)
{
	is_keventd = current_is_keventd();
	item_count(work);
}

static void before_first_use(void)
{
	int before = nr_threads();

	check_eq(keventd_up(), 1);
	check_eq(current_is_keventd(), 0);
	check_eq(nr_threads(), before); /* asking starts nothing */
	init_workqueues();
	check_eq(keventd_up(), 1);
	check_eq(nr_threads(), before); /* a worker comes with the first item */
}

static void keventd_is_up_before_the_first_use_and_after(void)
{
	passes_in_a_child("before_first_use");
}

static void a_worker_of_the_global_queue_is_keventd(void)
{
	static struct item a;

	for (int n = 0; n < allowed_cpus(); n++) {
		item_init(&a, NULL, ask);
		is_keventd = -1;
		pin_to_cpu(allowed_cpu(n));
		check(schedule_work(&a.work));
		unpin();
		WAITING(flush_scheduled_work());
		check_eq(is_keventd, 1);
	}
	check_eq(keventd_up(), 1);
}

static void ask_elsewhere(struct work_struct *work)
{
	bool second = sched_getcpu() == allowed_cpu(1);

	pin_to_cpu(allowed_cpu(!second));
	ask(work);
	pin_to_cpu(allowed_cpu(second));
}

static void a_worker_of_the_global_queue_is_keventd_on_any_cpu(void)
{
	static struct item a;

	if (!need_two_cpus())
		return;
	item_init(&a, NULL, ask_elsewhere);
	is_keventd = -1;
	check(schedule_work_on(allowed_cpu(0), &a.work));
	WAITING(flush_scheduled_work());
	check_eq(is_keventd, 1);
}

static void other_threads_are_not_keventd(void)
{
	struct workqueue_struct *wq = create_workqueue("other");
	struct item a;

	init_workqueues();
	check_eq(current_is_keventd(), 0);
	is_keventd = -1;
	item_init(&a, wq, ask);
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(is_keventd, 0);
}

TEST_MAIN(TEST(keventd_is_up_before_the_first_use_and_after),
	  TEST(a_worker_of_the_global_queue_is_keventd), TEST(a_worker_of_the_global_queue_is_keventd_on_any_cpu),
	  TEST(other_threads_are_not_keventd),
	  CHILD(before_first_use))
