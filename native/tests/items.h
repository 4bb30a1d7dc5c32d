/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work items that tests use again and again: one that counts its runs, one that
 * blocks its worker at a gate; and a thread that makes one blocking call, which
 * the test can see asleep. Include after test.h.
 */
#ifndef WQ_TEST_ITEMS_H
#define WQ_TEST_ITEMS_H

#include "race.h"

#include <dirent.h>
#include <linux/container_of.h>

/** struct item - a work item that remembers what happened to it */
struct item {
	struct work_struct work;
	struct workqueue_struct *wq; /* for functions that queue again */
	struct gate gate;
	int runs;  /* started */
	int done;  /* finished */
	long tid;  /* of the last run */
	int cpu;   /* of the last run */
	int order; /* place among all runs of this test */
};

static int item_clock;

#define item_of(w) container_of(w, struct item, work)

static inline void item_started(struct item *i)
{
	i->tid = syscall(SYS_gettid);
	i->cpu = sched_getcpu();
	i->order = __atomic_add_fetch(&item_clock, 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&i->runs, 1, __ATOMIC_SEQ_CST);
}

static inline void item_finished(struct item *i)
{
	__atomic_fetch_add(&i->done, 1, __ATOMIC_SEQ_CST);
}

/** item_count() - work function: note the run */
static inline void item_count(struct work_struct *work)
{
	item_started(item_of(work));
	item_finished(item_of(work));
}

/** item_block() - work function: note the run, stand at the item's gate */
static inline void item_block(struct work_struct *work)
{
	item_started(item_of(work));
	gate_wait(&item_of(work)->gate);
	item_finished(item_of(work));
}

/** item_requeue() - work function: note the run, queue the item again */
static inline void item_requeue(struct work_struct *work)
{
	item_started(item_of(work));
	queue_work(item_of(work)->wq, work);
	item_finished(item_of(work));
}

static inline void item_init(struct item *i, struct workqueue_struct *wq, work_func_t func)
{
	memset(i, 0, sizeof(*i));
	INIT_WORK(&i->work, func);
	gate_init(&i->gate);
	i->wq = wq;
}

static inline int item_runs(struct item *i)
{
	return __atomic_load_n(&i->runs, __ATOMIC_SEQ_CST);
}

static inline int item_done(struct item *i)
{
	return __atomic_load_n(&i->done, __ATOMIC_SEQ_CST);
}

static inline void item_await_done_(struct item *i, int n)
{
	while (item_done(i) < n)
		sched_yield();
}

/** item_await_done() - wait until @n runs have finished, without a flush */
#define item_await_done(i, n) WAITING(item_await_done_(i, n))

/** queue_on() - queue from a given CPU, whose worker then gets the item */
static inline bool queue_on(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	bool queued;

	pin_to_cpu(cpu);
	queued = queue_work(wq, work);
	unpin();
	return queued;
}

/** plug() - have a worker of @wq block in @i, and return when it stands there */
static inline void plug(struct workqueue_struct *wq, struct item *i)
{
	item_init(i, wq, item_block);
	check(queue_work(wq, &i->work));
	gate_wait_reached(&i->gate, 1);
}

/* A task that has been joined is in /proc for a moment more, marked PF_EXITING. */
static inline bool task_lives_(const char *tid)
{
	enum { PF_EXITING = 4 };
	char path[300];
	unsigned int flags = PF_EXITING;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%s/stat", tid);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
		flags = PF_EXITING;
	fclose(f);
	return !(flags & PF_EXITING);
}

/** nr_threads() - tasks of this process that are not ending */
static inline int nr_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	int n = 0;

	while (tasks && (entry = readdir(tasks)))
		if (entry->d_name[0] != '.' && task_lives_(entry->d_name))
			n++;
	if (tasks)
		closedir(tasks);
	return n;
}

static inline bool nr_threads_becomes_(int n)
{
	while (nr_threads() != n)
		sched_yield();
	return true;
}

/** nr_threads_becomes() - wait until that many tasks are left */
#define nr_threads_becomes(n) WAITING(nr_threads_becomes_(n))

/** struct call - a thread that makes one blocking call */
struct call {
	pthread_t thread;
	void (*make)(struct call *);
	void *arg;
	bool result;
	long tid;
	int returned;
};

static inline void *call_thread(void *arg)
{
	struct call *c = (struct call *)arg;

	__atomic_store_n(&c->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	c->make(c);
	__atomic_store_n(&c->returned, 1, __ATOMIC_RELEASE);
	return NULL;
}

static inline void call_flush(struct call *c)
{
	WAITING(flush_workqueue((struct workqueue_struct *)c->arg));
}

static inline void call_cancel(struct call *c)
{
	c->result = WAITING(cancel_work_sync((struct work_struct *)c->arg));
}

static inline void call_destroy(struct call *c)
{
	WAITING(destroy_workqueue((struct workqueue_struct *)c->arg));
}

/** call_start() - begin @make(@arg) on a thread of its own */
static inline void call_start(struct call *c, void (*make)(struct call *), void *arg)
{
	memset(c, 0, sizeof(*c));
	c->make = make;
	c->arg = arg;
	c->thread = start_thread(call_thread, c);
}

static inline bool call_returned(struct call *c)
{
	return __atomic_load_n(&c->returned, __ATOMIC_ACQUIRE);
}

/** thread_state() - the state letter of a task of this process, or 0 */
static inline char thread_state(long tid)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/stat", tid);
	f = fopen(path, "r");
	if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	if (f)
		fclose(f);
	return state;
}

static inline bool call_sleeps_(struct call *c)
{
	int asleep = 0;

	while (asleep < 20 && !call_returned(c)) {
		long tid = __atomic_load_n(&c->tid, __ATOMIC_ACQUIRE);

		asleep = tid && thread_state(tid) == 'S' ? asleep + 1 : 0;
		sched_yield();
	}
	return !call_returned(c);
}

/** call_sleeps() - wait until the call sleeps; false if it returned instead */
#define call_sleeps(c) WAITING(call_sleeps_(c))

static inline bool call_join_(struct call *c)
{
	pthread_join(c->thread, NULL);
	return c->result;
}

/** call_join() - wait until the call returns; is its result */
#define call_join(c) WAITING(call_join_(c))

#endif /* WQ_TEST_ITEMS_H */
