/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system's <linux/sched.h>, plus threads as kernel code sees them: a state, a
 * sleep, and a wake-up that finds the thread wherever it sleeps.
 *
 * Every thread has a struct task_struct, made when it first uses "current". To sleep, a
 * thread
 *
 *   1. announces the sleep with set_current_state();
 *   2. looks at what it waits for;
 *   3. calls schedule().
 *
 * A wake-up between 1 and 3 makes schedule() return at once, so no wake-up is lost.
 * Signals wake no thread.
 *
 * A program that uses the name "current" for something else defines WQ_NO_CURRENT; C++
 * has wq_current() only. The program and its libraries share a thread's task_struct, even
 * if they are compiled with -fvisibility=hidden. An object has a separate one if it hides
 * the symbol by a version script, or if it was loaded by dlopen() and the program was not
 * linked with it.
 */
#ifndef WQ_LINUX_SCHED_H
#define WQ_LINUX_SCHED_H
#pragma GCC system_header

#include_next <linux/sched.h>

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <linux/jiffies.h>

#include <workqueue/c_library.h>

#define TASK_COMM_LEN 16

#define TASK_RUNNING 0
#define TASK_INTERRUPTIBLE 1 /* also woken by the wake_up_interruptible() family */
#define TASK_UNINTERRUPTIBLE 2
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

/**
 * struct task_struct - a thread
 * @pid: the system's number of the thread; in a forked child, the child's
 * @comm: its name when it first used "current"
 */
struct task_struct {
	/* private: a futex that the thread sleeps on */
	unsigned int state;
	/* public: */
	pid_t pid;
	char comm[TASK_COMM_LEN];
	/* private: of a thread that linux/kthread.h made, else NULL */
	struct wq_kthread *kthread;
};

#ifdef __cplusplus
extern "C" {
#endif
/* One of each in the process, for each thread. */
__attribute__((weak, visibility("default"))) __thread struct task_struct *wq_current_task_;
__attribute__((weak, visibility("default"))) __thread struct task_struct wq_own_task_;
/* Does the object follow fork()? One in each, as an object may be unloaded with its handler. */
__attribute__((weak, visibility("hidden"))) int wq_follows_fork_;
#ifdef __cplusplus
}
#endif

static inline void wq_task_forked(void)
{
	if (wq_current_task_)
		wq_current_task_->pid = wq_c_gettid();
}

/* For the first use in a thread, or in an object: @pid may then be from before a fork(). */
static inline void wq_task_begin(void)
{
	if (!wq_current_task_) {
		prctl(PR_GET_NAME, wq_own_task_.comm, 0, 0, 0);
		wq_current_task_ = &wq_own_task_;
	}
	wq_task_forked();
	if (!__atomic_load_n(&wq_follows_fork_, __ATOMIC_RELAXED) &&
	    !pthread_atfork(NULL, NULL, wq_task_forked))
		__atomic_store_n(&wq_follows_fork_, 1, __ATOMIC_RELAXED);
}

/** wq_current() - the calling thread: the kernel's "current" */
static inline struct task_struct *wq_current(void)
{
	if (!wq_current_task_ || !__atomic_load_n(&wq_follows_fork_, __ATOMIC_RELAXED))
		wq_task_begin();
	return wq_current_task_;
}

#if !defined(__cplusplus) && !defined(WQ_NO_CURRENT)
#define current (wq_current())
#endif

/** set_current_state() - announce a sleep, or take it back; a full barrier */
static inline void set_current_state(unsigned int state)
{
	__atomic_exchange_n(&wq_current()->state, state, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
#define __set_current_state(state) set_current_state(state)

/* Wakes @task if its state is one of @states. At the end only the futex's address is used. */
static inline int wq_wake_task(struct task_struct *task, unsigned int states)
{
	unsigned int state;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	state = __atomic_load_n(&task->state, __ATOMIC_RELAXED);
	do {
		if (!(state & states))
			return 0;
	} while (!__atomic_compare_exchange_n(&task->state, &state, TASK_RUNNING, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	wq_c_syscall(SYS_futex, &task->state, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
	return 1;
}

/**
 * wake_up_process() - wake a thread out of schedule(), and so out of wait_event()
 * @task: the thread; one that is made by kthread_create() begins
 *
 * Return: 1 if it slept or was about to, 0 if not
 */
static inline int wake_up_process(struct task_struct *task)
{
	return wq_wake_task(task, TASK_NORMAL);
}

/* For wq_sleep_until(). */
static inline bool wq_sleep_told(const unsigned long *end)
{
	unsigned int *word = &wq_current()->state, state;
	struct timespec expires = { 0, 0 };

	if (end) {
		expires.tv_sec = (time_t)(*end / HZ);
		expires.tv_nsec = (long)(*end % HZ) * 1000000L;
	}
	while ((state = __atomic_load_n(word, __ATOMIC_SEQ_CST)) != TASK_RUNNING) {
		if (end && wq_jiffies() >= *end)
			return __atomic_exchange_n(word, TASK_RUNNING, __ATOMIC_SEQ_CST) ==
			       TASK_RUNNING;
		wq_c_syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, state,
			     end ? &expires : NULL, NULL, FUTEX_BITSET_MATCH_ANY);
	}
	return true;
}

/* Sleeps until woken, or until the jiffy @end if that is not NULL; false if it was not woken. */
static inline bool wq_sleep_until(const unsigned long *end)
{
	bool woken = true;

	if (__atomic_load_n(&wq_current()->state, __ATOMIC_SEQ_CST) != TASK_RUNNING) {
		wq_blocking_begin();
		woken = wq_sleep_told(end);
		wq_blocking_end();
	}
	return woken;
}

/** schedule() - sleep as set_current_state() said; without it, let others run */
static inline void schedule(void)
{
	if (__atomic_load_n(&wq_current()->state, __ATOMIC_SEQ_CST) == TASK_RUNNING)
		sched_yield();
	else
		wq_sleep_until(NULL);
}

/**
 * schedule_timeout() - schedule() for so many jiffies at most
 * @timeout: never shorter than this; MAX_SCHEDULE_TIMEOUT is for ever
 *
 * Return: the jiffies that were left, 0 if the time was over
 */
static inline long schedule_timeout(long timeout)
{
	unsigned long start = wq_jiffies(), end;
	long left;

	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	if (timeout < 0)
		timeout = 0;
	/* A jiffy has begun already: one more, so that none is missing. */
	end = start + (unsigned long)timeout + (timeout != 0);
	if (!wq_sleep_until(&end))
		return 0;
	left = timeout - (long)(wq_jiffies() - start);
	return left > 0 ? left : 0;
}

/** schedule_timeout_interruptible() - sleep so long, or until woken; likewise the other */
static inline long schedule_timeout_interruptible(long timeout)
{
	set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(timeout);
}

static inline long schedule_timeout_uninterruptible(long timeout)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}

/** signal_pending() - never: signals end no sleep here */
#define signal_pending(task) ((void)(task), 0)

/** cond_resched() - let others run; always 0, since a thread is preempted anyway */
#define cond_resched() (0)

#endif /* WQ_LINUX_SCHED_H */
