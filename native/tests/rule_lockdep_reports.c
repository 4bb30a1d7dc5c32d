/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "... reports, once, what could deadlock: also in a run that does not. The report
 * comes before the wait, which then goes on. It names the thread, what it waits
 * for, the ring of classes that leads back to it, and the call stack." Every claim
 * closes a ring without a deadlock and looks for the names.
 */
#include "support/lockdep.h"

static struct lock_class_key key_a, key_b, key_c, key_d, key_e, key_f, key_g;
static struct lockdep_map lock_a = STATIC_LOCKDEP_MAP_INIT("lock_a", &key_a);
static struct lockdep_map lock_b = STATIC_LOCKDEP_MAP_INIT("lock_b", &key_b);
static struct lockdep_map lock_c = STATIC_LOCKDEP_MAP_INIT("lock_c", &key_c);
static struct lockdep_map lock_d = STATIC_LOCKDEP_MAP_INIT("lock_d", &key_d);
static struct lockdep_map lock_e = STATIC_LOCKDEP_MAP_INIT("lock_e", &key_e);
static struct lockdep_map lock_f = STATIC_LOCKDEP_MAP_INIT("lock_f", &key_f);
static struct lockdep_map lock_g = STATIC_LOCKDEP_MAP_INIT("lock_g", &key_g);

/* ---- A flush of a queue that waits for the caller ------------------------- */

WORK_FUNC(flush_own_percpu)
{
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

static void a_percpu_queue_flushed_from_its_own_item_is_reported_once(void)
{
	struct workqueue_struct *wq = create_workqueue("percpu");

	if (need_two_cpus()) {
		run_item(wq, flush_own_percpu, wq);
		run_item(wq, flush_own_percpu, wq);
		check_eq(reports_with(RECURSIVE ": percpu/", "wait for (flush_workqueue) queue \"percpu\"",
				      "while in flush_own_percpu on queue \"percpu\"",
				      "; call stack: flush_own_percpu+0x"),
			 1);
	}
	destroy_workqueue(wq);
}

WORK_FUNC(take_a)
{
	with_lock(&lock_a, item_finished(item_of(w)));
}

static void a_flush_under_a_lock_that_an_item_takes_is_reported_once(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("locked");

	run_item(wq, take_a, NULL);
	for (int i = 0; i < 2; i++)
		with_lock(&lock_a, WAITING(flush_workqueue(wq)));
	check_eq(reports_with(CIRCULAR ": " TESTER, "wait for (flush_workqueue) queue \"locked\"",
			      "while holding lock \"lock_a\"",
			      "chain: queue \"locked\" -> take_a -> lock \"lock_a\" -> queue \"locked\""),
		 1);
	destroy_workqueue(wq);
}

WORK_FUNC(take_b)
{
	with_lock(&lock_b, item_finished(item_of(w)));
}

static void the_other_way_round_the_item_is_reported_where_it_takes_the_lock(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("flushed");

	with_lock(&lock_b, WAITING(flush_workqueue(wq)));
	run_item(wq, take_b, NULL);
	check_eq(reports_with(CIRCULAR ": flushed/", "about to take lock \"lock_b\"",
			      "while in take_b on queue \"flushed\"",
			      "chain: lock \"lock_b\" -> queue \"flushed\" -> take_b -> lock \"lock_b\"",
			      "call stack: take_b+0x"),
		 1);
	destroy_workqueue(wq);
}

WORK_FUNC(take_g)
{
	with_lock(&lock_g, item_finished(item_of(w)));
}

static void flush_under_g(struct call *c)
{
	with_lock(&lock_g, call_flush(c));
}

static void the_report_comes_before_the_wait(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("waiting");
	struct call flush;
	struct item busy;

	run_item(wq, take_g, NULL);
	plug(wq, &busy);
	call_start(&flush, flush_under_g, wq);
	check(call_sleeps(&flush));
	check_eq(reports_with(CIRCULAR, "wait for (flush_workqueue) queue \"waiting\""), 1);
	check(!call_returned(&flush));
	gate_open(&busy.gate);
	call_join(&flush);
	destroy_workqueue(wq);
}

WORK_FUNC(take_both)
{
	(void)w;
	with_lock(&lock_c, (void)0);
	with_lock(&lock_f, (void)0);
}

static void every_call_that_waits_for_items_is_named(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("ending");

	run_item(wq, take_a, NULL);
	with_lock(&lock_a, WAITING(destroy_workqueue(wq)));
	check_eq(reports_with(CIRCULAR, "wait for (destroy_workqueue) queue \"ending\""), 1);
	wq = create_singlethread_workqueue("closing");
	run_item(wq, take_a, NULL);
	with_lock(&lock_a, WAITING(wq_close_workqueue(wq)));
	check_eq(reports_with(CIRCULAR, "wait for (wq_close_workqueue) queue \"closing\""), 1);
	destroy_workqueue(wq);
	check_eq(WAITING(schedule_on_each_cpu(take_both)), 0);
	with_lock(&lock_c, WAITING(flush_scheduled_work()));
	check_eq(reports_with(CIRCULAR, "wait for (flush_scheduled_work) queue \"events\"",
			      "chain: queue \"events\" -> take_both -> lock \"lock_c\""),
		 1);
	with_lock(&lock_f, WAITING(schedule_on_each_cpu(take_both)));
	check_eq(reports_with(CIRCULAR, "wait for (schedule_on_each_cpu) take_both"), 1);
}

/* ---- Two queues whose items flush the other's ------------------------------ */

WORK_FUNC(a_func)
{
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

WORK_FUNC(b_func)
{
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

static void two_queues_that_flush_one_another_are_reported(void)
{
	struct workqueue_struct *a = create_singlethread_workqueue("one");
	struct workqueue_struct *b = create_singlethread_workqueue("another");

	run_item(a, a_func, b);
	check_eq(reported(""), 0);
	run_item(b, b_func, a); /* a is idle: no deadlock in this run */
	check_eq(reports_with(CIRCULAR ": another/", "wait for (flush_workqueue) queue \"one\"",
			      "while in b_func on queue \"another\"",
			      "chain: queue \"one\" -> a_func -> queue \"another\" -> b_func -> queue \"one\"",
			      "call stack: b_func+0x"),
		 1);
	destroy_workqueue(a);
	destroy_workqueue(b);
}

WORK_FUNC(r_func)
{
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

WORK_FUNC(s_func)
{
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

WORK_FUNC(t_func)
{
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

static void a_ring_of_three_queues_is_reported_whole(void)
{
	struct workqueue_struct *r = create_workqueue("first");
	struct workqueue_struct *s = create_singlethread_workqueue("second");
	struct workqueue_struct *t = create_freezeable_workqueue("third");

	run_item(s, s_func, t);
	run_item(t, t_func, r);
	run_item(r, r_func, s);
	check_eq(reports_with(CIRCULAR ": first/",
			      "chain: queue \"second\" -> s_func -> queue \"third\" -> t_func -> queue \"first\" "
			      "-> r_func -> queue \"second\""),
		 1);
	destroy_workqueue(r);
	destroy_workqueue(s);
	destroy_workqueue(t);
}

/* ---- A cancel of what waits for the caller ---------------------------------- */

WORK_FUNC(take_d)
{
	with_lock(&lock_d, item_finished(item_of(w)));
}

static void a_cancel_under_a_lock_that_the_item_takes_is_reported(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("cancelled");
	struct item i;

	run_item(wq, take_d, NULL);
	item_init(&i, NULL, take_d);
	for (int n = 0; n < 2; n++)
		with_lock(&lock_d, WAITING(cancel_work_sync(&i.work)));
	check_eq(reports_with(CIRCULAR ": " TESTER, "wait for (cancel_work_sync) take_d",
			      "while holding lock \"lock_d\"",
			      "chain: take_d -> lock \"lock_d\" -> take_d"),
		 1);
	destroy_workqueue(wq);
}

WORK_FUNC(take_e)
{
	(void)w;
	with_lock(&lock_e, (void)0);
}

static void a_cancel_of_delayed_work_is_named_as_what_it_is(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("later");
	struct delayed_work later;

	INIT_DELAYED_WORK(&later, take_e);
	check(queue_delayed_work(wq, &later, 0));
	WAITING(flush_workqueue(wq));
	with_lock(&lock_e, WAITING(cancel_delayed_work_sync(&later)));
	check_eq(reports_with(CIRCULAR, "wait for (cancel_delayed_work_sync) take_e",
			      "chain: take_e -> lock \"lock_e\" -> take_e"),
		 1);
	destroy_workqueue(wq);
}

WORK_FUNC(cancel_self)
{
	WAITING(cancel_work_sync(w));
	item_finished(item_of(w));
}

static void an_item_that_cancels_itself_is_reported_by_name(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("self");

	run_item(wq, cancel_self, NULL);
	run_item(wq, cancel_self, NULL);
	check_eq(reports_with(RECURSIVE ": self/", "wait for (cancel_work_sync) cancel_self",
			      "while in cancel_self on queue \"self\"", "call stack: cancel_self+0x"),
		 1);
	check_eq(allow_report("of an item from its own function cancel_self"), 1);
	destroy_workqueue(wq);
}

static struct item *other;

WORK_FUNC(cancel_other)
{
	WAITING(cancel_work_sync(&other->work));
	item_finished(item_of(w));
}

WORK_FUNC(flush_for_other)
{
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

static void an_item_that_cancels_one_that_flushes_its_queue_is_reported(void)
{
	struct workqueue_struct *p = create_singlethread_workqueue("cancels");
	struct workqueue_struct *q = create_singlethread_workqueue("flushes");
	struct item i;

	item_init(&i, p, flush_for_other);
	other = &i;
	check(queue_work(q, &i.work));
	item_await_done(&i, 1);
	run_item(p, cancel_other, NULL);
	check_eq(reports_with(CIRCULAR ": cancels/", "while in cancel_other on queue \"cancels\"",
			      "chain: flush_for_other -> queue \"cancels\" -> cancel_other -> flush_for_other"),
		 1);
	destroy_workqueue(p);
	destroy_workqueue(q);
}

static void locks_taken_in_two_orders_are_reported(void)
{
	with_lock(&lock_e, with_lock(&lock_f, (void)0));
	with_lock(&lock_f, with_lock(&lock_e, (void)0));
	check_eq(reports_with(CIRCULAR, "about to take lock \"lock_e\" while holding lock \"lock_f\"",
			      "chain: lock \"lock_e\" -> lock \"lock_f\" -> lock \"lock_e\""),
		 1);
}

WORK_FUNC(keep_g)
{
	lock_map_acquire(&lock_f);
	lock_map_acquire(&lock_g);
	lock_map_release(&lock_f);
	item_finished(item_of(w));
}

static void a_lock_that_a_function_keeps_is_reported_and_counts_as_let_go(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("keeper");

	run_item(wq, keep_g, NULL);
	run_item(wq, keep_g, NULL); /* else it would be taken twice */
	destroy_workqueue(wq); /* the report comes when the function has returned */
	check_eq(reports_with("BUG: workqueue leaked lock or atomic: keeper/0x00000000/",
			      "last function: keep_g", "locks held: lock \"lock_g\""),
		 2);
}

static void turn_on(void)
{
	name_thread();
	check(wq_lockdep_enable());
}

TEST_MAIN(TEST(turn_on), TEST(a_percpu_queue_flushed_from_its_own_item_is_reported_once),
	  TEST(a_flush_under_a_lock_that_an_item_takes_is_reported_once),
	  TEST(the_other_way_round_the_item_is_reported_where_it_takes_the_lock),
	  TEST(the_report_comes_before_the_wait), TEST(every_call_that_waits_for_items_is_named),
	  TEST(two_queues_that_flush_one_another_are_reported),
	  TEST(a_ring_of_three_queues_is_reported_whole),
	  TEST(a_cancel_under_a_lock_that_the_item_takes_is_reported),
	  TEST(a_cancel_of_delayed_work_is_named_as_what_it_is),
	  TEST(an_item_that_cancels_itself_is_reported_by_name),
	  TEST(an_item_that_cancels_one_that_flushes_its_queue_is_reported),
	  TEST(locks_taken_in_two_orders_are_reported),
	  TEST(a_lock_that_a_function_keeps_is_reported_and_counts_as_let_go))
