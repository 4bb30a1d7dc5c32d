/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each way to cancel does to an item in each state: one table for the tests of
 * cancel_work() and its like. Each cell is a test, and its claim is the name: of
 *
 *	#define CANCEL_WAY cancel_work_sync
 *	#include "support/cancel_table.h"
 *
 *	TEST_MAIN(CANCEL_TABLE(CANCEL_TEST) TEST(...))
 *
 * one is a_running_item_is_waited_for_and_gives_false. A call that must wait is watched until
 * it sleeps; one that must not would hang, as what it waits for comes after it. Each cell is
 * walked many times with one item, on a single-threaded queue and on one per CPU, with a
 * delayed work and, where the way takes it, a plain one.
 */
#ifndef WQ_TEST_CANCEL_TABLE_H
#define WQ_TEST_CANCEL_TABLE_H

#include "cancel_states.h"

#define F gives_false
#define T gives_true
#define STAYS stays_and_gives_false
#define WAITS_F is_waited_for_and_gives_false
#define WAITS_T is_waited_for_and_gives_true

/* Of "delayed" states a plain item has none.
 *                                                    cancel_work  _work_sync  _delayed_work  _delayed_work_sync */
#define CANCEL_TABLE(CELL)                                                                                    \
	CELL(any,     an_item_never_queued,                 F,           F,          F,             F)        \
	CELL(any,     an_item_that_has_run,                 F,           F,          F,             F)        \
	CELL(any,     an_item_whose_queue_is_gone,          F,           F,          F,             F)        \
	CELL(any,     a_queued_item,                        T,           T,          STAYS,         T)        \
	CELL(delayed, an_item_queued_by_its_timer,          T,           T,          STAYS,         T)        \
	CELL(delayed, an_armed_item,                        T,           WAITS_F,    T,             T)        \
	CELL(any,     a_running_item,                       F,           WAITS_F,    F,             WAITS_F)  \
	CELL(any,     an_item_running_and_queued,           T,           WAITS_T,    STAYS,         WAITS_T)  \
	CELL(delayed, an_item_running_and_armed,            T,           WAITS_F,    T,             WAITS_T)  \
	CELL(any,     an_item_that_another_cancels,         F,           WAITS_F,    F,             WAITS_F)  \
	CELL(any,     from_its_function_a_running_item,     F,           F,          F,             F)        \
	CELL(any,     from_its_function_a_queued_item,      T,           T,          STAYS,         T)        \
	CELL(delayed, from_its_function_an_armed_item,      T,           T,          T,             T)

/* ---- Outcomes ------------------------------------------------------------------ */

struct outcome {
	bool result, waits, stays; /* stays: in its queue, from which it will run */
};

static const struct outcome gives_false = { false, false, false };
static const struct outcome gives_true = { true, false, false };
static const struct outcome stays_and_gives_false = { false, false, true };
static const struct outcome is_waited_for_and_gives_false = { false, true, false };
static const struct outcome is_waited_for_and_gives_true = { true, true, false };

/* ---- The walk ---------------------------------------------------------------------- */

static bool cancel_while_it_sleeps(struct subject *s)
{
	bool timer_is_left = s->is_armed && !WAY_IS_FOR_DELAYED;
	struct call call;

	call_start(&call, call_this_way, &s->item.dwork);
	check(call_sleeps(&call));
	check_eq(timer_pending(&s->item.dwork.timer), timer_is_left);
	check(!subject_queue(s, 0)); /* it is the canceller's for now */
	subject_release(s);
	return call_join(&call);
}

static void subject_begin(struct subject *s)
{
	s->runs = delayed_runs(&s->item);
	s->is_armed = s->is_cancelled = false;
	s->function_queues = CANCELS_NOTHING;
	s->other.make = NULL;
	gate_init(&s->busy.gate);
	gate_init(&s->item.gate);
	gate_open(&s->item.gate);
}

/* Whatever the state, one more run comes: of what was left in the queue, or of a queueing after the cancel. */
static void subject_runs_once_more(struct subject *s, const struct outcome *outcome, unsigned long delay)
{
	if (!outcome->stays)
		delayed_expect(&s->item, delay * NS_PER_MS);
	check_eq(subject_queue(s, delay), !outcome->stays);
	subject_release(s);
	delayed_await(&s->item, s->runs + 1);
	WAITING(flush_workqueue(s->item.wq));
	check_eq(delayed_runs(&s->item), s->runs + 1);
}

static void cancel_once(struct subject *s, void (*enter)(struct subject *), const struct outcome *outcome,
			unsigned long next_delay)
{
	bool result;

	subject_begin(s);
	enter(s);
	if (outcome->waits)
		result = cancel_while_it_sleeps(s);
	else
		result = s->is_cancelled ? s->result : cancel(&s->item.dwork);
	s->is_armed = false;
	if (s->other.make) {
		subject_release(s);
		check(call_join(&s->other));
	}
	check_eq(result, outcome->result);
	check_eq(delayed_work_pending(&s->item.dwork), outcome->stays);
	check(!timer_pending(&s->item.dwork.timer));
	subject_runs_once_more(s, outcome, s->is_plain ? 0 : next_delay);
}

static void subject_init(struct subject *s, bool is_plain, struct workqueue_struct *(*create)(void))
{
	memset(s, 0, sizeof(*s));
	delayed_init(&s->item, create(), subject_function);
	s->is_plain = is_plain;
	s->create = create;
	an_item_never_queued(s);
}

static void cancel_walk(void (*enter)(struct subject *), const struct outcome *outcome, bool is_plain,
			struct workqueue_struct *(*create)(void))
{
	static struct subject s;

	subject_init(&s, is_plain, create);
	for (unsigned long i = 0; i < (test_slow() ? 2 : 20); i++)
		cancel_once(&s, enter, outcome, i % 2);
	WAITING((destroy_workqueue(s.item.wq), 0));
	check_eq(s.item.early, 0);
}

static void cancel_cell(void (*enter)(struct subject *), const struct outcome *outcome, bool is_for_delayed)
{
	pin_to_cpu(allowed_cpu(0)); /* so that all is on one worker, of either queue */
	for (int is_plain = 0; is_plain <= (!is_for_delayed && !WAY_IS_FOR_DELAYED); is_plain++) {
		cancel_walk(enter, outcome, is_plain, create_single);
		cancel_walk(enter, outcome, is_plain, create_per_cpu);
	}
	unpin();
	if (WAY_WAITS)
		allow_report("own"); /* made once a process */
}

/* ---- Claims of several ways that are no cells ------------------------------------------- */

/** of_three_cancellers_one_gets_true() - of an item that runs and is pending */
static inline void of_three_cancellers_one_gets_true(void)
{
	static struct subject s;
	struct call call[3];

	subject_init(&s, !WAY_IS_FOR_DELAYED, create_single);
	for (int round = 0; round < 20; round++) {
		int nr_true = 0;

		subject_begin(&s);
		a_running_item(&s);
		check(subject_queue(&s, AN_HOUR));
		for (int i = 0; i < 3; i++)
			call_start(&call[i], call_this_way, &s.item.dwork);
		for (int i = 0; i < 3; i++)
			check(call_sleeps(&call[i]));
		subject_release(&s);
		for (int i = 0; i < 3; i++)
			nr_true += call_join(&call[i]);
		check_eq(nr_true, 1);
		check(!delayed_work_pending(&s.item.dwork));
		subject_runs_once_more(&s, &gives_true, 0);
	}
	WAITING((destroy_workqueue(s.item.wq), 0));
}

/** calls_from_the_own_function_are_reported_once() - in a process: this test is its first */
static inline void calls_from_the_own_function_are_reported_once(void)
{
	static struct subject s;

	subject_init(&s, !WAY_IS_FOR_DELAYED, create_single);
	for (int round = 0; round < 2; round++)
		cancel_once(&s, from_its_function_a_queued_item, &gives_true, 0);
	check_eq(expect_report("own"), 1);
	WAITING((destroy_workqueue(s.item.wq), 0));
}

/** items_go_from_everywhere_in_the_queue() - all of them on the worker's list, or some in its hand */
static inline void items_go_from_everywhere_in_the_queue(void)
{
	enum { NR_ITEMS = 300 }; /* more than a worker has in hand */
	static struct subject items[NR_ITEMS];
	struct workqueue_struct *wq = create_single();
	struct item first, busy;

	for (int in_hand = 0; in_hand < 2; in_hand++) {
		plug(wq, &first);
		item_init(&busy, wq, item_block);
		check(queue_work(wq, &busy.work));
		for (int i = 0; i < NR_ITEMS; i++) {
			delayed_init(&items[i].item, wq, delayed_count);
			items[i].is_plain = !WAY_IS_FOR_DELAYED;
			check(subject_queue(&items[i], 0));
		}
		if (in_hand) {
			gate_open(&first.gate);
			gate_wait_reached(&busy.gate, 1);
		}
		for (int i = NR_ITEMS - 1; i > 0; i -= 3)
			check(cancel(&items[i].item.dwork));
		gate_open(&first.gate);
		gate_open(&busy.gate);
		WAITING(flush_workqueue(wq));
		for (int i = 0; i < NR_ITEMS; i++)
			check_eq(delayed_runs(&items[i].item), i % 3 != 2);
	}
	destroy_workqueue(wq);
}

/* ---- The cells as tests --------------------------------------------------------------- */

enum { cells_any, cells_delayed };

#define COLUMN_cancel_work(a, b, c, d) a
#define COLUMN_cancel_work_sync(a, b, c, d) b
#define COLUMN_cancel_delayed_work(a, b, c, d) c
#define COLUMN_cancel_delayed_work_sync(a, b, c, d) d

#define CANCEL_FUNCTION_(kind, state, outcome)                                                                \
	static void PASTE(state##_, outcome)(void)                                                            \
	{                                                                                                     \
		cancel_cell(state, &outcome, cells_##kind);                                                   \
	}
#define CANCEL_FUNCTION(kind, state, a, b, c, d)                                                              \
	CANCEL_FUNCTION_(kind, state, PASTE(COLUMN_, CANCEL_WAY)(a, b, c, d))
#define CANCEL_TEST_NAMED(name) TEST(name),
#define CANCEL_TEST(kind, state, a, b, c, d)                                                                  \
	CANCEL_TEST_NAMED(PASTE(state##_, PASTE(COLUMN_, CANCEL_WAY)(a, b, c, d)))

CANCEL_TABLE(CANCEL_FUNCTION)

/** CANCEL_SYNC_TESTS - of a way that waits: its cells, and what they do not show */
#define CANCEL_SYNC_TESTS                                                                                     \
	TEST(calls_from_the_own_function_are_reported_once), /* the first, as it is once a process */         \
	CANCEL_TABLE(CANCEL_TEST)                                                                             \
	TEST(items_go_from_everywhere_in_the_queue), TEST(of_three_cancellers_one_gets_true)

#endif /* WQ_TEST_CANCEL_TABLE_H */
