/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/wait.h: threads sleep until what they wait for has come, and whoever changes
 * it and then wakes is never missed. Waiters are threads that the kernel says sleep.
 */
#include "items.h"
#include "support/aim.h"

#include <linux/wait.h>

enum { WAITERS = 3, ROUNDS = 20000 };

static DECLARE_WAIT_QUEUE_HEAD(queue);
static int come, looks;

/* Counts how often it is looked at. */
static bool it_has_come(int n)
{
	__atomic_fetch_add(&looks, 1, __ATOMIC_SEQ_CST);
	return flag_get(&come) >= n;
}

static void await_one(struct call *c)
{
	(void)c;
	WAITING((wait_event(queue, it_has_come(1)), 0));
}

static void await_interruptible(struct call *c)
{
	c->result = WAITING(wait_event_interruptible(queue, it_has_come(1))) == 0;
}

static void reset(void)
{
	flag_set(&come, 0);
	flag_set(&looks, 0);
}

/* All sleep, and have looked since the last wake-up. */
static bool all_sleep(struct call *calls, int n)
{
	for (int i = 0; i < n; i++)
		if (!call_sleeps(&calls[i]))
			return false;
	return true;
}

static void a_condition_that_holds_is_not_waited_for(void)
{
	reset();
	flag_set(&come, 1);
	wait_event(queue, it_has_come(1));
	check_eq(looks, 1);
	check_eq(wait_event_interruptible(queue, it_has_come(1)), 0);
	check(wait_event_timeout(queue, it_has_come(1), 5) == 5);
	check(wait_event_timeout(queue, it_has_come(1), 0) == 1);
	check(!waitqueue_active(&queue));
}

static void a_wake_up_without_the_condition_lets_nobody_through(void)
{
	struct call call;

	reset();
	call_start(&call, await_one, NULL);
	check(call_sleeps(&call));
	check(waitqueue_active(&queue));
	for (int i = 0; i < 5; i++) {
		int before = flag_get(&looks);

		wake_up(&queue);
		flag_await(&looks, before + 1); /* it looks */
		check(call_sleeps(&call));
	}
	flag_set(&come, 1);
	wake_up(&queue);
	call_join(&call);
	check(!waitqueue_active(&queue));
}

static void every_waiter_is_woken(void)
{
	struct call calls[WAITERS];

	for (int all = 0; all < 2; all++) {
		reset();
		for (int i = 0; i < WAITERS; i++)
			call_start(&calls[i], await_one, NULL);
		check(all_sleep(calls, WAITERS));
		flag_set(&come, 1);
		if (all)
			wake_up_all(&queue);
		else
			wake_up(&queue);
		for (int i = 0; i < WAITERS; i++)
			call_join(&calls[i]);
	}
}

static void the_interruptible_forms_reach_interruptible_waiters_only(void)
{
	struct call plain, interruptible;

	reset();
	call_start(&plain, await_one, NULL);
	call_start(&interruptible, await_interruptible, NULL);
	check(call_sleeps(&plain));
	check(call_sleeps(&interruptible));
	flag_set(&come, 1);
	wake_up_interruptible(&queue);
	check(call_join(&interruptible)); /* and its result is 0 */
	wake_up_interruptible_all(&queue);
	check(call_sleeps(&plain));
	wake_up(&queue);
	call_join(&plain);
}

static void a_timeout_is_never_early_and_gives_zero(void)
{
	unsigned long start = wq_jiffies();

	reset();
	check_eq(WAITING(wait_event_timeout(queue, it_has_come(1), 20)), 0);
	check(time_after_eq(wq_jiffies(), start + 20));
	start = wq_jiffies();
	check_eq(WAITING(wait_event_interruptible_timeout(queue, it_has_come(1), 20)), 0);
	check(time_after_eq(wq_jiffies(), start + 20));
	check_eq(wait_event_timeout(queue, it_has_come(1), 0), 0);
	check(!waitqueue_active(&queue));
}

static void a_condition_that_holds_when_the_time_is_over_counts(void)
{
	reset();
	check_eq(WAITING(wait_event_timeout(queue, it_has_come(1) || looks > 2, 20)), 1);
}

static void await_an_hour(struct call *c)
{
	long left = WAITING(wait_event_timeout(queue, it_has_come(1), 3600L * HZ));

	c->result = left >= 1 && left <= 3600L * HZ;
}

static void a_wait_that_is_over_gives_the_time_left(void)
{
	struct call call;

	reset();
	call_start(&call, await_an_hour, NULL);
	check(call_sleeps(&call));
	flag_set(&come, 1);
	wake_up(&queue);
	check(call_join(&call));
}

/* ---- No wake-up is lost ------------------------------------------------------------ */

static int turn;
static wait_queue_head_t table;
static struct meeting meeting = MEETING_INITIALIZER(2);

static void *waker(void *unused)
{
	struct aim aim;

	race_pin(1);
	aim_init(&aim, 2000, 1);
	flag_set(&looks, 0);
	for (int i = 1; meet_next(&meeting); i++) {
		aim_wait(&aim);
		flag_set(&turn, i);
		wake_up(&table);
		meet(&meeting);
		/* One look: it found that its turn had come; more: it was about to sleep. */
		aim_move(&aim, flag_get(&looks) == 1);
		flag_set(&looks, 0);
	}
	return unused;
}

static bool my_turn(int i)
{
	__atomic_fetch_add(&looks, 1, __ATOMIC_SEQ_CST);
	return flag_get(&turn) == i;
}

static void no_wake_up_between_the_look_and_the_sleep_is_lost(void)
{
	int rounds = 0, slept = 0;
	pthread_t thread;

	race_begin();
	init_waitqueue_head(&table);
	thread = start_thread(waker, NULL);
	race_pin(0);
	while (race_goes_on(rounds, ROUNDS)) {
		meet(&meeting);
		rounds++;
		WAITING((wait_event(table, my_turn(rounds)), 0));
		slept += flag_get(&looks) > 1;
		meet(&meeting);
	}
	meet_end(&meeting);
	join_thread(thread);
	unpin();
	printf("  found it had come %d times, not yet %d times\n", rounds - slept, slept);
	if (allowed_cpus() > 1 && (slept == 0 || slept == rounds))
		race_saw_too_little("the turn came always early, or always late");
	check(!waitqueue_active(&table));
}

/* ---- Step by step -------------------------------------------------------------------- */

static void wait_by_hand(struct call *c)
{
	DECLARE_WAITQUEUE(wait, wq_current());

	(void)c;
	add_wait_queue(&queue, &wait);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (it_has_come(1))
			break;
		WAITING((schedule(), 0));
	}
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(&queue, &wait);
}

static void waiting_step_by_step_works_too(void)
{
	struct call call;

	reset();
	call_start(&call, wait_by_hand, NULL);
	check(call_sleeps(&call));
	check(waitqueue_active(&queue));
	flag_set(&come, 1);
	wake_up_interruptible(&queue);
	call_join(&call);
	check(!waitqueue_active(&queue));
}

static void a_wake_up_before_schedule_makes_it_return(void)
{
	set_current_state(TASK_INTERRUPTIBLE);
	check_eq(wake_up_process(wq_current()), 1);
	check_eq(wake_up_process(wq_current()), 0);
	WAITING((schedule(), 0)); /* does not sleep */
	check_eq(wq_current()->pid, syscall(SYS_gettid));
}

static void schedule_timeout_sleeps_and_gives_the_rest(void)
{
	unsigned long start = wq_jiffies();

	check_eq(WAITING(schedule_timeout_uninterruptible(20)), 0);
	check(time_after_eq(wq_jiffies(), start + 20));
	check_eq(WAITING(schedule_timeout_interruptible(0)), 0);
	set_current_state(TASK_INTERRUPTIBLE);
	wake_up_process(wq_current());
	check(WAITING(schedule_timeout(3600L * HZ)) > 0);
	check(!signal_pending(wq_current()));
}

TEST_MAIN(TEST(a_condition_that_holds_is_not_waited_for),
	  TEST(a_wake_up_without_the_condition_lets_nobody_through), TEST(every_waiter_is_woken),
	  TEST(the_interruptible_forms_reach_interruptible_waiters_only),
	  TEST(a_timeout_is_never_early_and_gives_zero),
	  TEST(a_condition_that_holds_when_the_time_is_over_counts),
	  TEST(a_wait_that_is_over_gives_the_time_left),
	  TEST(no_wake_up_between_the_look_and_the_sleep_is_lost),
	  TEST(waiting_step_by_step_works_too), TEST(a_wake_up_before_schedule_makes_it_return),
	  TEST(schedule_timeout_sleeps_and_gives_the_rest))
