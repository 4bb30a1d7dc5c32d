/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "A wait of the library that lasts 30 seconds is reported: who waits in which
 * call for which worker, what that worker runs, and if it waits itself, for whom,
 * to the end or until the ring is closed." Deadlocks are children that end
 * themselves in the log handler; the time is set to a few milliseconds.
 */
#include "child.h"
#include "support/lockdep.h"

#include <linux/workqueue.h>

static char out[65536]; /* what the child printed */

#define has_all(...) has_parts(out, (const char *const[]){ __VA_ARGS__, NULL })

/* ---- Deadlocks --------------------------------------------------------------- */

/* Prints the report; ends the process with 7 where it names a deadlock. */
static void end_at_deadlock(int level, const char *text, void *ctx)
{
	(void)level;
	(void)ctx;
	printf("report: %s\n", text);
	if (!strstr(text, ": a deadlock"))
		return;
	fflush(stdout);
	_exit(7);
}

static void deadlock_soon(void)
{
	wq_set_stall_timeout_ms(100);
	wq_set_log_handler(end_at_deadlock, NULL);
}

/* Both items stand here before either waits. */
static struct meeting both = { .members = 2 };

WORK_FUNC(flush_the_other)
{
	meet(&both);
	WAITING(flush_workqueue(item_of(w)->wq));
}

WORK_FUNC(flush_the_first)
{
	meet(&both);
	WAITING(flush_workqueue(item_of(w)->wq));
}

static void child_two_queues_flush_one_another(void)
{
	struct workqueue_struct *ones = create_singlethread_workqueue("ones");
	struct workqueue_struct *twos = create_singlethread_workqueue("twos");
	static struct item a, b;

	deadlock_soon();
	item_init(&a, twos, flush_the_other);
	item_init(&b, ones, flush_the_first);
	check(queue_work(ones, &a.work));
	check(queue_work(twos, &b.work));
	WAITING(flush_workqueue(ones));
}

static void two_queues_that_flush_one_another_are_named(void)
{
	check_eq(run_child("child_two_queues_flush_one_another", out, sizeof(out)), 7);
	check(has_all("stall: ", " in flush_workqueue() of queue \"twos\" for twos/",
		      " in flush_workqueue() of queue \"ones\" for ones/", ", which runs flush_the_first",
		      ", which runs flush_the_other", " and waits in flush_workqueue() of queue",
		      ": a deadlock; call stack: "));
}

WORK_FUNC(flush_own_percpu)
{
	meet(&both);
	WAITING(flush_workqueue(item_of(w)->wq));
}

static void child_two_cpus_flush_one_another(void)
{
	struct workqueue_struct *wq = create_workqueue("percpu");
	static struct item i[2];

	deadlock_soon();
	for (int n = 0; n < 2; n++) {
		item_init(&i[n], wq, flush_own_percpu);
		check(queue_on(allowed_cpu(n), wq, &i[n].work));
	}
	WAITING(destroy_workqueue(wq));
}

static void two_workers_of_one_queue_that_wait_for_one_another_are_named(void)
{
	char text[128];

	if (!need_two_cpus())
		return;
	check_eq(run_child("child_two_cpus_flush_one_another", out, sizeof(out)), 7);
	for (int n = 0; n < 2; n++) {
		snprintf(text, sizeof(text), "of queue \"percpu\" for percpu/%d/", allowed_cpu(n));
		check(strstr(out, text) != NULL);
	}
	check(has_all(", which runs flush_own_percpu and waits in flush_workqueue() of queue \"percpu\""));
}

static struct item waited_for;

WORK_FUNC(flush_from_waited_for)
{
	meet(&both);
	WAITING(flush_workqueue(item_of(w)->wq));
}

WORK_FUNC(cancel_the_waiting)
{
	(void)w;
	meet(&both);
	WAITING(cancel_work_sync(&waited_for.work));
}

static void child_an_item_cancels_one_that_waits_for_it(void)
{
	struct workqueue_struct *p = create_singlethread_workqueue("cancels");
	struct workqueue_struct *q = create_singlethread_workqueue("flushes");
	static struct item i;

	deadlock_soon();
	item_init(&waited_for, p, flush_from_waited_for);
	item_init(&i, NULL, cancel_the_waiting);
	check(queue_work(p, &i.work));
	check(queue_work(q, &waited_for.work));
	WAITING(destroy_workqueue(q));
}

static void an_item_that_cancels_one_that_waits_for_it_is_named(void)
{
	check_eq(run_child("child_an_item_cancels_one_that_waits_for_it", out, sizeof(out)), 7);
	check(has_all(" in cancel_work_sync() of flush_from_waited_for for flushes/",
		      " in flush_workqueue() of queue \"cancels\" for cancels/", ", which runs flush_from_waited_for",
		      ", which runs cancel_the_waiting", " and waits in "));
}

/* ---- Waits that are only long ---------------------------------------------------- */

static struct item held;

/* Lets the item go that was waited for. */
static void open_when_reported(int level, const char *text, void *ctx)
{
	test_log_handler(level, text, ctx);
	if (strstr(text, "stall: "))
		gate_open(&held.gate);
}

/* A busy machine may need as long again to let the waiter go, and report it twice. */
enum { SOON_MS = 200, LATER_MS = 3000 };

static void begin_long_wait(unsigned int ms)
{
	wq_set_log_handler(open_when_reported, NULL);
	wq_set_stall_timeout_ms(ms);
}

static void end_long_wait(void)
{
	wq_set_log_handler(test_log_handler, NULL);
	wq_set_stall_timeout_ms(30000);
	allow_report("stall: ");
}

WORK_FUNC(stand)
{
	item_block(w);
}

static void hold(struct workqueue_struct *wq)
{
	item_init(&held, wq, stand);
	check(queue_work(wq, &held.work));
	gate_wait_reached(&held.gate, 1);
}

static void a_long_flush_is_reported_once_and_completes(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("long");

	name_thread();
	hold(wq);
	begin_long_wait(LATER_MS);
	WAITING(flush_workqueue(wq));
	end_long_wait();
	check_eq(item_done(&held), 1);
	check_eq(reports_with("stall: " TESTER, " ms in flush_workqueue() of queue \"long\" for long/",
			      ", which runs stand; call stack: "),
		 1);
	destroy_workqueue(wq);
}

static void a_long_cancel_is_reported(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("long");

	hold(wq);
	begin_long_wait(SOON_MS);
	check(!WAITING(cancel_work_sync(&held.work)));
	end_long_wait();
	check(reports_with(" ms in cancel_work_sync() of stand for long/", ", which runs stand") >= 1);
	destroy_workqueue(wq);
}

static void a_long_destroy_is_reported(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("long");

	hold(wq);
	begin_long_wait(SOON_MS);
	WAITING(destroy_workqueue(wq));
	end_long_wait();
	check(reports_with(" ms in destroy_workqueue() of queue \"long\" for long/", ", which runs stand") >= 1);
}

static void block_in_hook(void)
{
	gate_wait(&held.gate);
}

static void a_long_wait_for_the_end_of_a_worker_is_reported(void)
{
	struct workqueue_struct *wq;

	item_init(&held, NULL, stand);
	wq_set_worker_hooks(NULL, block_in_hook);
	wq = create_singlethread_workqueue("ending");
	wq_set_worker_hooks(NULL, NULL);
	begin_long_wait(SOON_MS);
	WAITING(destroy_workqueue(wq));
	end_long_wait();
	check(reports_with(" ms in destroy_workqueue() of queue \"ending\" for ending/", ", which is at no item") >= 1);
}

static void two_cancellers_are_reported_each(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("long");
	struct call first;

	hold(wq);
	wq_set_stall_timeout_ms(0);
	call_start(&first, call_cancel, &held.work);
	check(call_sleeps(&first));
	begin_long_wait(SOON_MS); /* for the second only */
	check(!WAITING(cancel_work_sync(&held.work)));
	end_long_wait();
	call_join(&first);
	check(reports_with(" ms in cancel_work_sync() of stand for another thread that cancels it") >= 1);
	destroy_workqueue(wq);
}

static void a_wait_that_goes_on_is_reported_again_after_twice_the_time(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("long");
	struct call flush;

	hold(wq);
	wq_set_stall_timeout_ms(20);
	call_start(&flush, call_flush, wq);
	while (!reported("waited for 80 ms"))
		sched_yield();
	gate_open(&held.gate);
	call_join(&flush);
	end_long_wait();
	check(reports_with("waited for 20 ms", "flush_workqueue") == 1);
	check(reports_with("waited for 40 ms", "flush_workqueue") == 1);
	check_eq(reported("waited for 60 ms"), 0);
	destroy_workqueue(wq);
}

/* ---- Waits that are meant ---------------------------------------------------------- */

static void a_frozen_queue_is_not_reported(void)
{
	struct workqueue_struct *frozen = create_freezeable_workqueue("frozen");
	struct workqueue_struct *wq = create_singlethread_workqueue("long");
	struct item i;
	struct call flush;

	freeze_workqueues_begin();
	item_init(&i, NULL, item_count);
	check(queue_work(frozen, &i.work));
	hold(wq);
	wq_set_stall_timeout_ms(1);
	call_start(&flush, call_flush, frozen);
	check(call_sleeps(&flush));
	begin_long_wait(SOON_MS);
	WAITING(flush_workqueue(wq)); /* much longer than that, and reported */
	end_long_wait();
	check(!call_returned(&flush));
	thaw_workqueues();
	call_join(&flush);
	check(reported("queue \"long\"") >= 1);
	check_eq(reported("queue \"frozen\""), 0);
	destroy_workqueue(frozen);
	destroy_workqueue(wq);
}

static void child_time_from_the_environment(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("long");

	hold(wq);
	wq_set_log_handler(open_when_reported, NULL);
	WAITING(flush_workqueue(wq));
	end_long_wait();
	check_eq(reported("waited for 123 ms"), 1);
	destroy_workqueue(wq);
}

static void the_environment_sets_the_time(void)
{
	setenv("WQ_STALL_TIMEOUT_MS", "123", 1);
	check_eq(run_child("child_time_from_the_environment", out, sizeof(out)), 0);
	unsetenv("WQ_STALL_TIMEOUT_MS");
}

/* The fourth argument of the system call that a thread of this process sleeps in; 0 if nobody says. */
static unsigned long argument_4_of(long tid)
{
	char path[64];
	unsigned long argument = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/syscall", tid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%*s %*s %*s %*s %lx", &argument) != 1)
		argument = 0;
	fclose(file);
	return argument;
}

/* It waits on a futex, until a time that lies on its stack. */
static void child_the_time_if_nobody_sets_one(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("long");
	struct call flush;
	struct timespec now, *until;

	hold(wq);
	call_start(&flush, call_flush, wq);
	check(call_sleeps(&flush));
	until = (struct timespec *)argument_4_of(flush.tid);
	check(until != NULL);
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (until)
		check(until->tv_sec - now.tv_sec <= 30 && until->tv_sec - now.tv_sec > 20);
	gate_open(&held.gate);
	call_join(&flush);
	destroy_workqueue(wq);
}

static void a_wait_is_reported_after_30_seconds_if_nobody_sets_another_time(void)
{
	if (access("/proc/self/syscall", R_OK)) {
		skip("the kernel does not tell what a thread waits for");
		return;
	}
	check_eq(run_child("child_the_time_if_nobody_sets_one", out, sizeof(out)), 0);
}

TEST_MAIN(TEST(two_queues_that_flush_one_another_are_named),
	  TEST(two_workers_of_one_queue_that_wait_for_one_another_are_named),
	  TEST(an_item_that_cancels_one_that_waits_for_it_is_named),
	  TEST(a_long_flush_is_reported_once_and_completes), TEST(a_long_cancel_is_reported),
	  TEST(a_long_destroy_is_reported),
	  TEST(a_long_wait_for_the_end_of_a_worker_is_reported),
	  TEST(two_cancellers_are_reported_each),
	  TEST(a_wait_that_goes_on_is_reported_again_after_twice_the_time),
	  TEST(a_frozen_queue_is_not_reported), TEST(the_environment_sets_the_time),
	  TEST(a_wait_is_reported_after_30_seconds_if_nobody_sets_another_time),
	  CHILD(child_two_queues_flush_one_another), CHILD(child_two_cpus_flush_one_another),
	  CHILD(child_an_item_cancels_one_that_waits_for_it),
	  CHILD(child_time_from_the_environment), CHILD(child_the_time_if_nobody_sets_one))
