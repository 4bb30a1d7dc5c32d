/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The execution scenarios of the kernel's workqueue.rst, event for event. "w0, w1 and w2
 * are queued to a bound wq q0 on the same CPU. w0 burns CPU for 5ms then sleeps for 10ms
 * then burns CPU for 5ms again before finishing. w1 and w2 burn CPU for 5ms then sleep for
 * 10ms." Here gates stand for the time: an item burns at one without telling, and nobody
 * looks meanwhile, so its worker counts as running; it sleeps at one between
 * wq_blocking_begin() and wq_blocking_end(). What the library decides is who starts when.
 */
#include "items.h"
#include "support/looks.h"

#define NR_ITEMS 3
#define MAX_EVENTS 32

struct sleeper {
	struct work_struct work;
	int number;
	int burns;                 /* in all */
	struct gate burn[2], sleep; /* open when that is over */
};

static struct sleeper w[NR_ITEMS];
static char events[MAX_EVENTS][24];
static int nr_taken, nr_events, nr_seen;

static void note(struct sleeper *s, const char *what)
{
	int n = __atomic_fetch_add(&nr_taken, 1, __ATOMIC_SEQ_CST);

	snprintf(events[n], sizeof(events[n]), "w%d %s", s->number, what);
	while (__atomic_load_n(&nr_events, __ATOMIC_SEQ_CST) != n)
		sched_yield();
	__atomic_store_n(&nr_events, n + 1, __ATOMIC_SEQ_CST);
}

static void burn_and_sleep(struct work_struct *work)
{
	struct sleeper *s = container_of(work, struct sleeper, work);

	note(s, "starts");
	gate_wait(&s->burn[0]);
	note(s, "sleeps");
	wq_blocking_begin();
	gate_wait(&s->sleep);
	wq_blocking_end();
	note(s, "wakes up");
	if (s->burns == 2)
		gate_wait(&s->burn[1]);
	note(s, "finishes");
}

/* w0 is queued on @q0, the others on @q1. */
static void begin(struct workqueue_struct *q0, struct workqueue_struct *q1)
{
	nr_taken = nr_events = nr_seen = 0;
	for (int i = 0; i < NR_ITEMS; i++) {
		INIT_WORK(&w[i].work, burn_and_sleep);
		w[i].number = i;
		w[i].burns = i == 0 ? 2 : 1;
		gate_init(&w[i].burn[0]);
		gate_init(&w[i].burn[1]);
		gate_init(&w[i].sleep);
	}
	looks_hold(allowed_cpu(0));
	pin_to_cpu(allowed_cpu(0));
	for (int i = 0; i < NR_ITEMS; i++)
		check(queue_work(i == 0 ? q0 : q1, &w[i].work));
}

static void end(struct workqueue_struct *q0, struct workqueue_struct *q1)
{
	WAITING(destroy_workqueue(q0));
	if (q1)
		WAITING(destroy_workqueue(q1));
	check_eq(nr_seen, 4 * NR_ITEMS);
	check_eq(nr_events, nr_seen);
	unpin();
	looks_release();
}

static void await_events(int n)
{
	while (__atomic_load_n(&nr_events, __ATOMIC_SEQ_CST) < n)
		sched_yield();
}

/* The next event is this. Some moments are left for one more, which the next call would meet. */
static void happens(int item, const char *what)
{
	char event[sizeof(events[0])];

	snprintf(event, sizeof(event), "w%d %s", item, what);
	WAITING((await_events(nr_seen + 1), 0));
	for (int i = 0; i < 20; i++)
		sched_yield();
	if (!check(strcmp(events[nr_seen], event) == 0))
		printf("  %s, not %s\n", events[nr_seen], event);
	nr_seen++;
}

static void burns_till_it_sleeps(int item)
{
	gate_open(&w[item].burn[0]);
	happens(item, "sleeps");
}

static void starts_and_sleeps(int item)
{
	happens(item, "starts");
	burns_till_it_sleeps(item);
}

static void wakes_up_and_finishes(int item)
{
	gate_open(&w[item].sleep);
	happens(item, "wakes up");
	gate_open(&w[item].burn[1]); /* Of w0 only. */
	happens(item, "finishes");
}

static void the_original_queue(void)
{
	struct workqueue_struct *q0 = create_workqueue("q0");

	begin(q0, q0);
	for (int i = 0; i < NR_ITEMS; i++) {
		starts_and_sleeps(i);
		wakes_up_and_finishes(i);
	}
	end(q0, NULL);
}

static void with_max_active_of_three_or_more(void)
{
	static const int limits[] = { 3, 0 };

	for (int k = 0; k < 2; k++) {
		struct workqueue_struct *q0 = alloc_workqueue("q0", 0, limits[k]);

		begin(q0, q0);
		for (int i = 0; i < NR_ITEMS; i++)
			starts_and_sleeps(i);
		for (int i = 0; i < NR_ITEMS; i++)
			wakes_up_and_finishes(i);
		end(q0, NULL);
	}
}

/* w0's end and w1's are of the same moment there; w2 has room when one of them has finished. */
static void with_max_active_of_two(void)
{
	struct workqueue_struct *q0 = alloc_workqueue("q0", 0, 2);

	begin(q0, q0);
	starts_and_sleeps(0);
	starts_and_sleeps(1);
	wakes_up_and_finishes(0);
	happens(2, "starts");
	wakes_up_and_finishes(1);
	burns_till_it_sleeps(2);
	wakes_up_and_finishes(2);
	end(q0, NULL);
}

/* w1 and w2 are on a queue of their own, which has the flag. They start at the same moment, so in any order. */
static void with_two_that_are_cpu_intensive(void)
{
	struct workqueue_struct *q0 = alloc_workqueue("q0", 0, 0);
	struct workqueue_struct *q1 = alloc_workqueue("q1", WQ_CPU_INTENSIVE, 0);
	int first;

	begin(q0, q1);
	starts_and_sleeps(0);
	WAITING((await_events(nr_seen + 2), 0));
	first = strcmp(events[nr_seen], "w2 starts") ? 1 : 2;
	happens(first, "starts");
	happens(3 - first, "starts");
	burns_till_it_sleeps(1);
	burns_till_it_sleeps(2);
	for (int i = 0; i < NR_ITEMS; i++)
		wakes_up_and_finishes(i);
	end(q0, q1);
}

/* ---- The flag by itself ---------------------------------------------------------- */

static void an_intensive_item_holds_up_nobody(void)
{
	struct workqueue_struct *plain = alloc_workqueue("plain", 0, 0);
	struct workqueue_struct *intensive = alloc_workqueue("intensive", WQ_CPU_INTENSIVE, 0);
	struct item computes, other;

	looks_hold(allowed_cpu(0));
	pin_to_cpu(allowed_cpu(0));
	item_init(&computes, intensive, item_block);
	item_init(&other, plain, item_count);
	check(queue_work(intensive, &computes.work));
	check(queue_work(plain, &other.work));
	item_await_done(&other, 1);
	check(queue_work(plain, &other.work)); /* Once more, when it has certainly begun. */
	gate_wait_reached(&computes.gate, 1);
	item_await_done(&other, 2);
	check_eq(item_done(&computes), 0);
	gate_open(&computes.gate);
	unpin();
	WAITING(destroy_workqueue(intensive));
	WAITING(destroy_workqueue(plain));
	looks_release();
}

static void but_keeps_to_max_active(void)
{
	struct workqueue_struct *wq = alloc_workqueue("intensive", WQ_CPU_INTENSIVE, 1);
	struct workqueue_struct *beside = alloc_workqueue("beside", WQ_CPU_INTENSIVE, 0);
	struct item first, second, other;

	pin_to_cpu(allowed_cpu(0));
	item_init(&first, wq, item_block);
	item_init(&second, wq, item_count);
	item_init(&other, beside, item_count);
	check(queue_work(wq, &first.work));
	check(queue_work(wq, &second.work));
	check(queue_work(beside, &other.work));
	item_await_done(&other, 1);
	check_eq(item_runs(&second), 0);
	gate_open(&first.gate);
	item_await_done(&second, 1);
	unpin();
	destroy_workqueue(wq);
	destroy_workqueue(beside);
}

TEST_MAIN(TEST(the_original_queue), TEST(with_max_active_of_three_or_more), TEST(with_max_active_of_two),
	  TEST(with_two_that_are_cpu_intensive), TEST(an_intensive_item_holds_up_nobody), TEST(but_keeps_to_max_active))
