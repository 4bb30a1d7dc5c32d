/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "In the child the parent's queues are dead ... New queues, timers and the global
 * queue work." Children use the library after a fork at rest, from an item, and
 * amid queueing and arming threads; they exit 0 if all went as it should.
 */
#include "items.h"

#include <linux/workqueue.h>
#include <sys/wait.h>

static struct workqueue_struct *parents;
static struct item pending, ran;
static struct delayed_work armed;

/* Runs @check_child in a forked child; is whether it returned true there. */
static bool in_child(bool (*check_child)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(20); /* a hang ends the child by SIGALRM */
		_exit(check_child() ? 0 : 1);
	}
	WAITING(waitpid(pid, &status, 0));
	if (status)
		printf("  child ended with wait status 0x%x\n", (unsigned int)status);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool new_queues_work(void)
{
	struct workqueue_struct *wq = create_workqueue("child");
	struct item a, b;

	if (!wq)
		return false;
	item_init(&a, wq, item_count);
	item_init(&b, wq, item_count);
	queue_work(wq, &a.work);
	schedule_work(&b.work);
	flush_workqueue(wq);
	flush_scheduled_work();
	destroy_workqueue(wq);
	return item_runs(&a) == 1 && item_runs(&b) == 1;
}

static int due_fired;

static void fire(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&due_fired, 1, __ATOMIC_RELEASE);
}

static bool new_timers_work(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("child");
	struct delayed_work late, soon;
	bool well;

	if (!wq)
		return false;
	due_fired = 0;
	INIT_DELAYED_WORK(&late, fire);
	INIT_DELAYED_WORK(&soon, fire);
	well = queue_delayed_work(wq, &late, 3600000) && queue_delayed_work(wq, &soon, 1);
	while (!__atomic_load_n(&due_fired, __ATOMIC_ACQUIRE))
		sched_yield();
	well = well && cancel_delayed_work_sync(&late);
	cancel_delayed_work_sync(&soon);
	destroy_workqueue(wq);
	return well && due_fired == 1;
}

static bool the_parents_queues_are_refused(void)
{
	struct item a;

	item_init(&a, parents, item_count);
	if (queue_work(parents, &a.work) || item_runs(&a))
		return false;
	flush_workqueue(parents);
	destroy_workqueue(parents);
	return reported("the parent process's") == 1 && reported("not of this process") == 2;
}

static bool what_was_pending_can_be_cancelled(void)
{
	return cancel_work_sync(&pending.work) && !work_pending(&pending.work) &&
	       !cancel_work_sync(&pending.work) && cancel_delayed_work_sync(&armed) &&
	       !delayed_work_pending(&armed) && new_queues_work() && new_timers_work();
}

static bool what_was_pending_can_be_taken_back(void)
{
	return cancel_work(&pending.work) && !work_pending(&pending.work) && !cancel_work(&pending.work) &&
	       cancel_work(&armed.work) && !delayed_work_pending(&armed) && new_queues_work() && new_timers_work();
}

enum { MANY = 2000 };
static struct work_struct many[MANY];
static struct delayed_work many_armed[MANY];
static struct meeting takers = MEETING_INITIALIZER(2);
static int nr_taken;

static void *take_all(void *waits)
{
	for (int i = 0; i < MANY; i++) {
		meet(&takers);
		if (waits ? cancel_work_sync(&many[i]) : cancel_work(&many[i]))
			__atomic_fetch_add(&nr_taken, 1, __ATOMIC_SEQ_CST);
		meet(&takers);
		if (waits ? cancel_delayed_work_sync(&many_armed[i]) : cancel_delayed_work(&many_armed[i]))
			__atomic_fetch_add(&nr_taken, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static bool of_two_threads_one_takes_each_item(void)
{
	pthread_t other = start_thread(take_all, NULL);

	take_all(&takers);
	join_thread(other);
	return nr_taken == 2 * MANY;
}

static bool nothing_runs(void)
{
	return wq_running_works(NULL, 0) == 0 && new_queues_work() && wq_running_works(NULL, 0) == 0;
}

static void a_child_can_use_the_library_and_not_the_parents_queues(void)
{
	struct item busy;

	parents = create_singlethread_workqueue("fork");
	init_workqueues();
	plug(parents, &busy);
	item_init(&pending, parents, item_count);
	INIT_DELAYED_WORK(&armed, item_count);
	check(queue_work(parents, &pending.work));
	check(queue_delayed_work(parents, &armed, 3600000));
	check(in_child(new_queues_work));
	check(in_child(the_parents_queues_are_refused));
	check(in_child(what_was_pending_can_be_cancelled));
	check(in_child(what_was_pending_can_be_taken_back));
	for (int i = 0; i < MANY; i++) {
		INIT_WORK(&many[i], item_count);
		check(queue_work(parents, &many[i]));
		INIT_DELAYED_WORK(&many_armed[i], item_count);
		check(queue_delayed_work(parents, &many_armed[i], 3600000));
	}
	check(in_child(of_two_threads_one_takes_each_item));
	for (int i = 0; i < MANY; i++)
		check(cancel_work(&many[i]) && cancel_delayed_work(&many_armed[i]));
	check_eq(wq_running_works(NULL, 0), 1);
	check(in_child(nothing_runs));
	check(cancel_delayed_work_sync(&armed));
	gate_open(&busy.gate);
	WAITING(flush_workqueue(parents));
	check_eq(item_runs(&pending), 1);
	destroy_workqueue(parents);
}

static bool forked_well;

static void fork_in_an_item(struct work_struct *work)
{
	forked_well = in_child(new_queues_work);
	item_count(work);
}

static void an_item_may_fork(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("fork");

	item_init(&ran, wq, fork_in_an_item);
	check(queue_work(wq, &ran.work));
	WAITING(flush_workqueue(wq));
	check(forked_well);
	destroy_workqueue(wq);
}

static int stop_busy, rounds[2];

static void *keep_busy(void *arg)
{
	struct workqueue_struct *wq = create_workqueue("busy");
	struct delayed_work dwork;
	struct item a;

	item_init(&a, wq, item_count);
	INIT_DELAYED_WORK(&dwork, item_count);
	while (!__atomic_load_n(&stop_busy, __ATOMIC_ACQUIRE)) {
		queue_work(wq, &a.work);
		queue_delayed_work(wq, &dwork, 3600000);
		cancel_delayed_work_sync(&dwork);
		__atomic_fetch_add((int *)arg, 1, __ATOMIC_RELEASE);
	}
	WAITING((destroy_workqueue(wq), 0));
	return NULL;
}

static void a_fork_amid_work_leaves_a_usable_child(void)
{
	pthread_t threads[2];

	__atomic_store_n(&stop_busy, 0, __ATOMIC_RELEASE);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, keep_busy, &rounds[i]);
	/* Both have been through every call: no thread is new to the library when we fork. */
	for (int i = 0; i < 2; i++)
		while (!__atomic_load_n(&rounds[i], __ATOMIC_ACQUIRE))
			sched_yield();
	for (int i = 0; i < (test_slow() ? 5 : 100); i++)
		check(in_child(i % 2 ? new_queues_work : new_timers_work));
	__atomic_store_n(&stop_busy, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < 2; i++)
		WAITING(pthread_join(threads[i], NULL));
}

TEST_MAIN(TEST(a_child_can_use_the_library_and_not_the_parents_queues), TEST(an_item_may_fork),
	  TEST(a_fork_amid_work_leaves_a_usable_child))
