/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wq_running_works() lists the item that each worker is at: not those that wait, of
 * nested runs the innermost, and an item twice if two workers are at it.
 */
#include "items.h"

enum { ROOM = 8 };

static int nr_listed(const struct work_struct *work)
{
	struct work_struct *works[ROOM];
	int nr = wq_running_works(works, ROOM), listed = 0;

	check(nr >= 0 && nr <= ROOM);
	for (int i = 0; i < nr; i++)
		listed += works[i] == work;
	return listed;
}

static void an_item_is_listed_while_its_function_runs(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("running");
	struct item running, waiting;

	check_eq(wq_running_works(NULL, 0), 0);
	plug(wq, &running);
	item_init(&waiting, wq, item_count);
	check(queue_work(wq, &waiting.work));
	check_eq(wq_running_works(NULL, 0), 1);
	check_eq(nr_listed(&running.work), 1);
	check_eq(nr_listed(&waiting.work), 0);
	gate_open(&running.gate);
	WAITING(flush_workqueue(wq));
	check_eq(nr_listed(&running.work), 0);
	destroy_workqueue(wq);
	check_eq(wq_running_works(NULL, 0), 0);
}

static void the_workers_of_all_queues_are_looked_at(void)
{
	struct workqueue_struct *wq[3];
	struct item item[3];
	struct work_struct *works[3] = { NULL, NULL, NULL };

	for (int i = 0; i < 3; i++) {
		wq[i] = create_singlethread_workqueue("running");
		plug(wq[i], &item[i]);
	}
	check_eq(wq_running_works(works, 2), 3); /* more than fit, and none beyond the room */
	check(works[0] && works[1] && !works[2]);
	for (int i = 0; i < 3; i++) {
		check_eq(nr_listed(&item[i].work), 1);
		gate_open(&item[i].gate);
		destroy_workqueue(wq[i]);
	}
}

static void an_item_that_two_workers_are_at_is_listed_twice(void)
{
	struct workqueue_struct *one = create_singlethread_workqueue("running");
	struct workqueue_struct *other = create_singlethread_workqueue("running");
	struct item a;

	plug(one, &a);
	check(queue_work(other, &a.work));
	gate_wait_reached(&a.gate, 2);
	check_eq(nr_listed(&a.work), 2);
	gate_open(&a.gate);
	destroy_workqueue(other);
	destroy_workqueue(one);
	check_eq(nr_listed(&a.work), 0);
}

static void flush_inside(struct work_struct *work)
{
	struct item *i = item_of(work);

	gate_wait(&i->gate);
	WAITING(flush_workqueue(i->wq));
	check_eq(nr_listed(work), 1); /* and is itself again */
	item_finished(i);
}

static void of_nested_runs_the_innermost_is_listed(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("running");
	struct item outer, inner;

	item_init(&outer, wq, flush_inside);
	item_init(&inner, wq, item_block);
	check(queue_work(wq, &outer.work));
	gate_wait_reached(&outer.gate, 1);
	check(queue_work(wq, &inner.work));
	gate_open(&outer.gate);
	gate_wait_reached(&inner.gate, 1);
	check_eq(nr_listed(&inner.work), 1);
	check_eq(nr_listed(&outer.work), 0);
	gate_open(&inner.gate);
	item_await_done(&outer, 1);
	destroy_workqueue(wq);
}

static void bad_arguments_are_refused(void)
{
	struct work_struct *work;

	errno = 0;
	check_eq(wq_running_works(NULL, 1), -1);
	check_eq(errno, EINVAL);
	errno = 0;
	check_eq(wq_running_works(&work, -1), -1);
	check_eq(errno, EINVAL);
}

TEST_MAIN(TEST(an_item_is_listed_while_its_function_runs), TEST(the_workers_of_all_queues_are_looked_at),
	  TEST(an_item_that_two_workers_are_at_is_listed_twice), TEST(of_nested_runs_the_innermost_is_listed),
	  TEST(bad_arguments_are_refused))
