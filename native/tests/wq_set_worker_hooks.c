/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wq_set_worker_hooks(): start runs on each new worker before its first item,
 * stop after its last. The hooks set a thread-local variable that items read.
 */
#include "items.h"

static __thread int mine;
static int starts, stops, other_stops, seen;

static void on_start(void)
{
	mine = 42;
	__atomic_fetch_add(&starts, 1, __ATOMIC_SEQ_CST);
}

static void on_stop(void)
{
	check_eq(mine, 43);
	__atomic_fetch_add(&stops, 1, __ATOMIC_SEQ_CST);
}

static void on_stop_bare(void)
{
	__atomic_fetch_add(&stops, 1, __ATOMIC_SEQ_CST);
}

static void on_other_stop(void)
{
	__atomic_fetch_add(&other_stops, 1, __ATOMIC_SEQ_CST);
}

static void see(struct work_struct *work)
{
	seen = mine++;
	item_count(work);
}

static void reset(void)
{
	init_workqueues(); /* its workers are not to meet our hooks */
	starts = stops = other_stops = seen = 0;
}

static void start_runs_before_the_first_item_and_stop_after_the_last(void)
{
	struct workqueue_struct *wq;
	struct item a;

	reset();
	wq_set_worker_hooks(on_start, on_stop);
	wq = create_singlethread_workqueue("hooked");
	wq_set_worker_hooks(NULL, NULL);
	item_init(&a, wq, see);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(seen, 42);
	check_eq(starts, 1);
	check_eq(stops, 0);
	destroy_workqueue(wq);
	check_eq(stops, 1);
}

static void the_hooks_run_once_on_every_worker(void)
{
	struct workqueue_struct *wq;

	reset();
	wq_set_worker_hooks(on_start, on_stop_bare);
	wq = create_workqueue("hooked");
	wq_set_worker_hooks(NULL, NULL);
	destroy_workqueue(wq);
	check_eq(starts, allowed_cpus());
	check_eq(stops, allowed_cpus());
}

static void workers_started_earlier_keep_their_hooks(void)
{
	struct workqueue_struct *plain, *wq;
	struct item a;

	reset();
	plain = create_singlethread_workqueue("plain");
	wq_set_worker_hooks(on_start, on_stop_bare);
	wq = create_singlethread_workqueue("hooked");
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq)); /* the worker has started */
	wq_set_worker_hooks(NULL, on_other_stop);
	destroy_workqueue(plain);
	check_eq(stops + other_stops, 0);
	destroy_workqueue(wq);
	check_eq(stops, 1);
	check_eq(other_stops, 0);
	wq_set_worker_hooks(NULL, NULL);
}

static void without_hooks_nothing_is_called(void)
{
	reset();
	wq_set_worker_hooks(on_start, on_stop);
	wq_set_worker_hooks(NULL, NULL);
	destroy_workqueue(create_workqueue("hooked"));
	check_eq(starts + stops, 0);
}

TEST_MAIN(TEST(start_runs_before_the_first_item_and_stop_after_the_last),
	  TEST(the_hooks_run_once_on_every_worker), TEST(workers_started_earlier_keep_their_hooks),
	  TEST(without_hooks_nothing_is_called))
