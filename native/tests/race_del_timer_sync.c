/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * After del_timer_sync() a timer is not pending, its function is not running, and its
 * memory is the caller's, although it arms itself again or is freed at once. One
 * thread deletes a timer about when it fires; try_to_del_timer_sync() likewise.
 */
#include "test.h"
#include "support/aim.h"
#include "support/delayed.h"

enum { POISON = 0xdd };

struct victim {
	struct timer_list timer;
	int inside, fired, rearms;
	unsigned int spins;
};

static struct aim aim;

static void fire(struct timer_list *timer)
{
	struct victim *v = container_of(timer, struct victim, timer);

	flag_set(&v->inside, 1);
	for (volatile unsigned int n = v->spins; n; n--)
		;
	if (v->rearms-- > 0)
		mod_timer(timer, wq_jiffies());
	for (volatile unsigned int n = v->spins; n; n--)
		;
	__atomic_fetch_add(&v->fired, 1, __ATOMIC_SEQ_CST);
	flag_set(&v->inside, 0);
}

static bool is_poison(const struct victim *v)
{
	const unsigned char *byte = (const unsigned char *)v;

	for (size_t i = 0; i < sizeof(*v); i++)
		if (byte[i] != POISON)
			return false;
	return true;
}

static int try_until_deleted(struct timer_list *timer)
{
	int result;

	while ((result = try_to_del_timer_sync(timer)) < 0)
		sched_yield();
	return result;
}

static void one_round(uint64_t *random, struct victim *v, int (*del)(struct timer_list *))
{
	int inside, fired, result;

	memset(v, 0, sizeof(*v));
	timer_setup(&v->timer, fire, 0);
	v->spins = (unsigned int)(test_random(random) % 500);
	v->rearms = (int)(test_random(random) % 3);
	v->timer.expires = wq_jiffies();
	add_timer_on(&v->timer, allowed_cpu(allowed_cpus() - 1));
	aim_wait(&aim);
	fired = flag_get(&v->fired);
	inside = flag_get(&v->inside);
	result = WAITING(del(&v->timer));
	check_eq(flag_get(&v->inside), 0);
	check(!timer_pending(&v->timer));
	/* The function was running, or began in between. */
	if (inside || flag_get(&v->fired) != fired)
		race_window_hit();
	aim_move(&aim, result == 1 && flag_get(&v->fired) == 0);
	memset(v, POISON, sizeof(*v));
}

static void run_race(int (*del)(struct timer_list *))
{
	uint64_t random = test_state.seed, end_ns = now_ns() + 1800u * NS_PER_MS;
	struct victim *former = NULL;

	race_begin();
	aim_init(&aim, 200000, 5);
	race_pin(0);
	while (flag_get(&race_hits_) < 3000 && now_ns() < end_ns) {
		struct victim *v = (struct victim *)malloc(sizeof(*v));

		one_round(&random, v, del);
		check(!former || is_poison(former));
		free(former);
		former = v;
	}
	let_pass(1);
	check(!former || is_poison(former));
	free(former);
	unpin();
	race_require_hits_on_two_cpus();
}

static void after_del_timer_sync_the_timer_may_be_freed(void)
{
	run_race(del_timer_sync);
}

static void after_try_to_del_timer_sync_succeeded_it_may_be_freed(void)
{
	run_race(try_until_deleted);
}

TEST_MAIN(TEST(after_del_timer_sync_the_timer_may_be_freed),
	  TEST(after_try_to_del_timer_sync_succeeded_it_may_be_freed))
