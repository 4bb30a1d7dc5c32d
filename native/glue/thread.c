/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The base of the library's threads, and what happens when something unwinds the
 * stack that far: a C++ exception that left a work function, or pthread_exit().
 * The engine's frames cannot be unwound, as its locks and lists would stay as
 * they are, so the process ends, and its report names the function.
 *
 * A frame of guard() has a personality routine, which the unwinder asks before it
 * goes on to the frames below. For an exception that is while it searches for a
 * handler: the frames that threw are still on the stack when we abort. Nothing
 * is added to the way of an item: the engine passes a guard once a thread, and
 * where a function of a worker runs other items within itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unwind.h>

#define HIDDEN __attribute__((visibility("hidden")))

int wq_thread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *argument);
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
 * Calls run(argument) with the guard below it. The directive gives this function's
 * unwind entry its personality: pc-relative, as the routine is in this library.
 */
__attribute__((noinline)) void *wq_guard(void *(*run)(void *), void *argument)
{
	void *result;

	__asm__ volatile(".cfi_personality 0x1b, wq_guard_personality");
	result = run(argument);
	__asm__ volatile("" : "+r"(result)); /* not a tail call: the frame must stay */
	return result;
}

struct entry {
	void *(*start)(void *);
	void *argument;
};

/*
 * A worker that is cancelled would end with items in hand. Cancellation is off;
 * a function that turns it on and is cancelled is met as pthread_exit() is.
 */
static void *thread_base(void *argument)
{
	struct entry entry = *(struct entry *)argument;
	int former;

	free(argument);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &former);
	return wq_guard(entry.start, entry.argument);
}

/* pthread_create() with a guard at the base; returns 0 or an errno value. */
int wq_thread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *argument)
{
	struct entry *entry = malloc(sizeof(*entry));
	int error;

	if (!entry)
		return ENOMEM;
	entry->start = start;
	entry->argument = argument;
	error = pthread_create(thread, attr, thread_base, entry);
	if (error)
		free(entry);
	return error;
}
