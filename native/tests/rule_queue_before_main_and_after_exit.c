/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Every call may be made from constructors and atexit handlers." A constructor
 * queues before main; a fresh process queues in its exit handlers, or ends while
 * a worker is busy.
 */
#include "child.h"
#include "items.h"

static int constructor_runs;

static void count_constructor(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&constructor_runs, 1, __ATOMIC_SEQ_CST);
}

static DECLARE_WORK(constructor_work, count_constructor);
static DECLARE_WORK(constructor_global_work, count_constructor);

__attribute__((constructor)) static void queue_before_main(void)
{
	struct workqueue_struct *wq = create_workqueue("ctor");

	queue_work(wq, &constructor_work);
	schedule_work(&constructor_global_work);
	destroy_workqueue(wq);
}

static void a_constructor_may_create_queue_and_destroy(void)
{
	WAITING(flush_scheduled_work());
	check_eq(constructor_runs, 2);
}

static struct workqueue_struct *exit_wq;

static void at_exit(void)
{
	struct item a, b;

	item_init(&a, NULL, item_count);
	item_init(&b, NULL, item_count);
	queue_work(exit_wq, &a.work);
	schedule_work(&b.work);
	flush_workqueue(exit_wq);
	flush_scheduled_work();
	destroy_workqueue(exit_wq);
	printf("exit handler: %d runs\n", item_runs(&a) + item_runs(&b));
}

static void exits_with_a_handler(void)
{
	exit_wq = create_workqueue("exit");
	atexit(at_exit);
}

static bool destructor_wanted;

__attribute__((destructor)) static void queue_in_destructor(void)
{
	if (destructor_wanted)
		at_exit();
}

static void exits_with_a_destructor(void)
{
	exit_wq = create_workqueue("exit");
	destructor_wanted = true;
}

static struct item busy_item;

static void exits_with_a_busy_worker(void)
{
	plug(create_workqueue("exit"), &busy_item);
}

static void check_child(const char *name, const char *expected)
{
	char out[4096];
	int status = run_child(name, out, sizeof(out));

	if (!check_eq(status, 0) || !check(strstr(out, expected) != NULL))
		printf("%s", out);
}

static void an_exit_handler_may_queue_flush_and_destroy(void)
{
	check_child("exits_with_a_handler", "exit handler: 2 runs");
}

static void a_destructor_may_queue_flush_and_destroy(void)
{
	check_child("exits_with_a_destructor", "exit handler: 2 runs");
}

static void a_process_may_end_while_a_worker_is_busy(void)
{
	check_child("exits_with_a_busy_worker", "1 passed");
}

TEST_MAIN(TEST(a_constructor_may_create_queue_and_destroy),
	  TEST(an_exit_handler_may_queue_flush_and_destroy),
	  TEST(a_destructor_may_queue_flush_and_destroy),
	  TEST(a_process_may_end_while_a_worker_is_busy), CHILD(exits_with_a_handler),
	  CHILD(exits_with_a_destructor), CHILD(exits_with_a_busy_worker))
