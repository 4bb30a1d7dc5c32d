/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An item re-timed at the moment its timer fires, or its worker takes it, is moved or has
 * run: each call that returns false began a new queueing, and each queueing runs once. One
 * thread re-times an item that is due at once on another CPU, then two threads re-time
 * one between their CPUs; queueings and runs are counted.
 */
#include "test.h"
#include "support/aim.h"
#include "support/delayed.h"

/* An item that its timer holds has ON_THE_WAY in the bits PLACE of its word. */
enum { PLACE = 15, ON_THE_WAY = 3, ENOUGH = 1500 };

static struct {
	struct workqueue_struct *wq;
	struct delayed_work dwork;
	int runs, inside, overlapped;
} race;

static void count_run(struct work_struct *work)
{
	(void)work;
	if (__atomic_exchange_n(&race.inside, 1, __ATOMIC_SEQ_CST))
		flag_set(&race.overlapped, 1);
	__atomic_fetch_add(&race.runs, 1, __ATOMIC_SEQ_CST);
	flag_set(&race.inside, 0);
}

static void begin(struct workqueue_struct *wq)
{
	memset(&race, 0, sizeof(race));
	race_begin();
	race.wq = wq;
	check(wq);
	INIT_DELAYED_WORK(&race.dwork, count_run);
}

/* Every queueing has run, and the item is idle. */
static void end(int queued, bool is_reentrant)
{
	flag_await(&race.runs, queued);
	check(!WAITING(cancel_delayed_work_sync(&race.dwork)));
	destroy_workqueue(race.wq);
	check_eq(race.runs, queued);
	check(is_reentrant || !race.overlapped);
}

/* ---- One re-times what fires ------------------------------------------------------ */

static void watch_timer(void)
{
	while (timer_pending(&race.dwork.timer))
		;
}

/* Returns how many queueings there were. */
static int one_round(uint64_t *random)
{
	int before = flag_get(&race.runs), queued = 1;
	unsigned long data;
	bool moved;

	check(queue_delayed_work_on(allowed_cpu(allowed_cpus() - 1), race.wq, &race.dwork, 0));
	WAITING((watch_timer(), 0));
	jitter(random, test_random(random) % 4 ? 0 : 40);
	data = __atomic_load_n(&race.dwork.work.data, __ATOMIC_RELAXED);
	moved = WAITING(mod_delayed_work(race.wq, &race.dwork, test_random(random) % 2));
	/* The timer still held it, or it was with the worker; and it was taken from there, or has just run. */
	if ((data & PLACE) == ON_THE_WAY || (moved && (data & 1)))
		race_window_hit();
	queued += !moved;
	if (test_random(random) % 2)
		queued += !WAITING(mod_delayed_work(race.wq, &race.dwork, 0));
	flag_await(&race.runs, before + queued);
	WAITING((flush_workqueue(race.wq), 0));
	check_eq(flag_get(&race.runs), before + queued);
	check(!delayed_work_pending(&race.dwork));
	return queued;
}

static void run_race(struct workqueue_struct *wq, bool is_reentrant)
{
	uint64_t random = test_state.seed, end_ns = now_ns() + 1000u * NS_PER_MS;
	int queued = 0, rounds = 0;

	if (!need_two_cpus()) {
		destroy_workqueue(wq);
		return;
	}
	begin(wq);
	race_pin(0);
	while (flag_get(&race_hits_) < ENOUGH && now_ns() < end_ns) {
		queued += one_round(&random);
		rounds++;
	}
	unpin();
	end(queued, is_reentrant);
	printf("  %d rounds, %d queueings\n", rounds, queued);
	race_require_hits(1);
}

static void on_cpu_workers_it_is_moved_or_has_run(void)
{
	run_race(create_workqueue("fire"), true);
}

static void on_one_worker_it_is_moved_or_has_run(void)
{
	run_race(create_singlethread_workqueue("fire"), false);
}

static void on_shared_pools_it_is_moved_or_has_run(void)
{
	run_race(alloc_workqueue("fire", WQ_PERCPU, 0), false);
}

/* ---- Two re-time one item ---------------------------------------------------------- */

static int stop, nr_false, nr_true;

static void *mover(void *place)
{
	uint64_t random = test_state.seed + (uintptr_t)place;

	race_pin((unsigned int)(uintptr_t)place);
	while (!flag_get(&stop)) {
		int before = flag_get(&race.runs);
		bool inside = flag_get(&race.inside);
		bool moved = mod_delayed_work(race.wq, &race.dwork, !(test_random(&random) % 4));

		__atomic_fetch_add(moved ? &nr_true : &nr_false, 1, __ATOMIC_SEQ_CST);
		if (inside || flag_get(&race.runs) != before)
			race_window_hit();
		jitter(&random, 2000);
	}
	return NULL;
}

static void run_two(struct workqueue_struct *wq, bool is_reentrant)
{
	uint64_t end_ns = now_ns() + 1000u * NS_PER_MS;
	pthread_t threads[2];

	begin(wq);
	stop = nr_false = nr_true = 0;
	for (uintptr_t i = 0; i < 2; i++)
		threads[i] = start_thread(mover, (void *)i);
	while (now_ns() < end_ns && flag_get(&race_hits_) < 20 * ENOUGH)
		let_pass(5);
	flag_set(&stop, 1);
	join_thread(threads[0]);
	join_thread(threads[1]);
	end(nr_false, is_reentrant);
	printf("  queued %d times, moved %d times\n", nr_false, nr_true);
	race_require_hits_on_two_cpus();
}

static void on_cpu_workers_two_movers_queue_it_as_often_as_it_runs(void)
{
	run_two(create_workqueue("two"), true);
}

static void on_one_worker_two_movers_queue_it_as_often_as_it_runs(void)
{
	run_two(create_singlethread_workqueue("two"), false);
}

static void on_shared_pools_two_movers_queue_it_as_often_as_it_runs(void)
{
	run_two(alloc_workqueue("two", WQ_PERCPU, 0), false);
}

static void on_an_unbound_pool_two_movers_queue_it_as_often_as_it_runs(void)
{
	run_two(alloc_workqueue("two", WQ_UNBOUND, 0), false);
}

TEST_MAIN(TEST(on_cpu_workers_it_is_moved_or_has_run), TEST(on_one_worker_it_is_moved_or_has_run),
	  TEST(on_shared_pools_it_is_moved_or_has_run),
	  TEST(on_cpu_workers_two_movers_queue_it_as_often_as_it_runs),
	  TEST(on_one_worker_two_movers_queue_it_as_often_as_it_runs),
	  TEST(on_shared_pools_two_movers_queue_it_as_often_as_it_runs),
	  TEST(on_an_unbound_pool_two_movers_queue_it_as_often_as_it_runs))
