/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Once flush_workqueue() or cancel_work_sync() has returned, nothing refers to
 * the waiter's stack. The waiter overwrites the stack below it at once, the worker
 * goes on with other items, and the pattern must stay as written.
 */
#include "test.h"
#include "support/aim.h"

enum { STACK_WORDS = 2048 };

static struct workqueue_struct *wq;
static struct work_struct item, next_item;
static int item_started_, item_done_, item_spins, nr_next;

static void run_item(struct work_struct *work)
{
	(void)work;
	flag_set(&item_started_, 1);
	for (volatile int spins = item_spins; spins; spins--)
		;
	flag_set(&item_done_, 1);
}

static void run_next(struct work_struct *work)
{
	(void)work;
	nr_next++;
}

/* Writes where the waiter's frames were; an address there is none to follow. */
static __attribute__((noinline)) void reuse_stack(uint64_t *random)
{
	volatile uint64_t words[STACK_WORDS];
	int wrong = 0;

	for (int i = 0; i < STACK_WORDS; i++)
		words[i] = 0xdddddddddddddd00u;
	if (test_random(random) % 2)
		queue_work(wq, &next_item);
	jitter(random, 400);
	for (int i = 0; i < STACK_WORDS; i++)
		wrong += words[i] != 0xdddddddddddddd00u;
	check_eq(wrong, 0);
}

static __attribute__((noinline)) void flush_then_reuse(uint64_t *random)
{
	if (!flag_get(&item_done_))
		race_window_hit();
	flush_workqueue(wq);
	reuse_stack(random);
	check_eq(flag_get(&item_done_), 1);
}

static __attribute__((noinline)) void cancel_then_reuse(uint64_t *random)
{
	bool running = flag_get(&item_started_) && !flag_get(&item_done_), cancelled;

	cancelled = cancel_work_sync(&item);
	reuse_stack(random);
	check_eq(flag_get(&item_done_) + cancelled, 1);
	if (running)
		race_window_hit();
}

static void run_race(void (*wait_then_reuse)(uint64_t *), int rounds)
{
	struct aim aim;

	race_begin();
	wq = create_singlethread_workqueue("stack");
	if (!check(wq))
		return;
	INIT_WORK(&item, run_item);
	INIT_WORK(&next_item, run_next);
	aim_init(&aim, 100000, 5);
	race_apart(wq);
	for (int i = 0; race_goes_on(i, rounds); i++) {
		flag_set(&item_started_, 0);
		flag_set(&item_done_, 0);
		item_spins = 200 + (int)(test_random(&aim.random) % 2000);
		check(queue_work(wq, &item));
		if (i % 2)
			flag_await(&item_started_, 1);
		else
			aim_wait(&aim);
		aim_move(&aim, !flag_get(&item_started_));
		wait_then_reuse(&aim.random);
	}
	unpin();
	destroy_workqueue(wq);
	race_require_hits_on_two_cpus();
}

static void a_flush_leaves_nothing_on_the_stack(void)
{
	run_race(flush_then_reuse, 10000);
}

static void a_cancel_leaves_nothing_on_the_stack(void)
{
	run_race(cancel_then_reuse, 10000);
}

TEST_MAIN(TEST(a_flush_leaves_nothing_on_the_stack),
	  TEST(a_cancel_leaves_nothing_on_the_stack))
