/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "If there can be no timer, or the queue takes no work, nothing happens to the item";
 * what another thread cancels is left to it, what is pending on another queue is taken
 * from there, and no lock that the function takes is in the way.
 */
#include "test.h"
#include "support/delayed.h"
#include "child.h"
#include "support/limit_threads.h"

#include <linux/workqueue.h>
#include <sys/wait.h>

/* Its run has begun, and stands at the gate. */
static void run_and_stand(struct delayed_item *a, struct workqueue_struct *wq)
{
	delayed_init(a, wq, delayed_block);
	check(delayed_arm(a, 0));
	gate_wait_reached(&a->gate, 1);
}

/* ---- Other queues -------------------------------------------------------------- */

static void from_queue_to_queue(struct workqueue_struct *from, struct workqueue_struct *to)
{
	struct delayed_item a;
	struct item busy;

	pin_to_cpu(allowed_cpu(0));
	plug(from, &busy);
	for (int round = 0; round < 4; round++) {
		delayed_init(&a, from, delayed_count);
		check(delayed_arm(&a, round < 2 ? AN_HOUR : 0));
		check(WAITING(mod_delayed_work(to, &a.dwork, (unsigned long)round % 2)));
		delayed_await(&a, 1);
		WAITING(flush_workqueue(to));
		check_eq(delayed_runs(&a), 1);
		check(!WAITING(cancel_delayed_work_sync(&a.dwork)));
	}
	delayed_init(&a, from, delayed_count);
	check(delayed_arm(&a, AN_HOUR));
	check(WAITING(mod_delayed_work(to, &a.dwork, AN_HOUR)));
	gate_open(&busy.gate);
	destroy_workqueue(from); /* Without a report: nothing is armed for it. */
	check(WAITING(mod_delayed_work(to, &a.dwork, 0)));
	delayed_await(&a, 1);
	unpin();
	destroy_workqueue(to);
}

static void an_item_pending_on_another_queue_is_taken_from_there(void)
{
	from_queue_to_queue(create_workqueue("from"), create_singlethread_workqueue("to"));
	from_queue_to_queue(create_singlethread_workqueue("from"), alloc_workqueue("to", WQ_PERCPU, 1));
	from_queue_to_queue(alloc_workqueue("from", WQ_PERCPU, 1), create_workqueue("to"));
	from_queue_to_queue(alloc_workqueue("from", WQ_UNBOUND, 1), alloc_workqueue("to", WQ_PERCPU, 1));
	from_queue_to_queue(alloc_workqueue("from", WQ_PERCPU, 1), alloc_ordered_workqueue("to", 0));
}

/* ---- Queues that refuse --------------------------------------------------------- */

static struct workqueue_struct *(*const ends[])(const char *) = { create_workqueue, create_singlethread_workqueue };

static struct workqueue_struct *create_end(int n)
{
	return n < 2 ? ends[n]("end") : alloc_workqueue("end", n == 2 ? WQ_PERCPU : WQ_UNBOUND, 0);
}

static void refuses(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay, int error)
{
	errno = 0;
	check(!WAITING(mod_delayed_work(wq, dwork, delay)));
	check_eq(errno, error);
}

static void a_closed_queue_refuses_and_the_item_stays_where_it_was(void)
{
	struct workqueue_struct *alive = create_singlethread_workqueue("alive");

	for (int n = 0; n < 4; n++) {
		struct workqueue_struct *wq = create_end(n);
		struct delayed_item a;

		delayed_init(&a, alive, delayed_count);
		WAITING((wq_close_workqueue(wq), 0));
		refuses(wq, &a.dwork, 0, ESHUTDOWN);
		refuses(wq, &a.dwork, 1, ESHUTDOWN);
		check(!delayed_work_pending(&a.dwork));
		check(delayed_arm(&a, AN_HOUR));
		refuses(wq, &a.dwork, 0, ESHUTDOWN);
		refuses(wq, &a.dwork, 1, ESHUTDOWN);
		check(timer_pending(&a.dwork.timer));
		check(WAITING(mod_delayed_work(alive, &a.dwork, 0)));
		delayed_await(&a, 1);
		destroy_workqueue(wq);
	}
	destroy_workqueue(alive);
}

static void a_destroyed_queue_is_reported_and_the_item_stays_where_it_was(void)
{
	struct workqueue_struct *alive = create_singlethread_workqueue("alive");

	for (int n = 0; n < 4; n++) {
		struct workqueue_struct *wq = create_end(n);
		struct delayed_item a;

		delayed_init(&a, alive, delayed_count);
		destroy_workqueue(wq);
		check(delayed_arm(&a, AN_HOUR));
		check(!WAITING(mod_delayed_work(wq, &a.dwork, (unsigned long)n % 2)));
		check(timer_pending(&a.dwork.timer));
		check(WAITING(cancel_delayed_work_sync(&a.dwork)));
	}
	expect_report("cannot queue");
	destroy_workqueue(alive);
}

/* ---- No timer -------------------------------------------------------------------- */

static void mod_without_threads(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("alone");
	struct delayed_item a;
	struct item busy;

	delayed_init(&a, wq, delayed_count);
	plug(wq, &busy);
	if (!become_limited(0))
		return;
	refuses(wq, &a.dwork, 1, EAGAIN);
	check(!delayed_work_pending(&a.dwork));
	check(delayed_arm(&a, 0));
	refuses(wq, &a.dwork, 1, EAGAIN);
	check(delayed_work_pending(&a.dwork));
	check(WAITING(mod_delayed_work(wq, &a.dwork, 0)));
	allow_report("no timers on CPU");
	gate_open(&busy.gate);
	delayed_await(&a, 1);
	check(allow_threads(-1));
	check(!mod_delayed_work(wq, &a.dwork, 1));
	delayed_await(&a, 2);
	destroy_workqueue(wq);
}

static void without_a_timer_thread_the_item_stays_as_it_was(void)
{
	run_limited("mod_without_threads");
}

/* ---- Cancelling, and locks --------------------------------------------------------- */

static void an_item_that_another_cancels_is_left_to_it(void)
{
	for (int n = 0; n < 4; n++) {
		struct workqueue_struct *wq = create_end(n);
		struct delayed_item a;
		struct call other;

		run_and_stand(&a, wq);
		call_start(&other, n % 2 ? call_cancel_delayed : call_cancel, &a.dwork);
		check(call_sleeps(&other));
		refuses(wq, &a.dwork, 0, 0);
		refuses(wq, &a.dwork, 1, 0);
		gate_open(&a.gate);
		call_join(&other);
		check(!other.result);
		check(!delayed_work_pending(&a.dwork));
		check_eq(delayed_runs(&a), 1);
		check(!mod_delayed_work(wq, &a.dwork, 1));
		delayed_await(&a, 2);
		destroy_workqueue(wq);
	}
}

static void who_sleeps_on_an_armed_item_sees_the_new_time(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("sleep");
	struct delayed_item a;
	struct call other;

	for (int n = 0; n < 2; n++) {
		delayed_init(&a, wq, delayed_count);
		check(delayed_arm(&a, AN_HOUR));
		call_start(&other, call_cancel, &a.dwork);
		check(call_sleeps(&other));
		check(mod_delayed_work(wq, &a.dwork, AN_HOUR / 2));
		check(call_sleeps(&other));
		check(mod_delayed_work(wq, &a.dwork, (unsigned long)n));
		call_join(&other);
		check_eq(delayed_runs(&a) + other.result, 1);
	}
	destroy_workqueue(wq);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void take_lock(struct work_struct *work)
{
	struct delayed_item *i = delayed_item_of(work);

	gate_wait(&i->gate);
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	tally_add(&i->ran);
}

static void a_lock_that_the_function_takes_may_be_held(void)
{
	static const unsigned long delays[] = { 0, 1, LONG_MAX, 0, AN_HOUR, 1, 0 };

	for (int n = 0; n < 4; n++) {
		struct workqueue_struct *wq = create_end(n);
		struct delayed_item a;

		delayed_init(&a, wq, take_lock);
		check(delayed_arm(&a, 0));
		gate_wait_reached(&a.gate, 1);
		pthread_mutex_lock(&lock);
		gate_open(&a.gate);
		for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++)
			WAITING(mod_delayed_work(wq, &a.dwork, delays[i]));
		pthread_mutex_unlock(&lock);
		WAITING(flush_workqueue(wq));
		check(delayed_runs(&a) >= 2);
		destroy_workqueue(wq);
	}
}

/* ---- Forks, and misuse --------------------------------------------------------------- */

static struct workqueue_struct *parents;
static struct delayed_item of_parent[2];

static bool the_child_takes_them(void)
{
	struct workqueue_struct *wq = create_workqueue("child");
	bool well = wq && !mod_delayed_work(parents, &of_parent[0].dwork, 0) && allow_report("the parent process's") == 1;

	for (int i = 0; well && i < 2; i++) {
		well = mod_delayed_work(wq, &of_parent[i].dwork, (unsigned long)i);
		delayed_await(&of_parent[i], 1);
	}
	return well && !mod_delayed_work(wq, &of_parent[1].dwork, AN_HOUR) &&
	       mod_delayed_work(wq, &of_parent[1].dwork, 0);
}

static void a_forked_child_takes_what_its_parent_had_pending(void)
{
	struct item busy;
	int status = -1;
	pid_t pid;

	parents = create_singlethread_workqueue("parent");
	plug(parents, &busy);
	for (int i = 0; i < 2; i++) {
		delayed_init(&of_parent[i], parents, delayed_count);
		check(queue_delayed_work(parents, &of_parent[i].dwork, i ? AN_HOUR : 0));
	}
	pid = fork();
	if (pid == 0) {
		alarm(20);
		_exit(the_child_takes_them() ? 0 : 1);
	}
	WAITING(waitpid(pid, &status, 0));
	check_eq(status, 0);
	check(mod_delayed_work(parents, &of_parent[1].dwork, 0));
	gate_open(&busy.gate);
	destroy_workqueue(parents);
	check_eq(delayed_runs(&of_parent[0]), 1);
	check_eq(delayed_runs(&of_parent[1]), 1);
}

static void misuse_is_reported_and_refused(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("unharmed");
	static struct delayed_work never_initialised, good;

	INIT_DELAYED_WORK(&good, NULL);
	check(!mod_delayed_work(NULL, &good, 1));
	check_eq(expect_report("mod_delayed_work() of NULL"), 1);
	check(!mod_delayed_work(wq, NULL, 1));
	check(!mod_delayed_work_on(0, wq, NULL, 1));
	check_eq(expect_report("mod_delayed_work_on() of NULL"), 1);
	expect_report("of NULL");
	check(!mod_delayed_work(wq, &good, 1));
	check_eq(expect_report("function is NULL"), 1);
	memset(&never_initialised, 0x77, sizeof(never_initialised));
	check(!mod_delayed_work(wq, &never_initialised, 0));
	check_eq(expect_report("never initialised"), 1);
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(an_item_pending_on_another_queue_is_taken_from_there),
	  TEST(a_closed_queue_refuses_and_the_item_stays_where_it_was),
	  TEST(a_destroyed_queue_is_reported_and_the_item_stays_where_it_was),
	  TEST(without_a_timer_thread_the_item_stays_as_it_was),
	  TEST(an_item_that_another_cancels_is_left_to_it), TEST(who_sleeps_on_an_armed_item_sees_the_new_time),
	  TEST(a_lock_that_the_function_takes_may_be_held),
	  TEST(a_forked_child_takes_what_its_parent_had_pending), TEST(misuse_is_reported_and_refused),
	  CHILD(mod_without_threads))
