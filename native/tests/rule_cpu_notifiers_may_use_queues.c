/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "The function may create, destroy, flush and queue. It may not call wq_cpu_up() and
 * its kin or register_cpu_notifier() and its." Blocks do so at every step.
 */
#include "items.h"
#include "support/watcher.h"

#include <linux/workqueue.h>

/* Before the workqueues a dead CPU's items may still wait; behind them they have run. */
static struct item left;
static int done_before, done_behind;

static void look_at_left(struct watcher *w, unsigned long code, int cpu)
{
	(void)cpu;
	if (code != CPU_DEAD)
		return;
	if (w == &a) {
		done_before = item_done(&left);
		gate_open(&left.gate);
	} else {
		done_behind = item_done(&left);
	}
}

static void a_dead_cpus_items_have_run_behind_the_workqueues(void)
{
	struct workqueue_struct *wq;

	if (!three_watch())
		return;
	wq = create_workqueue("served");
	a.also = b.also = look_at_left;
	item_init(&left, wq, item_block);
	check(queue_on(second, wq, &left.work));
	gate_wait_reached(&left.gate, 1);
	check_eq(WAITING(wq_cpu_down(second)), 0);
	check_eq(done_before, 0);
	check_eq(done_behind, 1);
	check_eq(WAITING(wq_cpu_up(second)), 0);
	nobody_watches();
	destroy_workqueue(wq);
}

static void use_queues(struct watcher *w, unsigned long code, int cpu)
{
	struct workqueue_struct *wq;
	struct item item;

	(void)cpu;
	if (code == CPU_DYING)
		return;
	get_online_cpus(); /* returns at once, and nests */
	wq = create_workqueue("inner");
	item_init(&item, wq, item_count);
	check(queue_work(wq, &item.work));
	check(queue_work(w->wq, &left.work));
	WAITING(flush_workqueue(wq));
	WAITING(flush_workqueue(w->wq));
	put_online_cpus();
	check_eq(item_runs(&item), 1);
	destroy_workqueue(wq);
	w->nr_also++;
}

static void they_may_create_destroy_flush_and_queue(void)
{
	struct workqueue_struct *wq;

	if (!three_watch())
		return;
	wq = create_workqueue("served");
	a.wq = b.wq = c.wq = wq;
	a.also = b.also = c.also = use_queues;
	item_init(&left, wq, item_count);
	for (int i = 0; i < 5; i++) {
		check_eq(WAITING(wq_cpu_down(second)), 0);
		check_eq(WAITING(wq_cpu_up(second)), 0);
	}
	check_eq(a.nr_also + b.nr_also + c.nr_also, 5 * 3 * 4);
	check_eq(item_runs(&left), 5 * 3 * 4);
	nobody_watches();
	destroy_workqueue(wq);
}

static struct workqueue_struct *made;

static void make_a_queue(struct watcher *w, unsigned long code, int cpu)
{
	(void)w;
	(void)cpu;
	if (code == CPU_UP_PREPARE)
		made = create_workqueue("made");
}

/* Behind the workqueues' own step, and before the CPU is online. */
static void a_queue_made_by_a_notifier_has_a_worker_there(void)
{
	struct item item;

	if (!three_watch())
		return;
	c.also = make_a_queue;
	check_eq(WAITING(wq_cpu_down(second)), 0);
	check_eq(WAITING(wq_cpu_up(second)), 0);
	item_init(&item, made, item_count);
	check(queue_on(second, made, &item.work));
	WAITING(flush_workqueue(made));
	check_eq(item.cpu, second);
	destroy_workqueue(made);
	nobody_watches();
}

static void call_all(struct watcher *w, unsigned long code, int cpu)
{
	check_eq(wq_cpu_up(cpu), -EDEADLK);
	check_eq(wq_cpu_down(cpu), -EDEADLK);
	check_eq(wq_cpu_rescan(), -EDEADLK);
	check_eq(register_cpu_notifier(&w->nb), -EDEADLK);
	check_eq(unregister_cpu_notifier(&w->nb), -EDEADLK);
	if (code != CPU_DYING)
		put_online_cpus(); /* it has not got them */
}

static void they_may_not_take_cpus_nor_register(void)
{
	if (!three_watch())
		return;
	b.also = call_all;
	check_eq(WAITING(wq_cpu_down(second)), 0);
	check_eq(WAITING(wq_cpu_up(second)), 0);
	check_eq(expect_report("put_online_cpus() without get_online_cpus()"), 4);
	nobody_watches();
}

TEST_MAIN(TEST(a_dead_cpus_items_have_run_behind_the_workqueues),
	  TEST(they_may_create_destroy_flush_and_queue),
	  TEST(a_queue_made_by_a_notifier_has_a_worker_there),
	  TEST(they_may_not_take_cpus_nor_register))
