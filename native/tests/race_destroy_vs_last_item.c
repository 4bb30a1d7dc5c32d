/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A queue may be destroyed as soon as its last item has begun, even while the
 * queue_work() that queued it has not returned on another thread. Each round makes
 * a queue, queues one item while the worker is finishing another, and the item's
 * function tells a second thread to destroy the queue.
 */
#include "test.h"
#include "support/aim.h"

static struct {
	struct workqueue_struct *wq;
	struct work_struct work, first;
	struct meeting end;
	int began, queued, runs, tell_spins, first_spins;
} race;

static void keep_awake(struct work_struct *work)
{
	(void)work;
	flag_set(&race.began, 1);
	for (volatile int spins = race.first_spins; spins; spins--)
		;
}

static void tell_destroyer(struct work_struct *work)
{
	(void)work;
	flag_set(&race.began, 2);
	for (volatile int spins = race.tell_spins; spins; spins--)
		;
	__atomic_fetch_add(&race.runs, 1, __ATOMIC_SEQ_CST);
}

static void *destroyer(void *unused)
{
	do {
		flag_await(&race.began, 2);
		if (!flag_get(&race.queued))
			race_window_hit();
		WAITING(destroy_workqueue(race.wq));
		meet(&race.end);
	} while (meet_next(&race.end));
	return unused;
}

static void one_round(uint64_t *random)
{
	race.wq = create_singlethread_workqueue("last");
	if (!check(race.wq))
		exit(1);
	race.tell_spins = (int)(test_random(random) % 400);
	race.runs = 0;
	race.first_spins = (int)(test_random(random) % 400);
	/* One round in four finds the worker asleep, the others at its work. */
	if (test_random(random) % 4) {
		check(queue_work(race.wq, &race.first));
		flag_await(&race.began, 1);
		jitter(random, 400);
	}
	check(queue_work(race.wq, &race.work));
	flag_set(&race.queued, 1);
	meet(&race.end);
	check_eq(race.runs, 1);
	check(!work_pending(&race.work));
	flag_set(&race.began, 0);
	flag_set(&race.queued, 0);
}

static void a_queue_may_go_once_its_last_item_has_begun(void)
{
	uint64_t random = test_state.seed;
	pthread_t thread;

	race_begin();
	race.end.members = 2;
	INIT_WORK(&race.work, tell_destroyer);
	INIT_WORK(&race.first, keep_awake);
	thread = start_thread(destroyer, NULL);
	one_round(&random);
	for (int i = 1; race_goes_on(i, 10000); i++) {
		meet(&race.end);
		one_round(&random);
	}
	meet_end(&race.end);
	join_thread(thread);
	race_require_hits_on_two_cpus();
}

TEST_MAIN(TEST(a_queue_may_go_once_its_last_item_has_begun))
