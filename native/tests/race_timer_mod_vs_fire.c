/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A timer moved at the moment it fires either is moved or has fired, and says which:
 * every mod_timer() that returns 0 began a new arming, and each of those fires once.
 * One thread moves a timer that is due at once on another CPU, then two threads move
 * one between their CPUs; armings and calls are counted.
 */
#include "test.h"
#include "support/aim.h"
#include "support/delayed.h"

static struct {
	struct timer_list timer;
	struct aim aim;
	int fired, inside, overlapped;
	int spins;
} race;

static void fire(struct timer_list *timer)
{
	(void)timer;
	if (__atomic_exchange_n(&race.inside, 1, __ATOMIC_SEQ_CST))
		flag_set(&race.overlapped, 1);
	__atomic_fetch_add(&race.fired, 1, __ATOMIC_SEQ_CST);
	for (volatile int n = flag_get(&race.spins); n; n--)
		;
	flag_set(&race.inside, 0);
}

/* Until its thread has taken the timer and is about to call the function. */
static void watch_timer(void)
{
	while (timer_pending(&race.timer))
		;
}

/* Arms the idle timer for now, and moves it a little later, and back. */
static int one_round(uint64_t *random)
{
	int before = flag_get(&race.fired), early, armings = 1, moved;

	flag_set(&race.spins, (int)(test_random(random) % 256));
	race.timer.expires = jiffies;
	add_timer_on(&race.timer, allowed_cpu(allowed_cpus() - 1));
	if (test_random(random) % 4)
		WAITING((watch_timer(), 0));
	else
		aim_wait(&race.aim);
	early = flag_get(&race.fired) == before;
	moved = mod_timer(&race.timer, jiffies + test_random(random) % 2);
	/* Not seen fired before the call, fired when it was made; or moved within the function. */
	if ((early && !moved) || flag_get(&race.inside))
		race_window_hit();
	armings += !moved;
	aim_move(&race.aim, moved);
	if (test_random(random) % 4 == 0)
		armings += !mod_timer(&race.timer, jiffies);
	flag_await(&race.fired, before + armings);
	WAITING(del_timer_sync(&race.timer));
	check_eq(flag_get(&race.fired), before + armings);
	check_eq(race.inside, 0);
	return armings;
}

static void moved_from_another_cpu_each_arming_fires_once(void)
{
	uint64_t random = test_state.seed, end_ns = now_ns() + 1500u * NS_PER_MS;
	int armings = 0;

	memset(&race, 0, sizeof(race));
	race_begin();
	aim_init(&race.aim, 100000, 6);
	timer_setup(&race.timer, fire, 0);
	race_pin(0);
	while (flag_get(&race_hits_) < 2000 && now_ns() < end_ns)
		armings += one_round(&random);
	unpin();
	check_eq(del_timer_sync(&race.timer), 0);
	check_eq(race.fired, armings);
	check_eq(race.overlapped, 0);
	race_require_hits_on_two_cpus();
}

/* ---- Two movers ----------------------------------------------------------------- */

static int stop, nr_zero, nr_one;

static void *mover(void *place)
{
	uint64_t random = test_state.seed + (uintptr_t)place;

	race_pin((unsigned int)(uintptr_t)place);
	while (!flag_get(&stop)) {
		int before = flag_get(&race.fired);
		bool inside = flag_get(&race.inside);
		int moved = mod_timer(&race.timer, jiffies + !(test_random(&random) % 8));

		__atomic_fetch_add(moved ? &nr_one : &nr_zero, 1, __ATOMIC_SEQ_CST);
		if (inside || (!moved && flag_get(&race.fired) != before))
			race_window_hit();
		jitter(&random, 20000);
	}
	return NULL;
}

static void moved_by_two_cpus_each_arming_fires_once(void)
{
	uint64_t end_ns = now_ns() + 1500u * NS_PER_MS;
	pthread_t threads[2];

	memset(&race, 0, sizeof(race));
	race_begin();
	timer_setup(&race.timer, fire, 0);
	for (uintptr_t i = 0; i < 2; i++)
		threads[i] = start_thread(mover, (void *)i);
	while (now_ns() < end_ns && flag_get(&race_hits_) < 3000)
		let_pass(5);
	flag_set(&stop, 1);
	join_thread(threads[0]);
	join_thread(threads[1]);
	/* The last arming is still to fire, or is taken back here. */
	nr_zero -= WAITING(del_timer_sync(&race.timer));
	check_eq(race.fired, nr_zero);
	check_eq(race.overlapped, 0);
	printf("  armed %d times, moved %d times\n", nr_zero, nr_one);
	race_require_hits_on_two_cpus();
}

TEST_MAIN(TEST(moved_from_another_cpu_each_arming_fires_once),
	  TEST(moved_by_two_cpus_each_arming_fires_once))
