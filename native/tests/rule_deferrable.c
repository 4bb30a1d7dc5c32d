/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "A deferrable timer wakes nobody: it fires with the next timer that does." Fresh
 * processes arm a deferrable item or timer for a few milliseconds and an ordinary
 * timer for much later; the deferrable one must wait for it, and be cancellable.
 */
#include "test.h"
#include "support/delayed.h"
#include "child.h"

enum { SOON = 5, LATE = 150 };

static struct {
	struct timer_list timer;
	struct tally fired;
	unsigned long at;
} late, lazy;

static void note_late(struct timer_list *timer)
{
	(void)timer;
	late.at = jiffies;
	tally_add(&late.fired);
}

static void note_lazy(struct timer_list *timer)
{
	(void)timer;
	lazy.at = jiffies;
	tally_add(&lazy.fired);
}

static void arm_late(void)
{
	tally_init(&late.fired);
	timer_setup(&late.timer, note_late, 0);
	late.timer.expires = jiffies + LATE;
	add_timer_on(&late.timer, allowed_cpu(0));
}

static void defer_a_timer(void)
{
	arm_late();
	tally_init(&lazy.fired);
	timer_setup(&lazy.timer, note_lazy, TIMER_DEFERRABLE);
	lazy.timer.expires = jiffies + SOON;
	add_timer_on(&lazy.timer, allowed_cpu(0));
	tally_await(&lazy.fired, 1);
	check(time_after_eq(lazy.at, late.timer.expires));
	tally_await(&late.fired, 1);
	check_eq(tally_get(&lazy.fired), 1);
	check_eq(del_timer_sync(&lazy.timer), 0);
}

static void defer_an_item(void)
{
	struct workqueue_struct *wq = create_workqueue("lazy");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	INIT_DELAYED_WORK_DEFERRABLE(&a.dwork, delayed_count);
	arm_late();
	/* Due in a moment, but not to run before the late timer. */
	a.due_ns = late.timer.expires * NS_PER_MS;
	check(queue_delayed_work_on(allowed_cpu(0), wq, &a.dwork, SOON));
	delayed_await(&a, 1);
	check_eq(a.early, 0);
	tally_await(&late.fired, 1);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 1);
}

static void defer_past_the_late_timer(void)
{
	arm_late();
	tally_init(&lazy.fired);
	timer_setup(&lazy.timer, note_lazy, TIMER_DEFERRABLE);
	lazy.timer.expires = jiffies + LATE + 100; /* after the late one: needs another */
	add_timer_on(&lazy.timer, allowed_cpu(0));
	tally_await(&late.fired, 1);
	if (time_after_eq(jiffies, lazy.timer.expires))
		return; /* we are so late that both may have been due */
	check_eq(tally_get(&lazy.fired), 0);
	check(timer_pending(&lazy.timer));
	late.timer.expires = lazy.timer.expires + 20;
	add_timer_on(&late.timer, allowed_cpu(0));
	tally_await(&lazy.fired, 1);
	check(time_after_eq(lazy.at, late.timer.expires));
	tally_await(&late.fired, 2);
}

static void a_deferrable_timer_waits_for_the_next_ordinary_one(void)
{
	passes_in_a_child("defer_a_timer");
}

static void a_deferrable_item_waits_for_the_next_ordinary_timer(void)
{
	passes_in_a_child("defer_an_item");
}

static void one_that_is_later_waits_for_the_one_after(void)
{
	passes_in_a_child("defer_past_the_late_timer");
}

static void a_deferrable_item_can_be_cancelled(void)
{
	struct workqueue_struct *wq = create_workqueue("lazy");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	INIT_DELAYED_WORK_DEFERRABLE(&a.dwork, delayed_count);
	for (int i = 0; i < 10; i++) {
		check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
		check(delayed_work_pending(&a.dwork));
		check(i % 2 ? WAITING(cancel_delayed_work_sync(&a.dwork))
			    : WAITING(cancel_delayed_work(&a.dwork)));
		check(!delayed_work_pending(&a.dwork));
	}
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 0);
}

static void without_a_delay_it_is_queued_at_once(void)
{
	struct workqueue_struct *wq = create_workqueue("lazy");
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	INIT_DELAYED_WORK_DEFERRABLE(&a.dwork, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, 0));
	delayed_await(&a, 1);
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(a_deferrable_timer_waits_for_the_next_ordinary_one),
	  TEST(a_deferrable_item_waits_for_the_next_ordinary_timer),
	  TEST(one_that_is_later_waits_for_the_one_after),
	  TEST(a_deferrable_item_can_be_cancelled), TEST(without_a_delay_it_is_queued_at_once),
	  CHILD(defer_a_timer), CHILD(defer_an_item), CHILD(defer_past_the_late_timer))
