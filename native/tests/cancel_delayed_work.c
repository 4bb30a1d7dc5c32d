/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cancel_delayed_work() takes an item back from its timer and leaves one alone
 * whose delay is over.
 */
#include "test.h"

#define CANCEL_WAY cancel_delayed_work
#include "support/cancel_table.h"

static void a_timer_that_is_taken_does_not_fire(void)
{
	struct workqueue_struct *wq = create_per_cpu();
	struct delayed_item a;

	delayed_init(&a, wq, delayed_count);
	for (int i = 0; i < 5; i++) {
		check(queue_delayed_work(wq, &a.dwork, 200));
		check(cancel_delayed_work(&a.dwork));
		check(!delayed_work_pending(&a.dwork));
		check(!timer_pending(&a.dwork.timer));
		check(!cancel_delayed_work(&a.dwork));
	}
	let_pass(201);
	destroy_workqueue(wq);
	check_eq(delayed_runs(&a), 0);
}

static struct delayed_item *victim;
static struct tally asked;
static int answer;

static void cancel_the_victim(struct timer_list *timer)
{
	(void)timer;
	answer = cancel_delayed_work(&victim->dwork);
	tally_add(&asked);
}

static void a_timer_function_may_cancel(void)
{
	static struct timer_list timer;
	struct workqueue_struct *wq = create_per_cpu();
	struct delayed_item a;

	victim = &a;
	tally_init(&asked);
	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	timer_setup(&timer, cancel_the_victim, 0);
	mod_timer(&timer, wq_jiffies() + 1);
	tally_await(&asked, 1);
	check_eq(answer, 1);
	check(!delayed_work_pending(&a.dwork));
	destroy_workqueue(wq);
}

TEST_MAIN(CANCEL_TABLE(CANCEL_TEST) TEST(a_timer_that_is_taken_does_not_fire), TEST(a_timer_function_may_cancel))
