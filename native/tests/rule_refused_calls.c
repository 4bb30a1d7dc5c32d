/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program may sandbox itself: whatever system call the kernel refuses to it, before its
 * first call of the library or after, the library goes on without, or says what it cannot
 * do. It neither aborts nor hangs. Each call that the engine makes is refused in a child
 * of its own, which then queues, cancels, waits, delays and destroys. Without futexes the
 * C library itself aborts, so that child does no more than to queue.
 */
#include "items.h"
#include "support/refuse.h"

#include <linux/jiffies.h>

static const struct {
	const char *name;
	int number;
} calls[] = {
#define CALL(name) { #name, SYS_##name }
	CALL(membarrier),
	CALL(sched_setaffinity),
	CALL(sched_getaffinity),
	CALL(sched_getscheduler),
	CALL(sched_setscheduler),
	CALL(sched_yield),
	CALL(getcpu),
	CALL(clock_nanosleep),
	CALL(clock_gettime), /* made where the kernel's own page does not answer, as on some virtual machines */
	CALL(timerfd_create),
	CALL(timerfd_settime),
	CALL(timerfd_gettime),
	CALL(ppoll),
	CALL(socket),
	CALL(bind),
	CALL(getsockname),
	CALL(recvfrom),
	CALL(openat),
	CALL(close),
	CALL(prctl),
	CALL(setpriority),
	CALL(getpriority),
	CALL(setfsuid),
	CALL(ioprio_set),
	CALL(gettid),
	CALL(madvise),
};

static const int errors[] = { EPERM, ENOSYS, EACCES };

enum { WORKS, NOT_RUN, NOT_CANCELLED, NOT_AWAITED, NOT_FIRED, REPORTED, NO_BATCH, CANNOT_REFUSE = 77 };

static int runs;

static void count(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&runs, 1, __ATOMIC_SEQ_CST);
}

static int count_is(int n)
{
	return __atomic_load_n(&runs, __ATOMIC_SEQ_CST) == n;
}

static int begun, ended;

/* Runs until somebody who cancels the item has it: then the item is pending while it runs. */
static void run_until_cancelled(struct work_struct *work)
{
	__atomic_store_n(&begun, 1, __ATOMIC_SEQ_CST);
	while (!work_pending(work))
		sched_yield();
	__atomic_store_n(&ended, 1, __ATOMIC_SEQ_CST);
}

/* Every way to wait and to wake; nothing of the C library that sleeps. */
static int use(struct workqueue_struct *wq)
{
	static struct work_struct a, b, pending;
	static struct delayed_work dwork;
	int cpu = sched_getcpu(); /* one for both items, as the caller may move between them */

	INIT_WORK(&a, count);
	INIT_WORK(&b, run_until_cancelled);
	INIT_WORK(&pending, count);
	INIT_DELAYED_WORK(&dwork, count);
	__atomic_store_n(&runs, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&begun, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&ended, 0, __ATOMIC_SEQ_CST);
	queue_work(wq, &a);
	flush_workqueue(wq);
	if (!count_is(1))
		return NOT_RUN;
	queue_work_on(cpu, wq, &b);
	while (!__atomic_load_n(&begun, __ATOMIC_SEQ_CST))
		sched_yield();
	queue_work_on(cpu, wq, &pending);
	if (!cancel_work_sync(&pending))
		return NOT_CANCELLED;
	if (cancel_work_sync(&b) || !__atomic_load_n(&ended, __ATOMIC_SEQ_CST))
		return NOT_AWAITED;
	if (!queue_delayed_work(wq, &dwork, 2))
		return NOT_FIRED;
	while (!count_is(2))
		sched_yield();
	queue_delayed_work(wq, &dwork, 3600 * HZ);
	if (!cancel_delayed_work_sync(&dwork))
		return NOT_CANCELLED;
	return WORKS;
}

static int saw_an_error(void)
{
	int errors_seen = 0;

	for (int i = 0; i < test_state.nr_reports; i++) {
		errors_seen += test_state.reports[i].level <= WQ_LOG_ERR;
		printf("  %s\n", test_state.reports[i].text);
	}
	return errors_seen;
}

/*
 * In a child: with one queue from before the refusal, if it comes late, and one from after it.
 * Its policy is one that workers do not have, so that theirs must be set.
 */
static int use_refused(int number, int error, bool late)
{
	struct sched_param param = { .sched_priority = 0 };
	struct workqueue_struct *wq = NULL;
	int result = WORKS;

	alarm(TEST_SECONDS);
	if (sched_setscheduler(0, SCHED_BATCH, &param))
		return NO_BATCH;
	if (late) {
		wq = create_workqueue("before");
		result = use(wq);
	}
	if (!refuse_call(number, error))
		return CANNOT_REFUSE;
	if (!late)
		wq = create_workqueue("first");
	result = result == WORKS && wq ? use(wq) : NOT_RUN;
	if (wq)
		destroy_workqueue(wq);
	wq = create_singlethread_workqueue("after");
	if (result == WORKS)
		result = wq ? use(wq) : NOT_RUN;
	if (wq)
		destroy_workqueue(wq);
	return result != WORKS ? result : saw_an_error() ? REPORTED : WORKS;
}

/* 0 if the child came through, and 77 if nothing can be refused here. */
static int status_of_child(int number, int error, bool late)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		int result = use_refused(number, error, late);

		fflush(stdout);
		_exit(result);
	}
	WAITING(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void refuse_each(bool late)
{
	within(90, "the children");
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		for (size_t e = 0; e < sizeof(errors) / sizeof(errors[0]); e++) {
			int status = status_of_child(calls[i].number, errors[e], late);

			if (status == CANNOT_REFUSE) {
				skip("no seccomp here");
				return;
			}
			if (!check_eq(status, WORKS))
				printf("  %s refused with %s\n", calls[i].name, strerror(errors[e]));
		}
}

static void a_call_refused_from_the_start_is_done_without(void)
{
	refuse_each(false);
}

static void a_call_refused_later_is_done_without(void)
{
	refuse_each(true);
}

static long worker_tid;

static void note_worker(struct work_struct *work)
{
	(void)work;
	__atomic_store_n(&worker_tid, syscall(SYS_gettid), __ATOMIC_SEQ_CST);
}

static void await_asleep(struct workqueue_struct *wq)
{
	static DECLARE_WORK(work, note_worker);
	int asleep = 0;

	queue_work(wq, &work);
	flush_workqueue(wq);
	while (asleep < 20)
		asleep = thread_state(worker_tid) == 'S' ? asleep + 1 : 0;
}

/* The child. The report goes straight to standard error, as it may have to be made with a lock held. */
static int use_without_futex(int out)
{
	static DECLARE_WORK(work, count);
	struct workqueue_struct *wq = create_singlethread_workqueue("asleep");

	alarm(TEST_SECONDS);
	await_asleep(wq);
	dup2(out, 2);
	if (!refuse_call(SYS_futex, EPERM))
		return CANNOT_REFUSE;
	return queue_work(wq, &work) ? WORKS : NOT_RUN;
}

static void a_futex_refused_later_is_told(void)
{
	int fds[2], status = -1;
	char text[256];
	ssize_t n;

	if (!check(pipe(fds) == 0))
		return;
	if (fork() == 0)
		_exit(use_without_futex(fds[1]));
	close(fds[1]);
	n = WAITING(read(fds[0], text, sizeof(text) - 1));
	text[n > 0 ? n : 0] = 0;
	close(fds[0]);
	WAITING(wait(&status));
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_REFUSE) {
		skip("no seccomp here");
		return;
	}
	check_eq(status, 0);
	check(strstr(text, "futex(2) is refused") != NULL);
}

TEST_MAIN(TEST(a_call_refused_from_the_start_is_done_without), TEST(a_call_refused_later_is_done_without),
	  TEST(a_futex_refused_later_is_told))
