/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random calls on shared items, with books: every accepted queueing is run once or
 * cancelled once, whatever else is called. One call is chosen by a number (books_call),
 * so that a generator of random numbers and a string of bytes can both drive it. Items
 * are queued on the queue they belong to only. No more of a queue's items run at once than
 * it may have active, and an item of alloc_workqueue()'s queues not twice.
 * Include after items.h.
 */
#ifndef WQ_TEST_BOOKS_H
#define WQ_TEST_BOOKS_H

#include "../items.h"
#include "aim.h"

enum { NR_BOOK_QUEUES = 8, NR_BOOKED = 72, DRAINED = 4, LIMITED = 5, MAX_LIMIT = 3 };

/*
 * Queues 0 and 1 have a worker per CPU, 2 and 3 one; 3 is freezeable. From 4 on they share
 * workers: by CPU, unbound with a limit that changes, ordered, by CPU and freezable. Queue 4 is
 * drained now and then. The first item of each queue is re-timed, and not taken back.
 */
struct books {
	struct workqueue_struct *queues[NR_BOOK_QUEUES];
	struct workqueue_struct *global; /* stands for the global queue */
	int stop;			 /* functions queue nothing more */
	long freed;			 /* items that freed themselves, after */
	long made;			 /* so many were made */
	int at_work[NR_BOOK_QUEUES];	 /* functions running on each */
	struct booked {
		struct delayed_work dwork;
		struct books *books;
		int home;	  /* index of its queue, or -1 for the global one */
		bool is_retimed;
		int accepted, ran, cancelled, running;
	} items[NR_BOOKED] __attribute__((aligned(64)));
};

static inline void books_add(int *counter, int n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_SEQ_CST);
}

/* ---- Queueing ---------------------------------------------------------------- */

static inline struct workqueue_struct *books_home(struct booked *b)
{
	return b->books->queues[b->home];
}

static inline bool books_accept(struct booked *b, unsigned int how)
{
	int cpu = allowed_cpu((int)(how / 8 % (unsigned int)allowed_cpus()));
	unsigned long delay = how / 64 % 3;

	if (b->home < 0)
		return how % 2 ? schedule_work(&b->dwork.work)
			       : schedule_delayed_work(&b->dwork, delay);
	if (b->home == DRAINED) /* what a timer brings it may refuse */
		return queue_work_on(cpu, books_home(b), &b->dwork.work);
	switch (how % 8) {
	case 0:
		return queue_on(cpu, books_home(b), &b->dwork.work);
	case 1:
		return queue_delayed_work(books_home(b), &b->dwork, delay);
	case 2:
		return queue_delayed_work_on(cpu, books_home(b), &b->dwork, delay);
	case 3:
		return wq_queue_delayed_work_ns(books_home(b), &b->dwork, delay * 50000);
	case 4:
		return queue_work_on(cpu, books_home(b), &b->dwork.work);
	default:
		return queue_work(books_home(b), &b->dwork.work);
	}
}

/* Counted first: the run must never be ahead of the books. */
static inline void books_queue(struct booked *b, unsigned int how)
{
	books_add(&b->accepted, 1);
	if (!books_accept(b, how))
		books_add(&b->accepted, -1);
}

/* ---- Running ----------------------------------------------------------------- */

/* How many of the queue's items may run at once; 0: any number. */
static inline int books_limit(int home)
{
	static const int limits[NR_BOOK_QUEUES] = { 0, 0, 1, 1, 0, MAX_LIMIT, 1, 0 };

	return home < 0 ? 0 : limits[home];
}

static inline void books_run(struct work_struct *work)
{
	struct booked *b = container_of(work, struct booked, dwork.work);
	uint64_t random = test_state.seed ^ (uint64_t)flag_get(&b->ran) * 77u ^ (uintptr_t)b;
	struct books *books = b->books;
	int limit = books_limit(b->home), nr = __atomic_add_fetch(&b->running, 1, __ATOMIC_SEQ_CST);

	if (b->home < 0 || b->home >= DRAINED)
		check_eq(nr, 1);
	if (limit)
		check(__atomic_add_fetch(&books->at_work[b->home], 1, __ATOMIC_SEQ_CST) <= limit);
	books_add(&b->ran, 1);
	jitter(&random, 200);
	if (!flag_get(&books->stop) && test_random(&random) % 8 == 0)
		books_queue(b, (unsigned int)test_random(&random) / 8 * 8 + 4);
	if (!flag_get(&books->stop) && test_random(&random) % 8 == 0)
		books_queue(&books->items[test_random(&random) % NR_BOOKED], 4);
	if (limit)
		books_add(&books->at_work[b->home], -1);
	books_add(&b->running, -1);
}

struct self_free {
	struct work_struct work;
	struct books *books;
};

static inline void books_free_self(struct work_struct *work)
{
	struct self_free *s = container_of(work, struct self_free, work);
	struct books *books = s->books;

	memset(s, 0x6b, sizeof(*s));
	free(s);
	__atomic_fetch_add(&books->freed, 1, __ATOMIC_SEQ_CST);
}

/* ---- Single calls -------------------------------------------------------------- */

static inline void books_cancel(struct booked *b, unsigned int how)
{
	bool was_pending;

	if (b->is_retimed)
		return;
	if (how % 5 == 0)
		was_pending = WAITING(cancel_delayed_work(&b->dwork));
	else if (how % 5 == 1)
		was_pending = WAITING(cancel_work(&b->dwork.work));
	else if (how % 5 == 2)
		was_pending = WAITING(cancel_work_sync(&b->dwork.work));
	else
		was_pending = WAITING(cancel_delayed_work_sync(&b->dwork));
	books_add(&b->cancelled, was_pending);
}

/* Nobody takes these items back: so false says that it was idle, and is accepted. */
static inline void books_retime(struct booked *b, unsigned int how)
{
	int cpu = allowed_cpu((int)(how / 8 % (unsigned int)allowed_cpus()));
	bool was_pending;

	if (!b->is_retimed || b->home < 0 || b->home == DRAINED)
		return;
	books_add(&b->accepted, 1);
	was_pending = how % 2 ? mod_delayed_work(books_home(b), &b->dwork, how / 64 % 3)
			      : mod_delayed_work_on(cpu, books_home(b), &b->dwork, how / 64 % 3);
	books_add(&b->accepted, -was_pending);
}

static inline void books_disable(struct booked *b, unsigned int how)
{
	uint64_t random = how;

	if (b->is_retimed)
		return;
	books_add(&b->cancelled, how % 2 ? disable_delayed_work(&b->dwork)
					 : WAITING(disable_work_sync(&b->dwork.work)));
	jitter(&random, 500);
	enable_delayed_work(&b->dwork);
}

static inline void books_flush_item(struct booked *b, unsigned int how)
{
	if (how % 2)
		WAITING(flush_work(&b->dwork.work));
	else
		WAITING(flush_delayed_work(&b->dwork));
	(void)work_busy(&b->dwork.work);
}

static inline void books_make_self_free(struct books *books, unsigned int how)
{
	struct self_free *s = (struct self_free *)malloc(sizeof(*s));
	int home = (int)(how % (NR_BOOK_QUEUES - 1)); /* not the one that may refuse it */

	if (!check(s != NULL))
		return;
	INIT_WORK(&s->work, books_free_self);
	s->books = books;
	__atomic_fetch_add(&books->made, 1, __ATOMIC_SEQ_CST);
	check(queue_work(books->queues[home < DRAINED ? home : home + 1], &s->work));
}

/* A queue and an item nobody else knows: exact answers can be asked for. */
static inline void books_use_own_queue(struct books *books, unsigned int how)
{
	struct workqueue_struct *wq =
		how % 2 ? create_singlethread_workqueue("own") : create_workqueue("own");
	struct item a;

	(void)books;
	if (!check(wq != NULL))
		return;
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	if (how / 2 % 2)
		check_eq(WAITING(cancel_work_sync(&a.work)) + item_runs(&a), 1);
	else
		WAITING(flush_workqueue(wq));
	check(!work_pending(&a.work));
	if (how / 2 % 2 == 0)
		check_eq(item_done(&a), 1);
	check(queue_work(wq, &a.work));
	if (how / 4 % 2) {
		WAITING(wq_close_workqueue(wq));
		check(!queue_work(wq, &a.work));
	}
	WAITING(destroy_workqueue(wq));
	check(!work_pending(&a.work));
	check_eq(item_done(&a), item_runs(&a));
}

static inline void books_look_at_running(unsigned int how)
{
	struct work_struct *works[4];
	int nr = wq_running_works(works, (int)(how % 5));

	check(nr >= 0);
	for (int i = 0; i < nr && i < (int)(how % 5); i++)
		check(works[i] != NULL);
}

static inline void books_change_cpus(unsigned int how)
{
	int cpu = allowed_cpu((int)(how / 4 % (unsigned int)allowed_cpus()));
	int result = how % 4 == 0 ? WAITING(wq_cpu_down(cpu))
		   : how % 4 == 1 ? WAITING(wq_cpu_rescan())
				  : WAITING(wq_cpu_up(cpu));

	check(result >= 0 || result == -EBUSY || result == -ENODEV);
}

static inline void books_freeze(unsigned int how)
{
	uint64_t random = how;

	freeze_workqueues_begin();
	jitter(&random, 2000);
	(void)freeze_workqueues_busy();
	thaw_workqueues();
}

/**
 * books_call() - make one call
 * @what: chooses it, and the item
 * @how: chooses its parameters
 */
static inline void books_call(struct books *books, unsigned int what, unsigned int how)
{
	struct booked *b = &books->items[what / 1024 % NR_BOOKED];
	unsigned int choice = what % 1024;

	if (choice < 720)
		books_queue(b, how);
	else if (choice < 780)
		books_cancel(b, how);
	else if (choice < 820)
		books_disable(b, how);
	else if (choice < 860)
		books_flush_item(b, how);
	else if (choice < 900)
		books_retime(b, how);
	else if (choice < 930)
		WAITING(flush_workqueue(books->queues[how % NR_BOOK_QUEUES]));
	else if (choice < 990)
		books_make_self_free(books, how);
	else if (choice < 992)
		WAITING(drain_workqueue(books->queues[DRAINED]));
	else if (choice < 993)
		workqueue_set_max_active(books->queues[LIMITED], 1 + (int)(how % MAX_LIMIT));
	else if (choice < 995)
		(void)work_pending(&b->dwork.work);
	else if (choice < 1000)
		books_look_at_running(how);
	else if (choice < 1008)
		WAITING(flush_scheduled_work());
	else if (choice < 1012)
		books_use_own_queue(books, how);
	else if (choice < 1018)
		books_freeze(how);
	else
		books_change_cpus(how);
}

/* ---- Opening and closing --------------------------------------------------------- */

static inline bool books_open(struct books *books)
{
	bool all = true;

	memset(books, 0, sizeof(*books));
	books->queues[0] = create_workqueue("many");
	books->queues[1] = create_workqueue("more");
	books->queues[2] = create_singlethread_workqueue("one");
	books->queues[3] = create_freezeable_workqueue("frozen");
	books->queues[DRAINED] = alloc_workqueue("shared", WQ_PERCPU, 2);
	books->queues[LIMITED] = alloc_workqueue("unbound", WQ_UNBOUND, MAX_LIMIT);
	books->queues[6] = alloc_ordered_workqueue("ordered", 0);
	books->queues[7] = alloc_workqueue("freezable", WQ_PERCPU | WQ_FREEZABLE, 1);
	for (int i = 0; i < NR_BOOK_QUEUES; i++)
		all &= check(books->queues[i] != NULL);
	for (int i = 0; i < NR_BOOKED; i++) {
		INIT_DELAYED_WORK(&books->items[i].dwork, books_run);
		books->items[i].books = books;
		books->items[i].home = i % (NR_BOOK_QUEUES + 1) - 1;
		books->items[i].is_retimed = i / (NR_BOOK_QUEUES + 1) == 0;
	}
	return all;
}

/**
 * books_close() - let everything end, and check the books
 * Return: how many queueings were accepted
 */
static inline long books_close(struct books *books)
{
	long calls = 0;

	flag_set(&books->stop, 1);
	for (int i = 0; i < allowed_cpus(); i++)
		check_eq(WAITING(wq_cpu_up(allowed_cpu(i))), 0);
	/* Functions that were running queue one more round at most. */
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < NR_BOOK_QUEUES; i++)
			WAITING(flush_workqueue(books->queues[i]));
		WAITING(flush_scheduled_work());
	}
	for (int i = 0; i < NR_BOOKED; i++) {
		struct booked *b = &books->items[i];

		b->cancelled += WAITING(cancel_delayed_work_sync(&b->dwork));
		check_eq(flag_get(&b->accepted), flag_get(&b->ran) + b->cancelled);
		check_eq(flag_get(&b->running), 0);
		check(!delayed_work_pending(&b->dwork));
		calls += flag_get(&b->accepted);
	}
	for (int i = 0; i < NR_BOOK_QUEUES; i++)
		WAITING(destroy_workqueue(books->queues[i]));
	allow_report("it is being drained");
	allow_report("isn't complete after");
	allow_report("reports from");
	check_eq(__atomic_load_n(&books->freed, __ATOMIC_SEQ_CST), books->made);
	return calls + books->made;
}

#endif /* WQ_TEST_BOOKS_H */
