/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the firing of its timer and its queueing an item is with neither; a
 * canceller that comes then still takes it or waits for its run, and may free it.
 * One thread watches the timer of an item until it is no longer pending and cancels
 * at that moment; freed items keep a pattern that nobody may write to.
 */
#include "test.h"
#include "support/aim.h"
#include "support/delayed.h"

/* An item that its timer holds has ON_THE_WAY in the bits PLACE of its word. */
enum { POISON = 0xdd, PLACE = 15, ON_THE_WAY = 3, ENOUGH = 1500 };

struct victim {
	struct delayed_work dwork;
	int *runs;
};

static int nr_stolen, nr_ran;

static void count_run(struct work_struct *work)
{
	int *runs = container_of(to_delayed_work(work), struct victim, dwork)->runs;

	__atomic_fetch_add(runs, 1, __ATOMIC_SEQ_CST);
}

static void watch_timer(struct victim *v)
{
	while (timer_pending(&v->dwork.timer))
		;
}

static bool is_poison(const struct victim *v)
{
	const unsigned char *byte = (const unsigned char *)v;

	for (size_t i = 0; i < sizeof(*v); i++)
		if (byte[i] != POISON)
			return false;
	return true;
}

static void one_round(struct workqueue_struct *wq, uint64_t *random, struct victim *v)
{
	int runs = 0, before, cpu = allowed_cpu(allowed_cpus() - 1);
	unsigned long data;
	bool cancelled;

	INIT_DELAYED_WORK(&v->dwork, count_run);
	v->runs = &runs;
	check(queue_delayed_work_on(cpu, wq, &v->dwork, 0));
	WAITING((watch_timer(v), 0));
	jitter(random, test_random(random) % 4 ? 0 : 40);
	data = __atomic_load_n(&v->dwork.work.data, __ATOMIC_RELAXED);
	before = flag_get(&runs);
	cancelled = WAITING(cancel_delayed_work_sync(&v->dwork));
	check(!delayed_work_pending(&v->dwork));
	check_eq(flag_get(&runs) + cancelled, 1);
	memset(v, POISON, sizeof(*v));
	/* The timer still held it: its thread was on the way to the queue. */
	if (before == 0 && (data & PLACE) == ON_THE_WAY)
		race_window_hit();
	nr_stolen += cancelled;
	nr_ran += !cancelled;
}

static void run_race(struct workqueue_struct *wq)
{
	uint64_t random = test_state.seed, end_ns = now_ns() + 1500u * NS_PER_MS;
	struct victim *former = NULL;

	if (!check(wq) || !need_two_cpus())
		return;
	race_begin();
	nr_stolen = nr_ran = 0;
	race_pin(0);
	for (int i = 0; flag_get(&race_hits_) < ENOUGH && now_ns() < end_ns; i++) {
		struct victim *v = (struct victim *)malloc(sizeof(*v));

		one_round(wq, &random, v);
		if (former)
			check(is_poison(former));
		free(former);
		former = v;
	}
	unpin();
	free(former);
	destroy_workqueue(wq);
	printf("  cancelled %d, ran %d\n", nr_stolen, nr_ran);
	race_require_hits(1);
}

static void on_cpu_workers_the_item_is_cancelled_or_has_run(void)
{
	run_race(create_workqueue("gap"));
}

static void on_one_worker_the_item_is_cancelled_or_has_run(void)
{
	run_race(create_singlethread_workqueue("gap"));
}

TEST_MAIN(TEST(on_cpu_workers_the_item_is_cancelled_or_has_run),
	  TEST(on_one_worker_the_item_is_cancelled_or_has_run))
