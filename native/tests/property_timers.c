/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hundred thousand random operations on a thousand timers and delayed works agree
 * with a model that keeps a list of armings: returns are the model's wherever it can
 * know them, no arming ends early, and none is lost or done twice.
 */
#include "test.h"
#include "support/delayed.h"

enum { NR = 1000, NR_OPS = 100000, MAX_ARMINGS = 400, LONGEST_MS = 25 };

/* An arming that was not taken back ends in one call of the function, in order. */
struct model {
	union {
		struct delayed_work dwork;
		struct timer_list timer;
	} u;
	bool is_timer;
	int nr_armings, nr_calls;
	uint64_t due_ns[MAX_ARMINGS], called_ns[MAX_ARMINGS];
};

/* What the model knows before and after an operation. */
enum known { ARMED, IDLE, UNKNOWN };

static struct model models[NR];
static struct workqueue_struct *wq;
static uint64_t seed;
static int nr_known, nr_unknown;

static void called(struct model *m)
{
	int n = __atomic_load_n(&m->nr_calls, __ATOMIC_RELAXED);

	if (n < MAX_ARMINGS)
		m->called_ns[n] = now_ns();
	__atomic_store_n(&m->nr_calls, n + 1, __ATOMIC_RELEASE);
}

static void item_called(struct work_struct *work)
{
	called(container_of(to_delayed_work(work), struct model, u.dwork));
}

static void timer_called(struct timer_list *timer)
{
	called(container_of(timer, struct model, u.timer));
}

static int nr_calls(const struct model *m)
{
	return __atomic_load_n(&m->nr_calls, __ATOMIC_ACQUIRE);
}

/* Once the last arming has been called the item is idle; until it is due it is armed. */
static enum known state_before(const struct model *m)
{
	return nr_calls(m) == m->nr_armings ? IDLE : UNKNOWN;
}

static enum known state_after(enum known before, uint64_t due_ns)
{
	if (before == IDLE)
		return IDLE;
	return now_ns() < due_ns ? ARMED : UNKNOWN;
}

static uint64_t last_due(const struct model *m)
{
	return m->nr_armings ? m->due_ns[m->nr_armings - 1] : 0;
}

static void check_return(const struct model *m, enum known state, bool result, bool if_armed,
			 const char *op)
{
	if (state == UNKNOWN) {
		nr_unknown++;
		return;
	}
	nr_known++;
	if (result == (state == ARMED ? if_armed : !if_armed))
		return;
	check(!"the model's return value");
	printf("  %s of %s %d, which is %s, returned %d\n", op, m->is_timer ? "timer" : "item",
	       (int)(m - models), state == ARMED ? "armed" : "idle", result);
}

static unsigned long random_delay(void)
{
	if (test_random(&seed) % 8 == 0)
		return AN_HOUR;
	return test_random(&seed) % LONGEST_MS;
}

/* ---- Operations ------------------------------------------------------------------ */

static void op_arm_item(struct model *m)
{
	unsigned long delay = random_delay();
	enum known before = state_before(m);
	uint64_t former_due = last_due(m), due = now_ns() + delay * NS_PER_MS;
	bool queued = queue_delayed_work(wq, &m->u.dwork, delay);

	check_return(m, state_after(before, former_due), queued, false, "queue_delayed_work()");
	if (queued)
		m->due_ns[m->nr_armings++] = due;
}

static void op_move_timer(struct model *m)
{
	unsigned long expires = wq_jiffies() + random_delay();
	enum known before = state_before(m);
	uint64_t former_due = last_due(m);
	bool moved = mod_timer(&m->u.timer, expires);

	check_return(m, state_after(before, former_due), moved, true, "mod_timer()");
	m->nr_armings += !moved;
	m->due_ns[m->nr_armings - 1] = expires * NS_PER_MS;
}

static void taken_back(struct model *m, enum known before, bool result, const char *op)
{
	check_return(m, state_after(before, last_due(m)), result, true, op);
	m->nr_armings -= result;
}

static void op_cancel(struct model *m)
{
	enum known before = state_before(m);
	bool result = m->is_timer ? del_timer(&m->u.timer) : cancel_delayed_work(&m->u.dwork);

	taken_back(m, before, result, m->is_timer ? "del_timer()" : "cancel_delayed_work()");
}

static void op_cancel_sync(struct model *m)
{
	enum known before = state_before(m);
	bool result = m->is_timer ? WAITING(del_timer_sync(&m->u.timer))
				  : WAITING(cancel_delayed_work_sync(&m->u.dwork));

	taken_back(m, before, result, "cancel and wait");
	check_eq(nr_calls(m), m->nr_armings); /* neither lost nor still to come */
	check(m->is_timer ? !timer_pending(&m->u.timer) : !delayed_work_pending(&m->u.dwork));
}

static void op_try_to_del(struct model *m)
{
	enum known before = state_before(m);
	int result = try_to_del_timer_sync(&m->u.timer);

	if (result >= 0)
		taken_back(m, before, result, "try_to_del_timer_sync()");
}

static void one_operation(void)
{
	struct model *m = &models[test_random(&seed) % NR];
	int op = (int)(test_random(&seed) % 8);

	if (m->nr_armings + 1 >= MAX_ARMINGS)
		op = 5;
	if (op < 5)
		m->is_timer ? op_move_timer(m) : op_arm_item(m);
	else if (op == 5)
		op_cancel(m);
	else if (op == 6 && m->is_timer)
		op_try_to_del(m);
	else
		op_cancel_sync(m);
}

/* ---- The whole --------------------------------------------------------------------- */

static void init_models(void)
{
	for (int i = 0; i < NR; i++) {
		models[i].is_timer = i % 2;
		if (models[i].is_timer)
			timer_setup(&models[i].u.timer, timer_called, 0);
		else
			INIT_DELAYED_WORK(&models[i].u.dwork, item_called);
	}
}

/* Every arming has ended in one call, in order and not before its time. */
static void check_calls(const struct model *m)
{
	int early = 0;

	if (!check_eq(nr_calls(m), m->nr_armings))
		return;
	for (int i = 0; i < m->nr_armings; i++)
		early += m->called_ns[i] < m->due_ns[i];
	check_eq(early, 0);
}

static void operations_agree_with_the_model(void)
{
	int nr_done = 0, nr_left = 0;

	seed = test_state.seed;
	wq = create_singlethread_workqueue("model"); /* so that calls come in order */
	if (!check(wq))
		return;
	init_models();
	for (int i = 0; i < race_rounds(NR_OPS); i++) {
		one_operation();
		if (i % 500 == 499)
			let_pass(test_random(&seed) % 8);
	}
	let_pass(LONGEST_MS);
	WAITING(flush_workqueue(wq));
	for (int i = 0; i < NR; i++) {
		nr_left += models[i].nr_armings - nr_calls(&models[i]);
		op_cancel_sync(&models[i]);
		check_calls(&models[i]);
		nr_done += nr_calls(&models[i]);
	}
	destroy_workqueue(wq);
	printf("  %d armings ended in a call, %d were left for later\n", nr_done, nr_left);
	printf("  %d return values known, %d not\n", nr_known, nr_unknown);
	check(nr_done > 0 && nr_known > nr_unknown);
}

TEST_MAIN(TEST(operations_agree_with_the_model))
