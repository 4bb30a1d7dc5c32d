/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * queue_work() "takes no lock and may be made under the caller's spinlock", and a
 * cancel waits for its own item only. Calls are made while holding the lock that a
 * running item waits for; a call that waited for that item would never return.
 */
#include "test.h"
#include "support/aim.h"

#include <linux/spinlock.h>

enum { NR_BEHIND = 40 };

static DEFINE_SPINLOCK(lock);
static struct workqueue_struct *wq;
static struct work_struct taker, behind[NR_BEHIND];
static int at_lock, nr_taken, nr_behind;

static void take_lock(struct work_struct *work)
{
	(void)work;
	flag_set(&at_lock, 1);
	spin_lock(&lock);
	nr_taken++;
	spin_unlock(&lock);
}

static void run_behind(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&nr_behind, 1, __ATOMIC_SEQ_CST);
}

static bool set_up(void)
{
	wq = create_singlethread_workqueue("lock");
	nr_taken = nr_behind = 0;
	flag_set(&at_lock, 0);
	INIT_WORK(&taker, take_lock);
	for (int i = 0; i < NR_BEHIND; i++)
		INIT_WORK(&behind[i], run_behind);
	return check(wq);
}

static void queue_work_under_the_lock_an_item_takes(void)
{
	if (!set_up())
		return;
	for (int i = 0; race_goes_on(i, 10000); i++) {
		spin_lock(&lock);
		WAITING(queue_work(wq, &taker));
		WAITING(queue_work(wq, &behind[i % NR_BEHIND]));
		spin_unlock(&lock);
	}
	WAITING(flush_workqueue(wq));
	check(nr_taken > 0);
	check(nr_behind > 0);
	destroy_workqueue(wq);
}

/*
 * All are queued before the worker starts on the first, so that it may have taken
 * them as one batch: in every place of it an item must stay cancellable.
 */
static void cancel_of_an_item_does_not_wait_for_another(void)
{
	if (!set_up())
		return;
	for (int round = 0; race_goes_on(round, 300); round++) {
		int ran = flag_get(&nr_behind);

		flag_set(&at_lock, 0);
		spin_lock(&lock);
		check(queue_work(wq, &taker));
		for (int i = 0; i < NR_BEHIND; i++)
			check(queue_work(wq, &behind[i]));
		flag_await(&at_lock, 1);
		for (int i = 0; i < NR_BEHIND; i += 2)
			check(WAITING(cancel_work_sync(&behind[(i + round) % NR_BEHIND])));
		spin_unlock(&lock);
		WAITING(flush_workqueue(wq));
		check_eq(flag_get(&nr_behind) - ran, NR_BEHIND / 2);
	}
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(queue_work_under_the_lock_an_item_takes),
	  TEST(cancel_of_an_item_does_not_wait_for_another))
