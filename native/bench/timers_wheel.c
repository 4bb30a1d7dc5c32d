/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The floor of timers: a hashed wheel in plain C. Arming links the timer into the
 * slot its deadline hashes to, cancelling unlinks it, both under one mutex. It
 * cannot say when its earliest deadline is, and lets nobody wait. Its thread only
 * sleeps: while a process has one thread, the C library's mutexes are no locks.
 */
#define DRIVER "c-wheel"
#include "bench.h"

#include <pthread.h>
#include <unistd.h>

enum { NR_SLOTS = 4096 };

struct timeout {
	struct timeout *next, **pprev;
	int64_t expires_at_ns;
	void (*func)(struct timeout *);
};

static struct timeout *slots[NR_SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *stay(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void timeouts_open(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, stay, NULL) || pthread_detach(thread))
		die("no thread");
}

static void timeout_init(struct timeout *t)
{
	t->pprev = NULL;
}

static inline void timeout_arm(struct timeout *t, unsigned long ms)
{
	struct timeout **slot;

	t->expires_at_ns = now_ns() + (int64_t)ms * NS_PER_MS;
	slot = &slots[(t->expires_at_ns >> 20) % NR_SLOTS];
	pthread_mutex_lock(&lock);
	t->next = *slot;
	t->pprev = slot;
	if (t->next)
		t->next->pprev = &t->next;
	*slot = t;
	pthread_mutex_unlock(&lock);
}

static inline void timeout_cancel(struct timeout *t)
{
	pthread_mutex_lock(&lock);
	if (t->pprev) {
		*t->pprev = t->next;
		if (t->next)
			t->next->pprev = t->pprev;
		t->pprev = NULL;
	}
	pthread_mutex_unlock(&lock);
}

#include "timers.h"
