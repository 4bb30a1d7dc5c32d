/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A driver as kernel code has it: a module with a kthread, a wait queue, work delayed
 * and not, a mutex, a spinlock and a CPU notifier (support/sampler.c) compiles as it
 * is, starts before main(), and does what it says.
 */
#include "items.h"
#include "support/aim.h"

#include "support/sampler.c"

enum { SAMPLES = 50 };

static void the_module_has_started_before_main(void)
{
	check(sampler_is_up());
}

static void each_sample_comes_out_once_and_in_order(void)
{
	for (int i = 0; i < SAMPLES; i++)
		sampler_feed(i);
	for (int i = 0; i < SAMPLES; i++)
		check_eq(WAITING(sampler_read()), i + 1000);
}

static void read_one(struct call *c)
{
	c->result = WAITING(sampler_read()) == 7 + 1000;
}

static void a_reader_sleeps_until_there_is_a_sample(void)
{
	struct call call;

	call_start(&call, read_one, NULL);
	check(call_sleeps(&call));
	sampler_feed(7);
	check(call_join(&call));
}

static void the_heartbeat_goes_on_by_itself(void)
{
	int before = sampler_beats();

	WAITING(({
		while (sampler_beats() < before + 3)
			sched_yield();
		0;
	}));
}

static void the_module_follows_the_cpus(void)
{
	if (!need_two_cpus())
		return;
	check_eq(sampler_cpus(), num_online_cpus());
	check_eq(WAITING(cpu_down((unsigned int)allowed_cpu(1))), 0);
	check_eq(sampler_cpus(), num_online_cpus());
	check_eq(WAITING(cpu_up((unsigned int)allowed_cpu(1))), 0);
	check_eq(sampler_cpus(), allowed_cpus());
}

/* As rmmod has it; the real one comes after main(). */
static void the_module_ends_while_it_is_busy_and_starts_again(void)
{
	WAITING((sampler_exit(), 0));
	for (int i = 0; i < 20; i++) {
		if (!check_eq(sampler_init(), 0))
			return;
		sampler_feed(i);
		WAITING((sampler_exit(), 0));
	}
	check_eq(sampler_init(), 0);
}

TEST_MAIN(TEST(the_module_has_started_before_main), TEST(each_sample_comes_out_once_and_in_order),
	  TEST(a_reader_sleeps_until_there_is_a_sample), TEST(the_heartbeat_goes_on_by_itself),
	  TEST(the_module_follows_the_cpus),
	  TEST(the_module_ends_while_it_is_busy_and_starts_again))
