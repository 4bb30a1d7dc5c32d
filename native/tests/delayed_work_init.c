/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every way to initialise a delayed work makes the same idle item, and changing
 * its function changes nothing else. Fields are compared, and each item is run.
 */
#include "test.h"
#include "support/delayed.h"

static struct tally first_runs = TALLY_INITIALIZER, second_runs = TALLY_INITIALIZER;

static void first(struct work_struct *work)
{
	(void)work;
	tally_add(&first_runs);
}

static void second(struct work_struct *work)
{
	(void)work;
	tally_add(&second_runs);
}

static DECLARE_DELAYED_WORK(declared, first);
static DECLARE_DEFERRABLE_WORK(declared_deferrable, first);

static void check_idle(const struct delayed_work *dwork, unsigned int flags)
{
	check_eq(dwork->work.data, 0);
	check(dwork->work.entry.next == &dwork->work.entry);
	check(dwork->work.entry.prev == &dwork->work.entry);
	check(dwork->work.func == first);
	check(!delayed_work_pending(dwork));
	check(!timer_pending(&dwork->timer));
	check_eq(dwork->timer.flags, flags);
	check(to_delayed_work((struct work_struct *)&dwork->work) == dwork);
}

static void every_initialiser_makes_an_idle_item(void)
{
	struct delayed_work d;

	check_idle(&declared, 0);
	check_idle(&declared_deferrable, TIMER_DEFERRABLE);
	memset(&d, 0xa5, sizeof(d));
	INIT_DELAYED_WORK(&d, first);
	check_idle(&d, 0);
	memset(&d, 0xa5, sizeof(d));
	INIT_DELAYED_WORK_DEFERRABLE(&d, first);
	check_idle(&d, TIMER_DEFERRABLE);
	memset(&d, 0xa5, sizeof(d));
	INIT_DEFERRABLE_WORK(&d, first);
	check_idle(&d, TIMER_DEFERRABLE);
	memset(&d, 0xa5, sizeof(d));
	wq_init_delayed_work(&d, first, false);
	check_idle(&d, 0);
	memset(&d, 0xa5, sizeof(d));
	wq_init_delayed_work(&d, first, true);
	check_idle(&d, TIMER_DEFERRABLE);
}

static void run_once(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay)
{
	int before = tally_get(&first_runs);

	check(queue_delayed_work(wq, dwork, delay));
	tally_await(&first_runs, before + 1);
	WAITING(flush_workqueue(wq));
	check(!delayed_work_pending(dwork));
}

static void every_initialiser_makes_a_usable_item(void)
{
	struct workqueue_struct *wq = create_workqueue("init");
	struct delayed_work d;

	for (unsigned long delay = 0; delay < 3; delay++) {
		run_once(wq, &declared, delay);
		memset(&d, 0xa5, sizeof(d));
		INIT_DELAYED_WORK(&d, first);
		run_once(wq, &d, delay);
		memset(&d, 0xa5, sizeof(d));
		wq_init_delayed_work(&d, first, false);
		run_once(wq, &d, delay);
	}
	run_once(wq, &declared_deferrable, 0);
	check_eq(tally_get(&first_runs), 10);
	destroy_workqueue(wq);
}

static void the_layout_is_work_then_timer(void)
{
	check_eq(sizeof(struct delayed_work), 96);
	check_eq(sizeof(struct timer_list), 64);
	check_eq(offsetof(struct delayed_work, work), 0);
	check_eq(offsetof(struct delayed_work, timer), 32);
	check_eq(offsetof(struct timer_list, expires), 16);
	check_eq(offsetof(struct timer_list, function), 24);
	check_eq(offsetof(struct timer_list, data), 32);
}

static void prepare_changes_the_function_of_an_idle_item(void)
{
	struct workqueue_struct *wq = create_workqueue("init");
	struct delayed_work d;
	int before = tally_get(&second_runs), firsts = tally_get(&first_runs);

	INIT_DELAYED_WORK(&d, first);
	PREPARE_DELAYED_WORK(&d, second);
	check(queue_delayed_work(wq, &d, 1));
	tally_await(&second_runs, before + 1);
	destroy_workqueue(wq);
	check_eq(tally_get(&first_runs), firsts);
}

static void prepare_changes_the_function_of_an_armed_item_and_not_its_deadline(void)
{
	struct workqueue_struct *wq = create_workqueue("init");
	int before = tally_get(&second_runs), firsts = tally_get(&first_runs);
	struct delayed_work d;
	unsigned long expires;

	INIT_DELAYED_WORK(&d, first);
	check(queue_delayed_work(wq, &d, 10));
	expires = d.timer.expires;
	PREPARE_DELAYED_WORK(&d, second);
	check_eq(d.timer.expires, expires);
	check(delayed_work_pending(&d));
	tally_await(&second_runs, before + 1);
	check(time_after_eq(jiffies, expires));
	destroy_workqueue(wq);
	check_eq(tally_get(&first_runs), firsts);
}

static void pending_covers_armed_and_queued(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("init");
	struct delayed_work d;
	struct item busy;

	INIT_DELAYED_WORK(&d, first);
	plug(wq, &busy);
	check(queue_delayed_work(wq, &d, 2));
	check(delayed_work_pending(&d));
	check(wq_work_pending(&d.work));
	let_pass(3);
	check(!timer_pending(&d.timer));
	check(delayed_work_pending(&d));
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	check(!delayed_work_pending(&d));
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(every_initialiser_makes_an_idle_item), TEST(every_initialiser_makes_a_usable_item),
	  TEST(the_layout_is_work_then_timer), TEST(prepare_changes_the_function_of_an_idle_item),
	  TEST(prepare_changes_the_function_of_an_armed_item_and_not_its_deadline),
	  TEST(pending_covers_armed_and_queued))
