/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "An item of a queue with WQ_BH must not sleep. If its function makes a call of this library
 * that waits for items, whether it would have to wait or not, or does wait in a call of linux/,
 * that is reported once for each function [...] The call then does its work."
 */
#include "items.h"
#include "support/aim.h"
#include "support/debug.h"

#include <linux/completion.h>
#include <linux/freezer.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#define REPORT "BUG: sleeping function called from invalid context: "

static struct workqueue_struct *bh, *other;
static struct item target;
static struct delayed_work armed;
static struct completion done;
static wait_queue_head_t queue;
static DEFINE_MUTEX(mutex);
static DEFINE_SPINLOCK(spinlock);
static int reached;

static void do_nothing(struct work_struct *work)
{
	(void)work;
}

static long answer(void *arg)
{
	return (long)arg;
}

/* The classic queue is named by its items after their run, too; the delayed work is pending. */
static void begin(void)
{
	bh = alloc_workqueue("softly", WQ_BH, 0);
	other = create_singlethread_workqueue("other");
	item_init(&target, other, item_count);
	check(queue_work(other, &target.work));
	WAITING(flush_workqueue(other));
	INIT_DELAYED_WORK(&armed, do_nothing);
	init_completion(&done);
	init_waitqueue_head(&queue);
	reached = 0;
}

static void end(void)
{
	WAITING(destroy_workqueue(bh));
	WAITING(destroy_workqueue(other));
}

/* ---- Calls that may sleep ------------------------------------------------------ */

/* Each is a function of its own, as each function is reported once. */
#define IN_ITEM(name, ...)                                                             \
	void in_##name(struct work_struct *work);                                      \
	void in_##name(struct work_struct *work)                                       \
	{                                                                              \
		item_started(item_of(work));                                           \
		__VA_ARGS__;                                                           \
		item_finished(item_of(work));                                          \
	}

IN_ITEM(flush_work, check(!flush_work(&target.work)))
IN_ITEM(flush_delayed_work, check(!flush_delayed_work(&armed)))
IN_ITEM(flush_workqueue, flush_workqueue(other))
IN_ITEM(drain_workqueue, drain_workqueue(other))
IN_ITEM(destroy_workqueue, destroy_workqueue(alloc_workqueue("short", 0, 0)))
IN_ITEM(cancel_work_sync, check(!cancel_work_sync(&target.work)))
IN_ITEM(cancel_delayed_work_sync, queue_delayed_work(other, &armed, 3600000); check(cancel_delayed_work_sync(&armed)))
IN_ITEM(disable_work_sync, check(!disable_work_sync(&target.work)); check(enable_work(&target.work)))
IN_ITEM(disable_delayed_work_sync, queue_delayed_work(other, &armed, 3600000); check(disable_delayed_work_sync(&armed));
	check(enable_delayed_work(&armed)))
IN_ITEM(flush_scheduled_work, flush_scheduled_work())
IN_ITEM(schedule_on_each_cpu, check_eq(schedule_on_each_cpu(do_nothing), 0))
IN_ITEM(work_on_cpu, check_eq(work_on_cpu(allowed_cpu(0), answer, (void *)7L), 7))
IN_ITEM(try_to_freeze, check(!try_to_freeze()))
IN_ITEM(wq_blocking_begin, wq_blocking_begin(); wq_blocking_end())
IN_ITEM(completion, wait_for_completion(&done))
IN_ITEM(wait_event, wait_event(queue, flag_get(&reached)))
IN_ITEM(mutex_lock, mutex_lock(&mutex); mutex_unlock(&mutex))
IN_ITEM(schedule_timeout, schedule_timeout_uninterruptible(1))

static void complete_done(void)
{
	complete(&done);
}

static void wake_queue(void)
{
	flag_set(&reached, 1);
	wake_up(&queue);
}

static void lock_mutex(void)
{
	mutex_lock(&mutex);
}

static void unlock_mutex(void)
{
	mutex_unlock(&mutex);
}

struct way {
	const char *call; /* as reported */
	const char *name; /* of the function */
	work_func_t func;
	void (*release)(void); /* ends its wait, once it sleeps */
	void (*hold)(void);    /* before it begins */
};
#define WAY(name, release, hold) { "wq_blocking_begin()", "in_" #name ", ", in_##name, release, hold }
#define CALL(name) { #name "()", "in_" #name ", ", in_##name, NULL, NULL }

static const struct way ways[] = {
	CALL(flush_work), CALL(flush_delayed_work), CALL(flush_workqueue), CALL(drain_workqueue),
	CALL(destroy_workqueue), CALL(cancel_work_sync), CALL(cancel_delayed_work_sync),
	CALL(disable_work_sync), CALL(disable_delayed_work_sync), CALL(flush_scheduled_work),
	CALL(schedule_on_each_cpu), CALL(work_on_cpu), CALL(try_to_freeze), CALL(wq_blocking_begin),
	WAY(completion, complete_done, NULL), WAY(wait_event, wake_queue, NULL),
	WAY(mutex_lock, unlock_mutex, lock_mutex), WAY(schedule_timeout, NULL, NULL),
};
enum { NR_WAYS = sizeof(ways) / sizeof(ways[0]) };

static void await_sleep(struct item *i)
{
	while (!item_runs(i) || thread_state(__atomic_load_n(&i->tid, __ATOMIC_SEQ_CST)) != 'S')
		sched_yield();
}

static void run_way(struct workqueue_struct *wq, const struct way *way)
{
	struct item a;

	if (way->hold)
		way->hold();
	item_init(&a, wq, way->func);
	check(queue_work(wq, &a.work));
	if (way->release) {
		WAITING((await_sleep(&a), 0));
		way->release();
	}
	WAITING(flush_work(&a.work));
	check_eq(item_done(&a), 1);
}

static void a_call_that_may_sleep_is_reported_and_does_its_work(void)
{
	for (int i = 0; i < NR_WAYS; i++) {
		begin();
		run_way(bh, &ways[i]);
		if (check_eq(expect_report(REPORT), i + 1)) {
			check_eq(reported(ways[i].name), 1);
			check(reported(ways[i].call) > 0);
		}
		end();
	}
	check_eq(reported("an item of the WQ_BH queue \"softly\", on kworker/"), NR_WAYS);
}

static void of_other_queues_items_it_is_not_reported(void)
{
	static const unsigned int flags[] = { 0, WQ_HIGHPRI, WQ_UNBOUND };

	for (int i = 0; i < NR_WAYS; i++)
		for (int n = 0; n < 3; n++) {
			struct workqueue_struct *wq = alloc_workqueue("plain", flags[n], 0);

			begin();
			run_way(wq, &ways[i]);
			end();
			WAITING(destroy_workqueue(wq));
		}
}

/* ---- Once, and by name ------------------------------------------------------- */

IN_ITEM(first, flush_work(&target.work); cancel_work_sync(&target.work))
IN_ITEM(second, flush_work(&target.work))

static void run_on(struct workqueue_struct *wq, work_func_t func)
{
	struct way way = { "", "", func, NULL, NULL };

	run_way(wq, &way);
}

static void each_function_is_reported_once(void)
{
	begin();
	run_on(bh, in_first);
	run_on(bh, in_first);
	run_on(bh, in_second);
	check_eq(expect_report(REPORT), 2);
	check_eq(reported("flush_work() in in_first, "), 1);
	check_eq(reported("flush_work() in in_second, "), 1);
	end();
}

IN_ITEM(system, flush_work(&target.work))

static void items_of_the_systems_queues_are_reported_too(void)
{
	begin();
	run_on(system_highpri_wq, in_system);
	check_eq(reported(REPORT), 0);
	run_on(system_bh_wq, in_system);
	check_eq(expect_report(REPORT), 1);
	check_eq(reported("in_system, an item of the WQ_BH queue \"events_bh\""), 1);
	end();
}

/* ---- What is not reported ---------------------------------------------------- */

static void queue_and_take_back(void)
{
	struct work_struct work;

	INIT_WORK(&work, do_nothing);
	check(queue_work(other, &target.work));
	check(queue_delayed_work(other, &armed, 3600000));
	check(mod_delayed_work(other, &armed, 7200000));
	check(cancel_delayed_work(&armed));
	check(!disable_work(&work));
	check(enable_work(&work));
	check(!cancel_work(&work));
	check_eq(work_busy(&work), 0);
	workqueue_congested(WORK_CPU_UNBOUND, other);
	set_worker_desc("harmless");
}

static void wait_for_what_is_there(void)
{
	complete(&done);
	wait_for_completion(&done);
	wait_event(queue, true);
	check(mutex_trylock(&mutex));
	mutex_unlock(&mutex);
	wake_up(&queue);
}

IN_ITEM(spin_lock, spin_lock(&spinlock); spin_unlock(&spinlock))

static void lock_spinlock(void)
{
	spin_lock(&spinlock);
}

static void unlock_spinlock(void)
{
	spin_unlock(&spinlock);
}

IN_ITEM(queue_and_take_back, queue_and_take_back())
IN_ITEM(wait_for_what_is_there, wait_for_what_is_there())

static void a_call_that_does_not_sleep_is_not_reported(void)
{
	static const struct way spins = { "", "", in_spin_lock, unlock_spinlock, lock_spinlock };

	begin();
	run_on(bh, in_queue_and_take_back);
	run_on(bh, in_wait_for_what_is_there);
	run_way(bh, &spins);
	end();
}

static void cancel_of_bh(void)
{
	struct work_struct fresh;

	INIT_WORK(&fresh, do_nothing);
	check(queue_delayed_work(bh, &armed, 3600000));
	check(cancel_delayed_work_sync(&armed));
	check(queue_delayed_work(bh, &armed, 3600000));
	check(disable_delayed_work_sync(&armed));
	check(enable_delayed_work(&armed));
	check(!cancel_work_sync(&fresh)); /* on no queue yet */
}

IN_ITEM(cancel_of_bh, cancel_of_bh())

static void a_cancel_of_an_item_of_such_a_queue_is_not_reported(void)
{
	begin();
	run_on(bh, in_cancel_of_bh);
	end();
}

/* Of other queues first: a function that was reported is not reported again. */
TEST_MAIN(TEST(of_other_queues_items_it_is_not_reported), TEST(a_call_that_may_sleep_is_reported_and_does_its_work),
	  TEST(each_function_is_reported_once), TEST(items_of_the_systems_queues_are_reported_too),
	  TEST(a_call_that_does_not_sleep_is_not_reported), TEST(a_cancel_of_an_item_of_such_a_queue_is_not_reported))
