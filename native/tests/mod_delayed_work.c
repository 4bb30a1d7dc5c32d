/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mod_delayed_work() gives a delayed work another time, wherever it is: "idle, pending
 * or running". Each claim about a state is tried on every kind of queue; an item stands
 * still behind a plug, which blocks what serves its queue on one CPU.
 */
#include "test.h"
#include "support/delayed.h"

static struct workqueue_struct *per_cpu(void)
{
	return create_workqueue("mod");
}

static struct workqueue_struct *single(void)
{
	return create_singlethread_workqueue("mod");
}

static struct workqueue_struct *shared(void)
{
	return alloc_workqueue("mod", WQ_PERCPU, 1);
}

static struct workqueue_struct *unbound(void)
{
	return alloc_workqueue("mod", WQ_UNBOUND, 1);
}

static struct workqueue_struct *ordered(void)
{
	return alloc_ordered_workqueue("mod", 0);
}

static struct workqueue_struct *(*const kinds[])(void) = { per_cpu, single, shared, unbound, ordered };
enum { NR_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* What a claim has: a queue, an item of it, and one that may stand before the item. */
struct scene {
	struct workqueue_struct *wq;
	struct delayed_item a;
	struct item plug;
};

static void with_every_kind(void (*claim)(struct scene *))
{
	for (int kind = 0; kind < NR_KINDS; kind++) {
		struct scene s;

		pin_to_cpu(allowed_cpu(0));
		s.wq = kinds[kind]();
		delayed_init(&s.a, s.wq, delayed_count);
		item_init(&s.plug, s.wq, item_count);
		claim(&s);
		gate_open(&s.plug.gate);
		gate_open(&s.a.gate);
		destroy_workqueue(s.wq);
		unpin();
	}
}

static bool mod(struct scene *s, unsigned long delay)
{
	delayed_expect(&s->a, delay > AN_HOUR ? 0 : delay * NS_PER_MS);
	return WAITING(mod_delayed_work(s->wq, &s->a.dwork, delay));
}

static void flush(struct scene *s)
{
	WAITING(flush_workqueue(s->wq));
}

/* The item runs once, not early, and is idle then. */
static void runs_once(struct scene *s, int runs)
{
	delayed_await(&s->a, runs);
	flush(s);
	check_eq(delayed_runs(&s->a), runs);
	check_eq(s->a.early, 0);
	check(!delayed_work_pending(&s->a.dwork));
}

/* It is armed for a distant time, and runs no more. */
static void is_armed_only(struct scene *s, int runs)
{
	gate_open(&s->plug.gate);
	flush(s);
	check_eq(delayed_runs(&s->a), runs);
	check(timer_pending(&s->a.dwork.timer));
	check(WAITING(cancel_delayed_work_sync(&s->a.dwork)));
}

/* ---- Idle --------------------------------------------------------------------- */

static void idle(struct scene *s)
{
	check(!mod(s, 3));
	check(delayed_work_pending(&s->a.dwork));
	runs_once(s, 1);
	check(!mod(s, 0));
	runs_once(s, 2);
	check(!mod(s, AN_HOUR));
	is_armed_only(s, 2);
}

static void an_idle_item_is_armed_or_queued_and_gives_false(void)
{
	with_every_kind(idle);
}

static void zero(struct scene *s)
{
	check(!mod(s, 0));
	runs_once(s, 1);
	check(s->a.dwork.timer.base == NULL); /* Never armed. */
}

static void a_delay_of_zero_needs_no_timer(void)
{
	with_every_kind(zero);
}

/* ---- Armed -------------------------------------------------------------------- */

static void armed(struct scene *s)
{
	check(delayed_arm(&s->a, AN_HOUR));
	check(mod(s, 2));
	runs_once(s, 1);
	check(delayed_arm(&s->a, AN_HOUR));
	check(mod(s, 0));
	runs_once(s, 2);
	check(delayed_arm(&s->a, 20));
	check(mod(s, AN_HOUR));
	let_pass(30);
	is_armed_only(s, 2);
}

static void an_armed_item_gets_the_new_delay(void)
{
	with_every_kind(armed);
}

static void forever(struct scene *s)
{
	static const unsigned long delays[] = { LONG_MAX, ULONG_MAX, (unsigned long)MAX_SCHEDULE_TIMEOUT };

	for (int i = 0; i < 3; i++) {
		check(!mod(s, delays[i]));
		check(mod(s, delays[i]));
		let_pass(2);
		check_eq(delayed_runs(&s->a), 0);
		check(WAITING(cancel_delayed_work_sync(&s->a.dwork)));
	}
	check(!mod(s, LONG_MAX));
	check(mod(s, 1));
	runs_once(s, 1);
}

static void the_longest_delays_never_end(void)
{
	with_every_kind(forever);
}

/* ---- Queued ------------------------------------------------------------------- */

static void queued(struct scene *s)
{
	plug(s->wq, &s->plug);
	check(delayed_arm(&s->a, 0));
	check(mod(s, AN_HOUR));
	is_armed_only(s, 0);
}

static void a_queued_item_leaves_its_queue(void)
{
	with_every_kind(queued);
}

static void queued_by_timer(struct scene *s)
{
	plug(s->wq, &s->plug);
	check(delayed_arm(&s->a, 1));
	let_pass(2);
	check(!timer_pending(&s->a.dwork.timer));
	check(mod(s, AN_HOUR));
	check(mod(s, 1));
	gate_open(&s->plug.gate);
	runs_once(s, 1);
}

static void an_item_that_its_timer_has_queued_is_armed_again(void)
{
	with_every_kind(queued_by_timer);
}

static void to_the_end(struct scene *s)
{
	struct item first, second;

	plug(s->wq, &s->plug);
	check(delayed_arm(&s->a, 0));
	item_init(&first, s->wq, item_count);
	item_init(&second, s->wq, item_count);
	check(queue_work(s->wq, &first.work));
	PREPARE_DELAYED_WORK(&s->a.dwork, delayed_block);
	check(mod(s, 0));
	check(queue_work(s->wq, &second.work));
	gate_open(&s->plug.gate);
	gate_wait_reached(&s->a.gate, 1);
	check_eq(item_done(&first), 1); /* The one behind which it went. */
	check_eq(item_runs(&second), 0);
	gate_open(&s->a.gate);
	runs_once(s, 1);
	check_eq(item_done(&second), 1);
}

static void a_queued_item_with_zero_goes_to_the_end(void)
{
	with_every_kind(to_the_end);
}

/* The plug has the item in its own worker's hand. */
static struct scene *queueing;

static void queue_own(struct work_struct *work)
{
	check(queue_delayed_work(queueing->wq, &queueing->a.dwork, 0));
	item_block(work);
}

static void in_hand(struct scene *s)
{
	for (int round = 0; round < 2; round++) {
		queueing = s;
		item_init(&s->plug, s->wq, queue_own);
		check(queue_work(s->wq, &s->plug.work));
		gate_wait_reached(&s->plug.gate, 1);
		check(mod(s, round ? 0 : AN_HOUR));
		if (!round)
			is_armed_only(s, 0);
	}
	gate_open(&s->plug.gate);
	runs_once(s, 1);
}

static void an_item_in_its_workers_hand_is_taken(void)
{
	with_every_kind(in_hand);
}

/* ---- Running ------------------------------------------------------------------ */

static void run_and_stand(struct scene *s)
{
	PREPARE_DELAYED_WORK(&s->a.dwork, delayed_block);
	check(delayed_arm(&s->a, 0));
	gate_wait_reached(&s->a.gate, 1);
}

static void running(struct scene *s)
{
	run_and_stand(s);
	check(!mod(s, AN_HOUR));
	check(mod(s, 0));
	check(mod(s, 1));
	let_pass(2);
	check_eq(delayed_runs(&s->a), 0);
	check(mod(s, 0)); /* Queued by its timer, behind its own run. */
	gate_open(&s->a.gate);
	runs_once(s, 2);
}

static void a_running_item_runs_once_more(void)
{
	with_every_kind(running);
}

static void running_elsewhere(struct scene *s)
{
	int last = allowed_cpu(allowed_cpus() - 1);

	run_and_stand(s);
	pin_to_cpu(last);
	check(!mod(s, 1));
	check(mod(s, 0));
	item_init(&s->plug, s->wq, item_count);
	check(WAITING(mod_delayed_work_on(last, s->wq, &s->a.dwork, 0)));
	let_pass(2);
	check_eq(s->a.gate.standing, 1);
	gate_open(&s->a.gate);
	runs_once(s, 2);
}

static void over_shared_pools(void (*claim)(struct scene *))
{
	struct scene s;

	for (int kind = 2; kind < NR_KINDS; kind++) {
		pin_to_cpu(allowed_cpu(0));
		s.wq = kinds[kind]();
		delayed_init(&s.a, s.wq, delayed_count);
		claim(&s);
		unpin();
		destroy_workqueue(s.wq);
	}
}

static void on_shared_pools_it_does_not_run_twice_at_once(void)
{
	over_shared_pools(running_elsewhere);
}

static int left;

static void mod_own(struct work_struct *work)
{
	struct delayed_item *i = delayed_item_of(work);

	delayed_started(i);
	if (--left > 0) {
		check(!mod_delayed_work(i->wq, &i->dwork, AN_HOUR));
		check(mod_delayed_work(i->wq, &i->dwork, (unsigned long)(left % 2)));
	}
	tally_add(&i->ran);
}

static void own(struct scene *s)
{
	left = 20;
	PREPARE_DELAYED_WORK(&s->a.dwork, mod_own);
	check(!mod(s, 0));
	delayed_await(&s->a, 20);
	runs_once(s, 20);
}

static void a_function_may_re_time_its_own_item(void)
{
	with_every_kind(own);
}

TEST_MAIN(TEST(an_idle_item_is_armed_or_queued_and_gives_false), TEST(a_delay_of_zero_needs_no_timer),
	  TEST(an_armed_item_gets_the_new_delay), TEST(the_longest_delays_never_end),
	  TEST(a_queued_item_leaves_its_queue), TEST(an_item_that_its_timer_has_queued_is_armed_again),
	  TEST(a_queued_item_with_zero_goes_to_the_end), TEST(an_item_in_its_workers_hand_is_taken),
	  TEST(a_running_item_runs_once_more), TEST(on_shared_pools_it_does_not_run_twice_at_once),
	  TEST(a_function_may_re_time_its_own_item))
