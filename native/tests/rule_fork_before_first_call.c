/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program that links the library and forks before its first call works in
 * parent and child: start-up is lazy. The fork happens in a constructor, before
 * the test frame makes its first call.
 */
#include "items.h"

static int child_status = -1;
static int threads_before_fork;

static int work_in_child(void)
{
	static struct item items[100];
	struct workqueue_struct *wq = create_workqueue("fork");
	int runs = 0;

	for (int i = 0; i < 100; i++) {
		item_init(&items[i], wq, item_count);
		queue_work(wq, &items[i].work);
	}
	flush_workqueue(wq);
	for (int i = 0; i < 100; i++)
		runs += item_runs(&items[i]);
	destroy_workqueue(wq);
	return runs == 100 ? 0 : 1;
}

__attribute__((constructor)) static void fork_before_the_first_call(void)
{
	pid_t pid;

	threads_before_fork = nr_threads();
	pid = fork();
	if (pid == 0) {
		alarm(test_slow() ? 600 : TEST_SECONDS); /* no watchdog in here */
		_exit(work_in_child());
	}
	if (pid > 0)
		waitpid(pid, &child_status, 0);
}

static void nothing_runs_before_the_first_call(void)
{
	check_eq(threads_before_fork, 1);
}

static void the_child_runs_its_work(void)
{
	check_eq(child_status, 0);
}

static void the_parent_runs_its_work(void)
{
	check_eq(work_in_child(), 0);
}

TEST_MAIN(TEST(nothing_runs_before_the_first_call), TEST(the_child_runs_its_work),
	  TEST(the_parent_runs_its_work))
