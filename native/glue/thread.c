/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lowest frame of the library's threads, and what happens when something unwinds
 * the stack that far: a C++ exception that left a work function, or pthread_exit().
 * The engine's frames cannot be unwound, as its locks and lists would stay as they
 * are. So the process ends, and its report names the function.
 *
 * A frame of wq_guard() has a personality routine. The unwinder asks it before it goes on
 * to the frames below. For an exception it asks while it searches for a handler, so the
 * frames that threw are still on the stack when the routine aborts. An item costs no
 * more for this: the engine makes a guard's frame once a thread, and where the function
 * of an item runs other items inside itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <unwind.h>

#define HIDDEN __attribute__((visibility("hidden")))

struct thread_start {
	void *(*run)(void *);
	void *argument;
};

int wq_thread_create(pthread_t *thread, const pthread_attr_t *attr, struct thread_start *start);
int wq_thread_join(pthread_t thread, const struct timespec *at);
void *wq_guard(void *(*run)(void *), void *argument);
void wq_on_unwind(void (*report)(int by_exception));
HIDDEN _Unwind_Reason_Code wq_guard_personality(int version, _Unwind_Action actions, _Unwind_Exception_Class kind,
						struct _Unwind_Exception *exception, struct _Unwind_Context *context);

static void (*unwind_report)(int by_exception);

/* The engine's report, which does not return; set before the first thread is started. */
void wq_on_unwind(void (*report)(int by_exception))
{
	__atomic_store_n(&unwind_report, report, __ATOMIC_RELEASE);
}

_Unwind_Reason_Code wq_guard_personality(int version, _Unwind_Action actions, _Unwind_Exception_Class kind,
					 struct _Unwind_Exception *exception, struct _Unwind_Context *context)
{
	void (*report)(int by_exception) = __atomic_load_n(&unwind_report, __ATOMIC_ACQUIRE);

	(void)version;
	(void)kind;
	(void)exception;
	(void)context;
	if (report)
		report(!(actions & _UA_FORCE_UNWIND));
	abort();
}

/*
 * Calls run(argument); this function's frame is the guard below it. The directive gives
 * the function's unwind entry its personality: pc-relative, as the routine is in this
 * library.
 */
__attribute__((noinline)) void *wq_guard(void *(*run)(void *), void *argument)
{
	void *result;

	__asm__ volatile(".cfi_personality 0x1b, wq_guard_personality");
	result = run(argument);
	__asm__ volatile("" : "+r"(result)); /* not a tail call: the frame must stay */
	return result;
}

/*
 * Two things a thread inherits from its creator, and an item must not depend on which
 * thread that was: ids for the file system that are not the process's, and an I/O
 * priority. Both are reset; without an I/O priority the nice value decides. If the kernel
 * refuses, they stay as they are.
 */
static void be_of_the_process(void)
{
	const int this_thread = 1; /* IOPRIO_WHO_PROCESS */

	setfsuid(geteuid());
	setfsgid(getegid());
	syscall(SYS_ioprio_set, this_thread, 0, 0);
}

/*
 * A worker that is cancelled would end with items in hand. So cancellation is off. If a
 * function turns it on and is cancelled, that is reported like pthread_exit().
 */
static void *thread_base(void *argument)
{
	struct thread_start *start = argument;
	int former;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &former);
	be_of_the_process();
	return wq_guard(start->run, start->argument);
}

/*
 * pthread_create() with a guard as the lowest frame; returns 0 or an errno value. What
 * start points to must not change until the thread runs. It is not memory of malloc() that
 * the thread frees, as that would make malloc() create an arena for the thread.
 */
int wq_thread_create(pthread_t *thread, const pthread_attr_t *attr, struct thread_start *start)
{
	return pthread_create(thread, attr, thread_base, start);
}

/* Turns a time of CLOCK_MONOTONIC into the same moment of CLOCK_REALTIME; false if it is over. */
static int on_wall_clock(const struct timespec *at, struct timespec *wall)
{
	const long second_ns = 1000000000;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec > at->tv_sec || (now.tv_sec == at->tv_sec && now.tv_nsec >= at->tv_nsec))
		return 0;
	clock_gettime(CLOCK_REALTIME, wall);
	wall->tv_sec += at->tv_sec - now.tv_sec;
	wall->tv_nsec += at->tv_nsec - now.tv_nsec;
	if (wall->tv_nsec < 0) {
		wall->tv_nsec += second_ns;
		wall->tv_sec--;
	} else if (wall->tv_nsec >= second_ns) {
		wall->tv_nsec -= second_ns;
		wall->tv_sec++;
	}
	return 1;
}

/*
 * pthread_join() until a time of CLOCK_MONOTONIC, NULL for no limit; returns 0 or an errno
 * value. It is late if the wall clock is set back meanwhile. It does not use
 * pthread_clockjoin_np(): ThreadSanitizer does not know that, and would take the thread for
 * one that is never joined. Not a cancellation point: the engine's frames cannot be unwound.
 */
int wq_thread_join(pthread_t thread, const struct timespec *at)
{
	struct timespec wall;
	int former, error;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &former);
	if (at) {
		error = ETIMEDOUT;
		while (error == ETIMEDOUT && on_wall_clock(at, &wall))
			error = pthread_timedjoin_np(thread, NULL, &wall);
	} else {
		error = pthread_join(thread, NULL);
	}
	pthread_setcancelstate(former, &former);
	return error;
}
