/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * disable_work() and its like: a disabled item refuses to be queued, armed and re-timed,
 * until it was enabled as often.
 */
#include "items.h"
#include "support/kinds.h"

#define AN_HOUR 3600000UL /* jiffies */

static void call_disable_sync(struct call *c)
{
	c->result = WAITING(disable_work_sync((struct work_struct *)c->arg));
}

static void a_disabled_item_is_not_queued(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item a;

		item_init(&a, wq, item_count);
		check(!disable_work(&a.work));
		errno = 0;
		check(!queue_work(wq, &a.work));
		check(!queue_work_on(allowed_cpu(0), wq, &a.work));
		check_eq(errno, 0);
		check(!work_pending(&a.work));
		check(enable_work(&a.work));
		check(queue_work(wq, &a.work));
		WAITING(flush_workqueue(wq));
		check_eq(item_runs(&a), 1);
		check(!disable_work(&a.work)); /* it has run: its word names the queue, or the worker */
		check(!queue_work(wq, &a.work));
		check(enable_work(&a.work));
		check(queue_work(wq, &a.work));
		destroy_workqueue(wq);
		check_eq(item_runs(&a), 2);
	}
}

static void as_often_as_it_was_disabled_it_must_be_enabled(void)
{
	struct workqueue_struct *wq = one();
	struct item a;

	item_init(&a, wq, item_count);
	for (int i = 0; i < 65535; i++)
		check(!disable_work(&a.work));
	check(!disable_work(&a.work));
	check_eq(expect_report("work disable count overflowed: item of"), 1);
	for (int i = 0; i < 65534; i++)
		check(!enable_work(&a.work));
	check(!queue_work(wq, &a.work));
	check(enable_work(&a.work));
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
}

static void an_item_that_is_not_disabled_cannot_be_enabled(void)
{
	struct workqueue_struct *wq = one();
	struct item plugged, a;

	item_init(&a, wq, item_count);
	check(!enable_work(&a.work));
	plug(wq, &plugged);
	check(queue_work(wq, &a.work));
	check(!enable_work(&a.work));
	check_eq(expect_report("work disable count underflowed: item of"), 2);
	gate_open(&plugged.gate);
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
}

static void a_pending_item_is_taken_back(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item plugged, a;

		pin_to_cpu(allowed_cpu(0));
		plug(wq, &plugged);
		item_init(&a, wq, item_count);
		check(queue_work(wq, &a.work));
		check(disable_work(&a.work));
		check(!work_pending(&a.work));
		check(!queue_work(wq, &a.work));
		check(!disable_work(&a.work));
		check(!enable_work(&a.work));
		gate_open(&plugged.gate);
		WAITING(flush_workqueue(wq));
		check_eq(item_runs(&a), 0);
		check(enable_and_queue_work(wq, &a.work));
		unpin();
		destroy_workqueue(wq);
		check_eq(item_runs(&a), 1);
	}
}

static void a_running_item_goes_on_and_is_waited_for_if_asked(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item a;
		struct call c;

		plug(wq, &a);
		check(!WAITING(disable_work(&a.work)));
		check(!queue_work(wq, &a.work));
		call_start(&c, call_disable_sync, &a.work);
		check(call_sleeps(&c));
		gate_open(&a.gate);
		check(!call_join(&c));
		check_eq(item_done(&a), 1);
		check(!enable_work(&a.work));
		check(enable_work(&a.work));
		destroy_workqueue(wq);
	}
}

/* cancel_work_sync() has the item while it waits; what others do to the depth stays. */
static void it_is_disabled_while_another_cancels_it(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct item a;
		struct call c;

		plug(wq, &a);
		call_start(&c, call_cancel, &a.work);
		check(call_sleeps(&c));
		check(!WAITING(disable_work(&a.work)));
		check(!WAITING(disable_work(&a.work)));
		check(!WAITING(enable_work(&a.work)));
		gate_open(&a.gate);
		check(!call_join(&c));
		check(!queue_work(wq, &a.work));
		check(enable_work(&a.work));
		check(queue_work(wq, &a.work));
		destroy_workqueue(wq);
		check_eq(item_runs(&a), 2);
	}
}

static void a_disabled_item_stays_so_when_it_is_cancelled(void)
{
	struct workqueue_struct *wq = shared();
	struct item a;

	item_init(&a, wq, item_count);
	check(!disable_work(&a.work));
	check(!cancel_work(&a.work));
	check(!WAITING(cancel_work_sync(&a.work)));
	check(!WAITING(flush_work(&a.work)));
	check(!queue_work(wq, &a.work));
	check_eq(work_busy(&a.work), 0);
	check(enable_work(&a.work));
	destroy_workqueue(wq);
}

static void initialised_again_it_is_not_disabled(void)
{
	struct workqueue_struct *wq = one();
	struct item a;

	item_init(&a, wq, item_count);
	check(!disable_work(&a.work));
	INIT_WORK(&a.work, item_count);
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
}

static int nr_delayed;

static void count_delayed(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&nr_delayed, 1, __ATOMIC_SEQ_CST);
}

static void delayed_work_is_taken_from_its_timer_and_refused(void)
{
	for_each_kind(k) {
		struct workqueue_struct *wq = queues[k]();
		struct delayed_work d;

		nr_delayed = 0;
		INIT_DELAYED_WORK(&d, count_delayed);
		check(queue_delayed_work(wq, &d, AN_HOUR));
		check(disable_delayed_work(&d));
		check(!delayed_work_pending(&d));
		check(!queue_delayed_work(wq, &d, 1));
		check(!queue_delayed_work(wq, &d, 0));
		check(!mod_delayed_work(wq, &d, 1));
		check(!mod_delayed_work(wq, &d, 0));
		check(!delayed_work_pending(&d));
		check(!WAITING(disable_delayed_work_sync(&d)));
		check(!enable_delayed_work(&d));
		check(enable_delayed_work(&d));
		check(queue_delayed_work(wq, &d, AN_HOUR));
		check(WAITING(disable_delayed_work_sync(&d)));
		check(enable_delayed_work(&d));
		check(!mod_delayed_work(wq, &d, 0));
		destroy_workqueue(wq);
		check_eq(nr_delayed, 1);
	}
}

static bool own_result;

static void disable_own(struct work_struct *work)
{
	item_started(item_of(work));
	own_result = WAITING(disable_work_sync(work));
	check(!queue_work(item_of(work)->wq, work));
	item_finished(item_of(work));
}

static void an_item_may_disable_itself(void)
{
	struct workqueue_struct *wq = shared();
	struct item a;

	item_init(&a, wq, disable_own);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 1);
	check(!own_result);
	check_eq(expect_report("disable_work_sync() of an item from its own function"), 1);
	check(enable_work(&a.work));
	destroy_workqueue(wq);
}

static void bad_items_are_refused(void)
{
	struct work_struct work;

	check(!disable_work(NULL));
	check(!disable_work_sync(NULL));
	check(!enable_work(NULL));
	check(!disable_delayed_work(NULL));
	check(!disable_delayed_work_sync(NULL));
	check(!enable_delayed_work(NULL));
	memset(&work, 0xaa, sizeof(work));
	check(!disable_work(&work));
	check(!disable_work_sync(&work));
	check(!enable_work(&work));
	check_eq(expect_report("disabling or enabling an item that is NULL or was never initialised"), 9);
	check(!enable_and_queue_work(NULL, &work));
	check_eq(expect_report("enable_and_queue_work() of NULL"), 1);
}

static void in_a_forked_child_it_works(void)
{
	struct workqueue_struct *wq = one();
	struct item plugged, a;
	int status = -1;
	pid_t child;

	plug(wq, &plugged);
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	child = fork();
	if (child == 0) {
		struct workqueue_struct *mine = one();
		bool ok = disable_work(&a.work) && !queue_work(mine, &a.work);

		ok = ok && enable_work(&a.work) && queue_work(mine, &a.work);
		flush_workqueue(mine);
		_exit(ok && item_runs(&a) == 1 ? 0 : 1);
	}
	check_eq(WAITING(waitpid(child, &status, 0)), child);
	check_eq(status, 0);
	gate_open(&plugged.gate);
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(a_disabled_item_is_not_queued), TEST(as_often_as_it_was_disabled_it_must_be_enabled),
	  TEST(an_item_that_is_not_disabled_cannot_be_enabled), TEST(a_pending_item_is_taken_back),
	  TEST(a_running_item_goes_on_and_is_waited_for_if_asked), TEST(it_is_disabled_while_another_cancels_it),
	  TEST(a_disabled_item_stays_so_when_it_is_cancelled), TEST(initialised_again_it_is_not_disabled),
	  TEST(delayed_work_is_taken_from_its_timer_and_refused), TEST(an_item_may_disable_itself),
	  TEST(bad_items_are_refused), TEST(in_a_forked_child_it_works))
