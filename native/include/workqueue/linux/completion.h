/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Completions: one thread waits until another says that it is done. A completion is one
 * futex word. complete() makes one store to it, and then only passes its address to the
 * kernel. So a completion may be on the waiter's stack and vanish as soon as the wait
 * returns.
 */
#ifndef WQ_LINUX_COMPLETION_H
#define WQ_LINUX_COMPLETION_H

#include <limits.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>

#include <workqueue.h>
#include <workqueue/c_library.h>

/** struct completion - how often it was completed, and whether a thread sleeps */
struct completion {
	/* private: */
	unsigned int state;
};

enum {
	WQ_COMPLETION_ALL = 0x3fffffff, /* for good */
	WQ_COMPLETION_COUNT = 0x3fffffff,
	WQ_COMPLETION_SLEEPERS = 0x40000000
};

#define COMPLETION_INITIALIZER(work) { 0 }
#define DECLARE_COMPLETION(work) struct completion work = COMPLETION_INITIALIZER(work)
#define DECLARE_COMPLETION_ONSTACK(work) DECLARE_COMPLETION(work)

static inline void init_completion(struct completion *x)
{
	__atomic_store_n(&x->state, 0u, __ATOMIC_RELAXED);
}

/** reinit_completion() - make it incomplete again; nobody may be waiting */
static inline void reinit_completion(struct completion *x)
{
	init_completion(x);
}

#define INIT_COMPLETION(x) init_completion(&(x))

static inline void wq_completion_wake(struct completion *x)
{
	wq_c_syscall(SYS_futex, &x->state, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/** complete() - let one waiter through, now or later */
static inline void complete(struct completion *x)
{
	unsigned int state = __atomic_load_n(&x->state, __ATOMIC_RELAXED), next;

	do {
		next = state & WQ_COMPLETION_COUNT;
		if (next != WQ_COMPLETION_ALL)
			next++;
	} while (!__atomic_compare_exchange_n(&x->state, &state, next, false,
					      __ATOMIC_RELEASE, __ATOMIC_RELAXED));
	/* A waiter that finds nothing to take sets the bit again. */
	if (state & WQ_COMPLETION_SLEEPERS)
		wq_completion_wake(x);
}

/** complete_all() - let every waiter through, now and later */
static inline void complete_all(struct completion *x)
{
	unsigned int state = __atomic_exchange_n(&x->state, (unsigned int)WQ_COMPLETION_ALL,
						 __ATOMIC_RELEASE);

	if (state & WQ_COMPLETION_SLEEPERS)
		wq_completion_wake(x);
}

/** try_wait_for_completion() - go through if that needs no waiting */
static inline bool try_wait_for_completion(struct completion *x)
{
	unsigned int state = __atomic_load_n(&x->state, __ATOMIC_ACQUIRE);

	while (state & WQ_COMPLETION_COUNT) {
		if ((state & WQ_COMPLETION_COUNT) == WQ_COMPLETION_ALL)
			return true;
		if (__atomic_compare_exchange_n(&x->state, &state, state - 1, false,
						__ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
			return true;
	}
	return false;
}

/** wait_for_completion() - wait for one complete(); signals do not end it */
static inline void wait_for_completion(struct completion *x)
{
	unsigned int idle, sleeping = WQ_COMPLETION_SLEEPERS;

	if (try_wait_for_completion(x))
		return;
	wq_blocking_begin();
	while (!try_wait_for_completion(x)) {
		idle = 0;
		if (!__atomic_compare_exchange_n(&x->state, &idle, sleeping, false,
						 __ATOMIC_RELAXED, __ATOMIC_RELAXED) &&
		    idle != sleeping)
			continue;
		wq_c_syscall(SYS_futex, &x->state, FUTEX_WAIT_PRIVATE, sleeping, NULL, NULL, 0);
	}
	wq_blocking_end();
}

/** completion_done() - would a wait return at once? A snapshot */
static inline bool completion_done(const struct completion *x)
{
	return (__atomic_load_n(&x->state, __ATOMIC_ACQUIRE) & WQ_COMPLETION_COUNT) != 0;
}

#endif /* WQ_LINUX_COMPLETION_H */
