/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests of delayed work and timers: items that know when they were due, a
 * count to wait for, and a way to let time pass without guessing: let_pass() has
 * a timer of its own on every CPU, which fires after those that were due before.
 */
#ifndef WQ_TEST_DELAYED_H
#define WQ_TEST_DELAYED_H

#include "../items.h"

#include <linux/jiffies.h>
#include <linux/timer.h>

enum { NS_PER_MS = 1000000 };
#define AN_HOUR (3600UL * HZ)

/** now_ns() - CLOCK_MONOTONIC, the clock timers go by */
static inline uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- A count that can be waited for ---------------------------------------- */

struct tally {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int n;
};
#define TALLY_INITIALIZER { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 }

static inline void tally_init(struct tally *t)
{
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->changed, NULL);
	t->n = 0;
}

static inline void tally_add(struct tally *t)
{
	pthread_mutex_lock(&t->lock);
	t->n++;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
}

static inline int tally_get(struct tally *t)
{
	int n;

	pthread_mutex_lock(&t->lock);
	n = t->n;
	pthread_mutex_unlock(&t->lock);
	return n;
}

static inline void tally_await_(struct tally *t, int n)
{
	pthread_mutex_lock(&t->lock);
	while (t->n < n)
		pthread_cond_wait(&t->changed, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

/** tally_await() - wait until the count is at least @n */
#define tally_await(t, n) WAITING(tally_await_((t), (n)))

/* ---- Letting time pass ------------------------------------------------------ */

struct fence {
	struct timer_list timer;
	struct tally *passed;
};

static inline void fence_fire(struct timer_list *timer)
{
	tally_add(container_of(timer, struct fence, timer)->passed);
}

/**
 * let_pass() - return when @ms have passed and every timer due by then has fired
 *
 * The timers of a CPU fire in order of deadline: when a fence has fired, so have
 * those before it.
 */
static inline void let_pass(unsigned int ms)
{
	struct fence *fences = (struct fence *)calloc((size_t)allowed_cpus(), sizeof(*fences));
	struct tally passed = TALLY_INITIALIZER;

	for (int i = 0; i < allowed_cpus(); i++) {
		fences[i].passed = &passed;
		timer_setup(&fences[i].timer, fence_fire, 0);
		fences[i].timer.expires = wq_jiffies() + ms + 1;
		add_timer_on(&fences[i].timer, allowed_cpu(i));
	}
	tally_await(&passed, allowed_cpus());
	for (int i = 0; i < allowed_cpus(); i++)
		del_timer_sync(&fences[i].timer);
	free(fences);
}

/* ---- Items ------------------------------------------------------------------- */

/** struct delayed_item - a delayed work that remembers what happened to it */
struct delayed_item {
	struct delayed_work dwork;
	struct workqueue_struct *wq;
	struct gate gate;
	struct tally ran; /* runs finished */
	uint64_t due_ns;  /* the earliest time it may run */
	unsigned long delay;
	int early; /* runs before due_ns */
	int cpu;   /* of the last run */
	long tid;
};

#define delayed_item_of(w) container_of(to_delayed_work(w), struct delayed_item, dwork)

static inline void delayed_started(struct delayed_item *i)
{
	if (now_ns() < __atomic_load_n(&i->due_ns, __ATOMIC_ACQUIRE))
		__atomic_fetch_add(&i->early, 1, __ATOMIC_RELAXED);
	i->cpu = sched_getcpu();
	i->tid = syscall(SYS_gettid);
}

/** delayed_count() - work function: note the run */
static inline void delayed_count(struct work_struct *work)
{
	delayed_started(delayed_item_of(work));
	tally_add(&delayed_item_of(work)->ran);
}

/** delayed_block() - work function: stand at the item's gate, note the run */
static inline void delayed_block(struct work_struct *work)
{
	delayed_started(delayed_item_of(work));
	gate_wait(&delayed_item_of(work)->gate);
	tally_add(&delayed_item_of(work)->ran);
}

/** delayed_rearm() - work function: note the run, arm the item again */
static inline void delayed_rearm(struct work_struct *work)
{
	struct delayed_item *i = delayed_item_of(work);

	delayed_started(i);
	queue_delayed_work(i->wq, &i->dwork, i->delay);
	tally_add(&i->ran);
}

static inline void delayed_init(struct delayed_item *i, struct workqueue_struct *wq,
				work_func_t func)
{
	memset(i, 0, sizeof(*i));
	INIT_DELAYED_WORK(&i->dwork, func);
	gate_init(&i->gate);
	tally_init(&i->ran);
	i->wq = wq;
}

/** delayed_expect() - from now on a run earlier than in @ns counts as early */
static inline void delayed_expect(struct delayed_item *i, uint64_t ns)
{
	__atomic_store_n(&i->due_ns, now_ns() + ns, __ATOMIC_RELEASE);
}

/** delayed_arm() - queue_delayed_work() of an idle item */
static inline bool delayed_arm(struct delayed_item *i, unsigned long delay)
{
	delayed_expect(i, delay * NS_PER_MS);
	return queue_delayed_work(i->wq, &i->dwork, delay);
}

static inline int delayed_runs(struct delayed_item *i)
{
	return tally_get(&i->ran);
}

/** delayed_await() - wait until @n runs have finished */
#define delayed_await(i, n) tally_await(&(i)->ran, (n))

/* ---- Calls that block ---------------------------------------------------------- */

static inline void call_cancel_delayed(struct call *c)
{
	c->result = WAITING(cancel_delayed_work_sync((struct delayed_work *)c->arg));
}

static inline void call_del_timer_sync(struct call *c)
{
	c->result = WAITING(del_timer_sync((struct timer_list *)c->arg));
}

#endif /* WQ_TEST_DELAYED_H */
