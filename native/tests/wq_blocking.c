/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wq_blocking_begin() and wq_blocking_end(), and the waits of linux/ that make these
 * calls: an item that waits lets the next one of its CPU begin. The thread that would find
 * out by looking is held in a timer's function meanwhile, so nothing begins by that.
 */
#include "items.h"
#include "support/aim.h"
#include "support/looks.h"

#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/wait.h>

static struct workqueue_struct *wq;

/* From here on nobody looks whether the items of the first CPU go on. */
static void hold_looks(void)
{
	looks_hold(allowed_cpu(0));
	pin_to_cpu(allowed_cpu(0));
	wq = alloc_workqueue("blocking", 0, 2);
}

static void let_look(void)
{
	looks_release();
	WAITING(destroy_workqueue(wq));
	unpin();
}

/* ---- An item that waits, and a later one that it waits for ----------------------- */

struct way {
	const char *name;
	void (*wait)(void);
	void (*release)(void);
};

static struct completion done;
static wait_queue_head_t queue;
static DEFINE_MUTEX(mutex);
static struct task_struct *sleeper;
static struct gate gate;
static int reached;

static void tell_and_wait(void)
{
	wq_blocking_begin();
	wq_blocking_begin();
	wq_blocking_end(); /* They nest: it waits still. */
	gate_wait(&gate);
	wq_blocking_end();
}

static void open_gate(void)
{
	gate_open(&gate);
}

static void wait_for_done(void)
{
	WAITING((wait_for_completion(&done), 0));
}

static void complete_done(void)
{
	complete(&done);
}

static void wait_on_queue(void)
{
	WAITING((wait_event(queue, flag_get(&reached)), 0));
}

static void wake_queue(void)
{
	flag_set(&reached, 1);
	wake_up(&queue);
}

static void wait_for_time(void)
{
	sleeper = wq_current();
	set_current_state(TASK_UNINTERRUPTIBLE);
	flag_set(&reached, 1);
	check(WAITING(schedule_timeout(1000 * HZ)) > 0);
}

static void wake_sleeper(void)
{
	flag_await(&reached, 1);
	wake_up_process(sleeper);
}

static int end_when_done(void *unused)
{
	(void)unused;
	wait_for_done();
	return 0;
}

static void stop_thread(void)
{
	struct task_struct *k = kthread_run(end_when_done, NULL, "blocking");

	WAITING(kthread_stop(k));
}

/* The main thread has it, and gives it back when the later item has begun. */
static void lock_mutex(void)
{
	WAITING((mutex_lock(&mutex), 0));
	mutex_unlock(&mutex);
}

static void do_nothing(void)
{
}

static const struct way ways[] = {
	{ "wq_blocking_begin", tell_and_wait, open_gate },
	{ "wait_for_completion", wait_for_done, complete_done },
	{ "wait_event", wait_on_queue, wake_queue },
	{ "schedule_timeout", wait_for_time, wake_sleeper },
	{ "kthread_stop", stop_thread, complete_done },
	{ "mutex_lock", lock_mutex, do_nothing },
};
static const struct way *way;
static struct item first, later;

static void wait_its_way(struct work_struct *work)
{
	item_started(item_of(work));
	way->wait();
	item_finished(item_of(work));
}

static void release_it(struct work_struct *work)
{
	item_started(item_of(work));
	way->release();
	item_finished(item_of(work));
}

static void init_way(const struct way *w)
{
	way = w;
	reached = 0;
	init_completion(&done);
	init_waitqueue_head(&queue);
	gate_init(&gate);
	item_init(&first, wq, wait_its_way);
	item_init(&later, wq, release_it);
}

static void the_later_item_begins_while_the_first_waits(void)
{
	hold_looks();
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		init_way(&ways[i]);
		mutex_lock(&mutex);
		check(queue_work(wq, &first.work));
		check(queue_work(wq, &later.work));
		item_await_done(&later, 1);
		mutex_unlock(&mutex);
		item_await_done(&first, 1);
		check(later.order == first.order + 1);
	}
	let_look();
}

static struct item spawner;

static void queue_both(struct work_struct *work)
{
	queue_work(wq, &first.work);
	queue_work(wq, &later.work);
	item_count(work);
}

static void so_does_one_that_its_worker_had_in_hand(void)
{
	hold_looks();
	init_way(&ways[0]);
	item_init(&spawner, wq, queue_both);
	check(queue_work(wq, &spawner.work));
	item_await_done(&first, 1);
	check_eq(item_done(&later), 1);
	let_look();
}

static void wait_for_what_it_queues(struct work_struct *work)
{
	item_started(item_of(work));
	wq_blocking_begin();
	queue_work(wq, &later.work);
	gate_wait(&gate);
	wq_blocking_end();
	item_finished(item_of(work));
}

static void and_one_that_is_queued_by_the_item_that_waits(void)
{
	hold_looks();
	init_way(&ways[0]);
	first.work.func = wait_for_what_it_queues;
	check(queue_work(wq, &first.work));
	item_await_done(&first, 1);
	let_look();
}

/* It does not tell: that is found out by looking. */
static void queue_and_wait(struct work_struct *work)
{
	item_started(item_of(work));
	queue_work(wq, &later.work);
	gate_wait(&gate);
	item_finished(item_of(work));
}

static void an_item_that_does_not_tell_may_wait_for_one_that_it_queues(void)
{
	static const unsigned int flags[] = { 0, WQ_UNBOUND };

	for (int i = 0; i < 20; i++) {
		wq = alloc_workqueue("silent", flags[i % 2], 0);
		init_way(&ways[0]);
		first.work.func = queue_and_wait;
		check(queue_on(allowed_cpu(0), wq, &first.work));
		item_await_done(&first, 1);
		destroy_workqueue(wq);
	}
}

/* ---- Where the calls do nothing, and where they are wrong ------------------------ */

static void begin_and_end(struct work_struct *work)
{
	wq_blocking_end();
	wq_blocking_begin();
	wq_blocking_begin();
	item_count(work);
}

static void elsewhere_they_do_nothing(void)
{
	struct workqueue_struct *own = create_singlethread_workqueue("own");
	struct item a;

	wq_blocking_end();
	wq_blocking_begin();
	item_init(&a, own, begin_and_end);
	check(queue_work(own, &a.work));
	WAITING(flush_workqueue(own));
	check(queue_work(own, &a.work));
	WAITING(destroy_workqueue(own));
	check_eq(item_runs(&a), 2);
}

void end_only(struct work_struct *work);
void begin_only(struct work_struct *work);

void end_only(struct work_struct *work)
{
	wq_blocking_end();
	item_count(work);
}

void begin_only(struct work_struct *work)
{
	wq_blocking_begin();
	wq_blocking_begin();
	item_count(work);
}

static void run_on_shared(work_func_t func)
{
	struct item a;

	item_init(&a, wq, func);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 1);
}

static void an_end_without_begin_is_reported(void)
{
	wq = alloc_workqueue("ends", 0, 0);
	run_on_shared(end_only);
	check_eq(expect_report("wq_blocking_end() without wq_blocking_begin()"), 1);
	destroy_workqueue(wq);
}

/* Were the first worker not counted as running again, another would begin beside it. */
static void watch_later(struct work_struct *work)
{
	item_started(item_of(work));
	queue_work(wq, &later.work);
	flag_set(&reached, 1);
	for (int i = 0; i < 2000 && !item_runs(&later); i++)
		sched_yield();
	check_eq(item_runs(&later), 0);
	item_finished(item_of(work));
}

static void a_begin_without_end_is_reported_and_undone(void)
{
	hold_looks();
	run_on_shared(begin_only);
	check_eq(expect_report("BUG: workqueue leaked wq_blocking_begin(): kworker/"), 1);
	check_eq(reported("depth 2, last function: begin_only"), 1);
	init_way(&ways[0]);
	first.work.func = watch_later;
	later.work.func = item_count;
	check(queue_work(wq, &first.work));
	flag_await(&reached, 1);
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&later), 1);
	init_way(&ways[0]); /* And the next telling counts. */
	check(queue_work(wq, &first.work));
	check(queue_work(wq, &later.work));
	item_await_done(&first, 1);
	let_look();
}

TEST_MAIN(TEST(the_later_item_begins_while_the_first_waits), TEST(so_does_one_that_its_worker_had_in_hand),
	  TEST(and_one_that_is_queued_by_the_item_that_waits),
	  TEST(an_item_that_does_not_tell_may_wait_for_one_that_it_queues), TEST(elsewhere_they_do_nothing),
	  TEST(an_end_without_begin_is_reported), TEST(a_begin_without_end_is_reported_and_undone))
