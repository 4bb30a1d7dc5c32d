/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When threads cannot be started, calls that start them fail with EAGAIN, leave no thread
 * behind and work once there is room again; items of system queues stay until then. Fresh processes change to a user of their
 * own and set RLIMIT_NPROC; needs root.
 */
#include "child.h"
#include "items.h"
#include "support/limit_threads.h"

static void check_create_fails(struct workqueue_struct *(*create)(const char *))
{
	int before = nr_threads();

	errno = 0;
	check(create("limited") == NULL);
	check_eq(errno, EAGAIN);
	check(nr_threads_becomes(before));
	allow_report("failed");
}

static void create_without_room(void)
{
	struct workqueue_struct *wq;
	struct item a;

	if (!become_limited(0))
		return;
	for (int i = 0; i < 20; i++) {
		check_create_fails(create_workqueue);
		check_create_fails(create_singlethread_workqueue);
	}
	check(allow_threads(-1));
	wq = create_workqueue("room");
	if (!check(wq != NULL))
		return;
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
}

static void create_with_room_for_one(void)
{
	if (!need_two_cpus() || !become_limited(1))
		return;
	for (int i = 0; i < 20; i++)
		check_create_fails(create_workqueue);
	check(create_singlethread_workqueue("one") != NULL);
}

static void note(struct work_struct *work)
{
	(void)work;
}

static void global_queue_without_room(void)
{
	static struct execute_work ew;
	struct item a;

	if (!become_limited(0))
		return;
	item_init(&a, NULL, item_count);
	check(schedule_work(&a.work));
	wq_interrupt_enter();
	check_eq(execute_in_process_context(note, &ew), 1);
	wq_interrupt_exit();
	check(work_pending(&a.work));
	allow_report("");
	check(allow_threads(-1));
	WAITING(flush_scheduled_work());
	check_eq(item_runs(&a), 1);
	check_eq(schedule_on_each_cpu(note), 0);
	check_eq(keventd_up(), 1);
}

static void create_fails_with_eagain_and_works_later(void)
{
	run_limited("create_without_room");
}

static void a_queue_half_started_leaves_no_thread_behind(void)
{
	run_limited("create_with_room_for_one");
}

static void an_item_of_the_global_queue_stays_until_there_is_a_thread(void)
{
	run_limited("global_queue_without_room");
}

TEST_MAIN(TEST(create_fails_with_eagain_and_works_later),
	  TEST(a_queue_half_started_leaves_no_thread_behind),
	  TEST(an_item_of_the_global_queue_stays_until_there_is_a_thread), CHILD(create_without_room),
	  CHILD(create_with_room_for_one), CHILD(global_queue_without_room))
