/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flushes under way at once each cover what was queued before them. Three threads
 * queue an item of their own and flush the same queue over and over; when a flush
 * returns, its thread's item must have finished.
 */
#include "test.h"
#include "support/aim.h"

enum { NR_FLUSHERS = 3 };

struct flusher {
	struct work_struct work;
	uint64_t random;
	int done __attribute__((aligned(64)));
	int rounds, spins;
};

static struct workqueue_struct *wq;
static int nr_inside;

static void finish(struct work_struct *work)
{
	struct flusher *f = (struct flusher *)(void *)work;

	for (volatile int spins = f->spins; spins; spins--)
		;
	__atomic_fetch_add(&f->done, 1, __ATOMIC_RELAXED);
}

static void *flusher(void *arg)
{
	struct flusher *f = (struct flusher *)arg;
	int queued = 0;

	for (int i = 0; race_goes_on(i, f->rounds); i++) {
		f->spins = (int)(test_random(&f->random) % 300);
		for (int n = (int)(test_random(&f->random) % 3); n; n--) {
			queued += queue_work(wq, &f->work);
			jitter(&f->random, 200);
		}
		if (__atomic_add_fetch(&nr_inside, 1, __ATOMIC_SEQ_CST) > 1)
			race_window_hit();
		WAITING(flush_workqueue(wq));
		__atomic_fetch_sub(&nr_inside, 1, __ATOMIC_SEQ_CST);
		check_eq(__atomic_load_n(&f->done, __ATOMIC_RELAXED), queued);
	}
	return NULL;
}

static void run_race(struct workqueue_struct *queue, int rounds)
{
	static struct flusher flushers[NR_FLUSHERS];
	pthread_t threads[NR_FLUSHERS];

	race_begin();
	wq = queue;
	if (!check(wq))
		return;
	memset(flushers, 0, sizeof(flushers));
	for (int i = 0; i < NR_FLUSHERS; i++) {
		flushers[i].random = test_state.seed + (uint64_t)i;
		flushers[i].rounds = rounds;
		INIT_WORK(&flushers[i].work, finish);
		threads[i] = start_thread(flusher, &flushers[i]);
	}
	for (int i = 0; i < NR_FLUSHERS; i++)
		join_thread(threads[i]);
	destroy_workqueue(wq);
	race_require_hits_on_two_cpus();
}

static void each_flush_of_one_worker_covers_its_own_item(void)
{
	run_race(create_singlethread_workqueue("flushers"), 10000);
}

static void each_flush_of_cpu_workers_covers_its_own_item(void)
{
	run_race(create_workqueue("flushers"), 5000);
}

TEST_MAIN(TEST(each_flush_of_one_worker_covers_its_own_item),
	  TEST(each_flush_of_cpu_workers_covers_its_own_item))
