/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A delayed item's function may free it, or make another of it, while the thread of
 * its timer is still on its way back from queueing it. Functions overwrite their
 * items with a pattern that must stay; those that ask the timer first see whether
 * its thread was still inside.
 */
#include "test.h"
#include "support/aim.h"
#include "support/delayed.h"

enum { POISON = 0xdd, BURST = 32 };

struct victim {
	struct delayed_work dwork;
	bool free_it, reborn;
};

static struct workqueue_struct *wq;
static struct victim *kept[BURST];
static int nr_kept, nr_ran;

static void end_victim(struct victim *v)
{
	bool free_it = v->free_it;

	if (try_to_del_timer_sync(&v->dwork.timer) < 0)
		race_window_hit();
	memset(v, POISON, sizeof(*v));
	if (free_it)
		free(v);
	else
		kept[__atomic_fetch_add(&nr_kept, 1, __ATOMIC_SEQ_CST)] = v;
	__atomic_fetch_add(&nr_ran, 1, __ATOMIC_SEQ_CST);
}

static void vanish(struct work_struct *work)
{
	struct victim *v = container_of(to_delayed_work(work), struct victim, dwork);

	if (!v->reborn) {
		end_victim(v);
		return;
	}
	memset(&v->dwork, POISON, sizeof(v->dwork));
	v->reborn = false;
	INIT_DELAYED_WORK(&v->dwork, vanish);
	check(wq_queue_delayed_work_ns(wq, &v->dwork, 1000));
}

static void check_kept(void)
{
	unsigned char pattern[sizeof(struct victim)];

	memset(pattern, POISON, sizeof(pattern));
	for (int i = 0; i < nr_kept; i++) {
		check(memcmp(kept[i], pattern, sizeof(pattern)) == 0);
		free(kept[i]);
	}
	nr_kept = 0;
}

static void one_burst(uint64_t *random)
{
	int n = 1 + (int)(test_random(random) % BURST);

	flag_set(&nr_ran, 0);
	for (int i = 0; i < n; i++) {
		struct victim *v = (struct victim *)calloc(1, sizeof(*v));

		INIT_DELAYED_WORK(&v->dwork, vanish);
		v->free_it = test_random(random) % 2;
		v->reborn = test_random(random) % 4 == 0;
		check(wq_queue_delayed_work_ns(wq, &v->dwork, test_random(random) % 50000));
	}
	flag_await(&nr_ran, n);
	WAITING(flush_workqueue(wq));
	check_kept();
}

static void run_bursts(struct workqueue_struct *queue, int place)
{
	uint64_t random = test_state.seed, end_ns = now_ns() + 1800u * NS_PER_MS;

	if (!check(queue))
		return;
	wq = queue;
	race_begin();
	if (place >= 0)
		race_pin((unsigned int)place);
	while (flag_get(&race_hits_) < 2000 && now_ns() < end_ns)
		one_burst(&random);
	unpin();
	destroy_workqueue(wq);
	race_require_hits_on_two_cpus();
}

static void on_one_worker_items_may_vanish_in_their_functions(void)
{
	run_bursts(create_singlethread_workqueue("vanish"), 0);
}

static void on_cpu_workers_items_may_vanish_in_their_functions(void)
{
	run_bursts(create_workqueue("vanish"), -1);
}

TEST_MAIN(TEST(on_one_worker_items_may_vanish_in_their_functions),
	  TEST(on_cpu_workers_items_may_vanish_in_their_functions))
