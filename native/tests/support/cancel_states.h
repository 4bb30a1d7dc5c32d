/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rows of cancel_table.h: an item that is brought into one state after another, by gates
 * and by timers that fire when the test lets them, and released again. CANCEL_WAY is the
 * function that it is cancelled by.
 */
#ifndef WQ_TEST_CANCEL_STATES_H
#define WQ_TEST_CANCEL_STATES_H

#include "../items.h"
#include "delayed.h"

/* ---- Ways ---------------------------------------------------------------------- */

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)

enum way { way_cancel_work, way_cancel_work_sync, way_cancel_delayed_work, way_cancel_delayed_work_sync };
#define WAY PASTE(way_, CANCEL_WAY)
#define WAY_IS_FOR_DELAYED (WAY == way_cancel_delayed_work || WAY == way_cancel_delayed_work_sync)
#define WAY_WAITS (WAY == way_cancel_work_sync || WAY == way_cancel_delayed_work_sync)

static bool cancel(struct delayed_work *dwork)
{
	switch (WAY) {
	case way_cancel_work:
		return WAITING(cancel_work(&dwork->work));
	case way_cancel_work_sync:
		return WAITING(cancel_work_sync(&dwork->work));
	case way_cancel_delayed_work:
		return WAITING(cancel_delayed_work(dwork));
	default:
		return WAITING(cancel_delayed_work_sync(dwork));
	}
}

static void call_this_way(struct call *c)
{
	c->result = cancel((struct delayed_work *)c->arg);
}

/* ---- The item ------------------------------------------------------------------- */

struct subject {
	struct delayed_item item; /* a plain one is its work alone */
	bool is_plain;
	struct workqueue_struct *(*create)(void);
	struct item busy;	/* before it in the queue, for some states */
	int runs;		/* begun when it is cancelled */
	bool is_armed;		/* and nobody has taken the timer */
	bool is_cancelled;	/* by its own function */
	bool result;		/* of that */
	long function_queues;	/* with what delay its function queues it, before it cancels */
	struct call other;	/* another canceller, that waits */
};
enum { CANCELS_NOTHING = -2, QUEUES_NOTHING = -1 };

static struct workqueue_struct *create_single(void)
{
	return create_singlethread_workqueue("cancelled");
}

static struct workqueue_struct *create_per_cpu(void)
{
	return create_workqueue("cancelled");
}

static bool subject_queue(struct subject *s, unsigned long delay)
{
	if (!s->item.wq)
		s->item.wq = s->create();
	return s->is_plain ? queue_work(s->item.wq, &s->item.dwork.work)
			   : queue_delayed_work(s->item.wq, &s->item.dwork, delay);
}

static void subject_function(struct work_struct *work)
{
	struct subject *s = container_of(delayed_item_of(work), struct subject, item);
	long delay = s->function_queues;

	delayed_started(&s->item);
	if (delay != CANCELS_NOTHING) {
		s->function_queues = CANCELS_NOTHING;
		if (delay != QUEUES_NOTHING)
			check(subject_queue(s, (unsigned long)delay));
		s->result = cancel(&s->item.dwork);
		if (s->result)
			check(!cancel(&s->item.dwork));
	}
	gate_wait(&s->item.gate);
	tally_add(&s->item.ran);
}

/* What the item waits for, or is waited for because of, comes about. */
static void subject_release(struct subject *s)
{
	if (s->is_armed && timer_pending(&s->item.dwork.timer))
		check(cancel_delayed_work(&s->item.dwork));
	s->is_armed = false;
	gate_open(&s->busy.gate);
	gate_open(&s->item.gate);
}

/* ---- States ---------------------------------------------------------------------- */

static void an_item_never_queued(struct subject *s)
{
	if (s->is_plain)
		INIT_WORK(&s->item.dwork.work, subject_function);
	else
		INIT_DELAYED_WORK(&s->item.dwork, subject_function);
}

static void an_item_that_has_run(struct subject *s)
{
	check(subject_queue(s, 0));
	delayed_await(&s->item, ++s->runs);
	WAITING(flush_workqueue(s->item.wq));
}

static void an_item_whose_queue_is_gone(struct subject *s)
{
	an_item_that_has_run(s);
	WAITING((destroy_workqueue(s->item.wq), 0));
	s->item.wq = NULL;
}

static void a_queued_item(struct subject *s)
{
	plug(s->item.wq, &s->busy);
	check(subject_queue(s, 0));
}

static void an_item_queued_by_its_timer(struct subject *s)
{
	plug(s->item.wq, &s->busy);
	check(subject_queue(s, 1));
	let_pass(2);
	check(delayed_work_pending(&s->item.dwork));
	check(!timer_pending(&s->item.dwork.timer));
}

static void an_armed_item(struct subject *s)
{
	check(subject_queue(s, AN_HOUR));
	s->is_armed = true;
}

static void a_running_item(struct subject *s)
{
	gate_init(&s->item.gate);
	check(subject_queue(s, 0));
	gate_wait_reached(&s->item.gate, 1);
	s->runs++;
}

static void an_item_running_and_queued(struct subject *s)
{
	a_running_item(s);
	check(subject_queue(s, 0));
}

static void an_item_running_and_armed(struct subject *s)
{
	a_running_item(s);
	an_armed_item(s);
}

static void an_item_that_another_cancels(struct subject *s)
{
	an_item_running_and_queued(s);
	call_start(&s->other, call_cancel, &s->item.dwork.work);
	check(call_sleeps(&s->other));
}

static void from_its_function(struct subject *s, long delay)
{
	s->function_queues = delay;
	a_running_item(s);
	s->is_cancelled = true;
}

static void from_its_function_a_running_item(struct subject *s)
{
	from_its_function(s, QUEUES_NOTHING);
}

static void from_its_function_a_queued_item(struct subject *s)
{
	from_its_function(s, 0);
}

static void from_its_function_an_armed_item(struct subject *s)
{
	from_its_function(s, (long)AN_HOUR);
}

#endif /* WQ_TEST_CANCEL_STATES_H */
