/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A queue's limit is raised while items are queued and run: never more run than it allows,
 * and each runs. The window is a raise that meets items which stand back. Lowered again, it
 * holds from the next item on that is queued after a flush.
 */
#include "items.h"
#include "support/aim.h"

enum { NR_ITEMS = 12, LOW = 1, HIGH = 3, MAX_SPINS = 2000 };

static struct workqueue_struct *wq;
static int cpu; /* Not the one the items are queued from, if there are two. */
static struct work_struct works[NR_ITEMS];
static struct meeting both = MEETING_INITIALIZER(2);
static int running, peak, nr_runs;
static uint64_t raiser_random, queuer_random;

static void run_beside_others(struct work_struct *work)
{
	int now = __atomic_add_fetch(&running, 1, __ATOMIC_SEQ_CST);
	int most = __atomic_load_n(&peak, __ATOMIC_SEQ_CST);

	(void)work;
	while (now > most && !__atomic_compare_exchange_n(&peak, &most, now, false, __ATOMIC_SEQ_CST,
							  __ATOMIC_SEQ_CST))
		;
	for (volatile int spins = MAX_SPINS; spins; spins--)
		;
	__atomic_fetch_sub(&running, 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&nr_runs, 1, __ATOMIC_SEQ_CST);
}

static void *raise_it(void *unused)
{
	while (meet_next(&both)) {
		jitter(&raiser_random, NR_ITEMS * MAX_SPINS);
		if (workqueue_congested(cpu, wq))
			race_window_hit();
		workqueue_set_max_active(wq, HIGH);
		meet(&both);
	}
	return unused;
}

/* Queues the items and waits for them: at most MOST ran at once. */
static bool queue_all(int most, bool raised)
{
	int before = flag_get(&nr_runs);

	flag_set(&peak, 0);
	if (raised)
		meet(&both);
	for (int i = 0; i < NR_ITEMS; i++) {
		check(queue_work_on(cpu, wq, &works[i]));
		jitter(&queuer_random, MAX_SPINS); /* Some come while others run. */
	}
	if (raised)
		meet(&both);
	WAITING(flush_workqueue(wq));
	return check(flag_get(&peak) <= most) && check_eq(flag_get(&nr_runs), before + NR_ITEMS);
}

static void run_race(struct workqueue_struct *queue, int rounds)
{
	pthread_t raiser;

	wq = queue;
	cpu = allowed_cpu(allowed_cpus() - 1);
	if (!check(wq))
		return;
	race_begin();
	both.over = false;
	raiser_random = test_state.seed;
	queuer_random = test_state.seed + 1;
	for (int i = 0; i < NR_ITEMS; i++)
		INIT_WORK(&works[i], run_beside_others);
	raiser = start_thread(raise_it, NULL);
	for (int round = 0; race_goes_on(round, rounds); round++) {
		if (!queue_all(HIGH, true))
			break;
		workqueue_set_max_active(wq, LOW);
		if (!queue_all(LOW, false))
			break;
	}
	meet_end(&both);
	join_thread(raiser);
	destroy_workqueue(wq);
	race_require_hits_on_two_cpus();
}

static void of_an_unbound_queue(void)
{
	run_race(alloc_workqueue("limits", WQ_UNBOUND, LOW), 3000);
}

static void of_a_queue_with_a_pool_for_each_cpu(void)
{
	run_race(alloc_workqueue("limits", 0, LOW), 3000);
}

TEST_MAIN(TEST(of_an_unbound_queue), TEST(of_a_queue_with_a_pool_for_each_cpu))
