/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "It must return": a function that ends its thread ends the process, by name; and
 * the ways in which a process may end or turn into another while work runs and is
 * pending all do what they do without the library. Each is tried in a child.
 */
#include "child.h"
#include "items.h"

#include <linux/timer.h>
#include <setjmp.h>
#include <signal.h>

void exiting_function(struct work_struct *work);
void cancellable_function(struct work_struct *work);
void exiting_timer(struct timer_list *timer);

enum { STATUS = 42 };

static struct workqueue_struct *wq, *other;
static struct item busy, pending, item;

/* A queue with work running and work pending, and another with an armed timer. */
static void start_work(void)
{
	static DECLARE_DELAYED_WORK(armed, item_count);

	wq_set_log_handler(NULL, NULL);
	wq = create_singlethread_workqueue("life");
	other = create_workqueue("other");
	plug(wq, &busy);
	item_init(&pending, wq, item_count);
	check(queue_work(wq, &pending.work));
	check(queue_delayed_work(other, &armed, 3600000));
}

static void run_on_other(work_func_t func)
{
	item_init(&item, other, func);
	check(queue_work(other, &item.work));
	WAITING((flush_workqueue(other), 0));
}

/* ---- Ending the thread -------------------------------------------------------- */

void exiting_function(struct work_struct *work)
{
	(void)work;
	pthread_exit(NULL);
}

void exiting_timer(struct timer_list *timer)
{
	(void)timer;
	pthread_exit(NULL);
}

void cancellable_function(struct work_struct *work)
{
	(void)work;
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	pthread_cancel(pthread_self());
	pthread_testcancel();
}

static void pthread_exit_in_a_work_function(void)
{
	start_work();
	run_on_other(exiting_function);
}

static void pthread_exit_in_a_timer_function(void)
{
	static DEFINE_TIMER(timer, exiting_timer);

	wq_set_log_handler(NULL, NULL);
	timer.expires = wq_jiffies();
	add_timer(&timer);
	WAITING(pause());
}

static void exit_thread(void)
{
	pthread_exit(NULL);
}

static void pthread_exit_in_a_hook(void)
{
	wq_set_log_handler(NULL, NULL);
	wq_set_worker_hooks(exit_thread, NULL);
	create_singlethread_workqueue("life");
	WAITING(pause());
}

static void cancellation_in_a_work_function(void)
{
	start_work();
	run_on_other(cancellable_function);
}

static void check_dies(const char *child, const char *named)
{
	char out[4096];
	const char *bug;

	check_eq(run_child(child, out, sizeof(out)), 128 + SIGABRT);
	bug = strstr(out, "BUG: workqueue: pthread_exit() or a cancellation in ");
	if (!check(bug != NULL) || !check(strstr(bug, named) != NULL) ||
	    !check(strstr(bug + 1, "BUG") == NULL))
		printf("%s", out);
}

static void a_function_that_ends_its_thread_ends_the_process_by_name(void)
{
	check_dies("pthread_exit_in_a_work_function", "work function exiting_function");
	check_dies("pthread_exit_in_a_timer_function", "timer function exiting_timer");
	check_dies("pthread_exit_in_a_hook", "in a function of a worker");
	check_dies("cancellation_in_a_work_function", "work function cancellable_function");
}

static pthread_t worker_thread;

static void note_thread(struct work_struct *work)
{
	worker_thread = pthread_self();
	item_block(work);
	pthread_testcancel();
	check_eq(write(1, "", 0), 0); /* a cancellation point, too */
	item_count(work);
}

static void cancelling_a_worker_does_nothing(void)
{
	struct workqueue_struct *q = create_singlethread_workqueue("life");
	struct item a, b;

	item_init(&a, q, note_thread);
	item_init(&b, q, item_count);
	check(queue_work(q, &a.work));
	check(queue_work(q, &b.work));
	gate_wait_reached(&a.gate, 1);
	check_eq(pthread_cancel(worker_thread), 0);
	gate_open(&a.gate);
	WAITING((destroy_workqueue(q), 0));
	check_eq(item_runs(&a), 2);
	check_eq(item_runs(&b), 1);
}

static void jump_within(struct work_struct *work)
{
	jmp_buf place;
	volatile int jumps = 0;

	if (setjmp(place) == 0)
		jumps++;
	if (jumps++ < 3)
		longjmp(place, 1);
	item_count(work);
}

static void longjmp_within_a_function_is_fine(void)
{
	struct workqueue_struct *q = create_singlethread_workqueue("life");
	struct item a;

	for (int i = 0; i < 3; i++) {
		item_init(&a, q, jump_within);
		check(queue_work(q, &a.work));
		WAITING((flush_workqueue(q), 0));
		check_eq(item_runs(&a), 1);
	}
	destroy_workqueue(q);
}

/* ---- Ending the process ----------------------------------------------------------- */

static void destroy_at_exit(void)
{
	destroy_workqueue(other);
	printf("destroyed\n");
	fflush(stdout);
}

static void say_at_exit(void)
{
	printf("handler\n");
	fflush(stdout);
}

static void call_exit(struct work_struct *work)
{
	(void)work;
	exit(STATUS);
}

static void call_quick_exit(struct work_struct *work)
{
	(void)work;
	quick_exit(STATUS);
}

static void call__exit(struct work_struct *work)
{
	(void)work;
	_exit(STATUS);
}

static void exit_with_work(void)
{
	start_work();
	atexit(destroy_at_exit);
	exit(STATUS);
}

static void exit_in_a_function(void)
{
	start_work();
	atexit(say_at_exit);
	run_on_other(call_exit);
}

/* The exit handler runs on a worker of wq2, and destroys another queue. */
static void exit_in_a_function_and_destroy(void)
{
	struct workqueue_struct *wq2 = create_singlethread_workqueue("exits");

	start_work();
	atexit(destroy_at_exit);
	item_init(&item, wq2, call_exit);
	check(queue_work(wq2, &item.work));
	WAITING((flush_workqueue(wq2), 0));
}

static void quick_exit_in_a_function(void)
{
	start_work();
	at_quick_exit(say_at_exit);
	run_on_other(call_quick_exit);
}

static void _exit_in_a_function(void)
{
	start_work();
	run_on_other(call__exit);
}

static void _exit_with_work(void)
{
	start_work();
	_exit(STATUS);
}

static void return_from_main_with_work(void)
{
	start_work();
}

static void exec_with_work(void)
{
	start_work();
	execlp("sh", "sh", "-c", "echo anew; exit 42", (char *)NULL);
}

static void check_child(const char *child, int expected, const char *said)
{
	char out[4096];

	if (!check_eq(run_child(child, out, sizeof(out)), expected) || !check(strstr(out, said) != NULL) ||
	    !check(strstr(out, "BUG") == NULL))
		printf("  %s:\n%s", child, out);
}

static void exit_leaves_with_work_running_and_pending(void)
{
	check_child("exit_with_work", STATUS, "destroyed");
	check_child("_exit_with_work", STATUS, "");
	check_child("return_from_main_with_work", 0, "1 passed");
}

static void a_function_may_end_the_process(void)
{
	check_child("exit_in_a_function", STATUS, "handler");
	check_child("exit_in_a_function_and_destroy", STATUS, "destroyed");
	check_child("quick_exit_in_a_function", STATUS, "handler");
	check_child("_exit_in_a_function", STATUS, "");
}

static void a_process_may_become_another(void)
{
	check_child("exec_with_work", STATUS, "anew");
}

/* ---- Children ------------------------------------------------------------------------ */

static int child_status[2];

static int status_of_child(bool exec)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (exec)
			execlp("sh", "sh", "-c", "exit 42", (char *)NULL);
		_exit(STATUS);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void fork_twice(struct work_struct *work)
{
	child_status[0] = status_of_child(false);
	child_status[1] = status_of_child(true);
	item_count(work);
}

static void a_function_may_fork_a_child_that_exits_or_becomes_another(void)
{
	struct workqueue_struct *q = create_singlethread_workqueue("life");
	struct item a;

	for (int i = 0; i < 5; i++) {
		child_status[0] = child_status[1] = -1;
		item_init(&a, q, fork_twice);
		check(queue_work(q, &a.work));
		WAITING((flush_workqueue(q), 0));
		check_eq(child_status[0], STATUS);
		check_eq(child_status[1], STATUS);
	}
	destroy_workqueue(q);
}

TEST_MAIN(TEST(a_function_that_ends_its_thread_ends_the_process_by_name),
	  TEST(cancelling_a_worker_does_nothing), TEST(longjmp_within_a_function_is_fine),
	  TEST(exit_leaves_with_work_running_and_pending), TEST(a_function_may_end_the_process),
	  TEST(a_process_may_become_another),
	  TEST(a_function_may_fork_a_child_that_exits_or_becomes_another),
	  CHILD(pthread_exit_in_a_work_function), CHILD(pthread_exit_in_a_timer_function),
	  CHILD(pthread_exit_in_a_hook),
	  CHILD(cancellation_in_a_work_function), CHILD(exit_with_work), CHILD(exit_in_a_function),
	  CHILD(exit_in_a_function_and_destroy), CHILD(quick_exit_in_a_function),
	  CHILD(_exit_in_a_function), CHILD(_exit_with_work), CHILD(return_from_main_with_work),
	  CHILD(exec_with_work))
