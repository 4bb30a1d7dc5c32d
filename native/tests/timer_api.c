/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's timers: armed, moved and disarmed with the kernel's return values,
 * fired in order of deadline on the CPU asked for, in interrupt context. Functions
 * note when and where they were called, and stand at gates where order matters.
 */
#include "test.h"
#include "support/delayed.h"

struct shot {
	struct timer_list timer;
	struct gate gate;
	struct tally fired;
	int cpu, early, in_interrupt;
	unsigned long period;
};

static void shot_note(struct shot *s)
{
	s->cpu = sched_getcpu();
	s->in_interrupt = wq_in_interrupt();
	s->early += time_before(jiffies, s->timer.expires);
	tally_add(&s->fired);
}

static void shot_fire(struct timer_list *timer)
{
	shot_note(from_timer((struct shot *)NULL, timer, timer));
}

static void shot_fire_with_data(unsigned long data)
{
	shot_note((struct shot *)data);
}

static void shot_block(struct timer_list *timer)
{
	gate_wait(&from_timer((struct shot *)NULL, timer, timer)->gate);
	shot_fire(timer);
}

static void shot_again(struct timer_list *timer)
{
	struct shot *s = from_timer((struct shot *)NULL, timer, timer);

	s->early += time_before(jiffies, timer->expires);
	if (tally_get(&s->fired) < 19)
		check_eq(mod_timer(timer, jiffies + s->period), 0);
	tally_add(&s->fired);
}

static void shot_init(struct shot *s, void (*function)(struct timer_list *))
{
	memset(s, 0, sizeof(*s));
	gate_init(&s->gate);
	tally_init(&s->fired);
	timer_setup(&s->timer, function, 0);
}

static void add_timer_fires_once_and_not_early(void)
{
	struct shot s;

	shot_init(&s, shot_fire);
	check(!timer_pending(&s.timer));
	s.timer.expires = jiffies + 5;
	add_timer(&s.timer);
	tally_await(&s.fired, 1);
	let_pass(5);
	check(!timer_pending(&s.timer));
	check_eq(del_timer_sync(&s.timer), 0);
	check_eq(tally_get(&s.fired), 1);
	check_eq(s.early, 0);
}

static void a_time_past_fires_at_once(void)
{
	struct shot s;

	shot_init(&s, shot_fire);
	s.timer.expires = jiffies - 100;
	add_timer(&s.timer);
	tally_await(&s.fired, 1);
	check_eq(mod_timer(&s.timer, jiffies), 0);
	tally_await(&s.fired, 2);
	del_timer_sync(&s.timer);
}

static void add_timer_on_fires_on_its_cpu(void)
{
	struct shot s;

	shot_init(&s, shot_fire);
	for (int n = 0; n < 3 * allowed_cpus(); n++) {
		s.timer.expires = jiffies + 1;
		add_timer_on(&s.timer, allowed_cpu(n % allowed_cpus()));
		tally_await(&s.fired, n + 1);
		check_eq(s.cpu, allowed_cpu(n % allowed_cpus()));
		del_timer_sync(&s.timer);
	}
	check_eq(s.early, 0);
}

static void functions_run_in_interrupt_context(void)
{
	struct shot s;

	shot_init(&s, shot_fire);
	mod_timer(&s.timer, jiffies + 1);
	tally_await(&s.fired, 1);
	check_eq(s.in_interrupt, 1);
	check(!wq_in_interrupt());
	del_timer_sync(&s.timer);
}

static void mod_timer_arms_and_moves_and_says_which(void)
{
	struct shot s;

	shot_init(&s, shot_fire);
	check_eq(mod_timer(&s.timer, jiffies + AN_HOUR), 0);
	check(timer_pending(&s.timer));
	check_eq(mod_timer(&s.timer, jiffies + AN_HOUR), 1);
	check_eq(mod_timer(&s.timer, jiffies + 2), 1); /* earlier */
	tally_await(&s.fired, 1);
	check_eq(mod_timer(&s.timer, jiffies + 50), 0);
	check_eq(mod_timer(&s.timer, jiffies + AN_HOUR), 1); /* later */
	let_pass(51);
	check_eq(tally_get(&s.fired), 1);
	check_eq(del_timer(&s.timer), 1);
	check_eq(s.early, 0);
}

static void every_del_says_whether_the_timer_was_pending(void)
{
	int (*const dels[])(struct timer_list *) = { del_timer, del_timer_sync,
						     try_to_del_timer_sync };
	struct shot s;

	shot_init(&s, shot_fire);
	for (int i = 0; i < 3; i++) {
		check_eq(dels[i](&s.timer), 0);
		mod_timer(&s.timer, jiffies + 100);
		check_eq(dels[i](&s.timer), 1);
		check(!timer_pending(&s.timer));
		check_eq(dels[i](&s.timer), 0);
	}
	mod_timer(&s.timer, jiffies + 100);
	check_eq(timer_delete(&s.timer), 1);
	mod_timer(&s.timer, jiffies + 100);
	check_eq(timer_delete_sync(&s.timer), 1);
	let_pass(101);
	check_eq(tally_get(&s.fired), 0);
}

static void a_running_function_is_left_told_of_or_waited_for(void)
{
	struct call del;
	struct shot s;

	shot_init(&s, shot_block);
	mod_timer(&s.timer, jiffies + 1);
	gate_wait_reached(&s.gate, 1);
	check(!timer_pending(&s.timer));
	check_eq(WAITING(del_timer(&s.timer)), 0);
	check_eq(try_to_del_timer_sync(&s.timer), -1);
	check_eq(mod_timer(&s.timer, jiffies + AN_HOUR), 0); /* running and armed */
	check_eq(try_to_del_timer_sync(&s.timer), -1);
	check(timer_pending(&s.timer));
	call_start(&del, call_del_timer_sync, &s.timer);
	check(call_sleeps(&del));
	check(!timer_pending(&s.timer));
	gate_open(&s.gate);
	check(call_join(&del));
	check_eq(tally_get(&s.fired), 1);
	check_eq(try_to_del_timer_sync(&s.timer), 0);
}

static void each_style_of_initialisation_works(void)
{
	static DEFINE_TIMER(defined, shot_fire);
	struct shot s, by_data, by_hand, by_call;

	check(!timer_pending(&defined));
	check_eq(defined.flags, TIMER_SELF);
	shot_init(&s, shot_fire);
	shot_init(&by_data, NULL);
	setup_timer(&by_data.timer, shot_fire_with_data, (unsigned long)&by_data);
	shot_init(&by_hand, NULL);
	init_timer(&by_hand.timer);
	by_hand.timer.function = shot_fire_with_data;
	by_hand.timer.data = (unsigned long)&by_hand;
	shot_init(&by_call, NULL);
	wq_init_timer(&by_call.timer, 0);
	by_call.timer.function = shot_fire_with_data;
	by_call.timer.data = (unsigned long)&by_call;
	struct shot *all[] = { &s, &by_data, &by_hand, &by_call };
	for (int i = 0; i < 4; i++) {
		all[i]->timer.expires = jiffies + 1;
		add_timer(&all[i]->timer);
		tally_await(&all[i]->fired, 1);
		check_eq(del_timer_sync(&all[i]->timer), 0);
	}
}

static struct tally defined_fired = TALLY_INITIALIZER;
static struct timer_list *fired_timer;

static void note_defined(struct timer_list *timer)
{
	fired_timer = timer;
	tally_add(&defined_fired);
}

static DEFINE_TIMER(defined_timer, note_defined);

static void a_defined_timer_is_given_to_its_function(void)
{
	mod_timer(&defined_timer, jiffies + 1);
	tally_await(&defined_fired, 1);
	check(fired_timer == &defined_timer);
	del_timer_sync(&defined_timer);
}

static void a_function_may_arm_its_timer_again(void)
{
	struct shot s;

	for (unsigned long period = 0; period < 3; period++) {
		shot_init(&s, shot_again);
		s.period = period;
		mod_timer(&s.timer, jiffies + 1);
		tally_await(&s.fired, 20);
		check_eq(s.early, 0);
		check_eq(del_timer_sync(&s.timer), 0);
	}
}

static struct tally freed = TALLY_INITIALIZER;

static void free_itself(struct timer_list *timer)
{
	memset(timer, 0xdd, sizeof(*timer));
	free(timer);
	tally_add(&freed);
}

static void a_function_may_free_its_timer(void)
{
	for (unsigned long i = 0; i < 200; i++) {
		struct timer_list *timer = (struct timer_list *)malloc(sizeof(*timer));

		timer_setup(timer, free_itself, 0);
		timer->expires = jiffies + i % 5;
		add_timer(timer);
	}
	tally_await(&freed, 200);
}

static void delete_itself(struct timer_list *timer)
{
	struct shot *s = from_timer((struct shot *)NULL, timer, timer);

	check_eq(mod_timer(timer, jiffies + AN_HOUR), 0);
	check_eq(try_to_del_timer_sync(timer), -1);
	check_eq(WAITING(del_timer_sync(timer)), 1);
	check(!timer_pending(timer));
	tally_add(&s->fired);
}

static void del_timer_sync_in_the_own_function_does_not_wait(void)
{
	struct shot s;

	shot_init(&s, delete_itself);
	mod_timer(&s.timer, jiffies + 1);
	tally_await(&s.fired, 1);
	check_eq(del_timer_sync(&s.timer), 0);
}

enum { NR_ORDERED = 50 };
static int order[NR_ORDERED], nr_ordered;
static struct tally ordered = TALLY_INITIALIZER;

static void note_order(unsigned long n)
{
	order[nr_ordered++] = (int)n;
	tally_add(&ordered);
}

static void timers_of_a_cpu_fire_in_order_of_deadline(void)
{
	static struct timer_list timers[NR_ORDERED];
	unsigned long base = jiffies + 20;

	for (unsigned long i = 0; i < NR_ORDERED; i++) {
		unsigned long n = i * 17 % NR_ORDERED;

		setup_timer(&timers[n], note_order, n);
		timers[n].expires = base + n / 2; /* two of each */
		add_timer_on(&timers[n], allowed_cpu(0));
	}
	tally_await(&ordered, NR_ORDERED);
	for (int i = 0; i < NR_ORDERED; i++) {
		check_eq(order[i] / 2, i / 2);
		check_eq(del_timer_sync(&timers[i]), 0);
	}
}

TEST_MAIN(TEST(add_timer_fires_once_and_not_early), TEST(a_time_past_fires_at_once),
	  TEST(add_timer_on_fires_on_its_cpu), TEST(functions_run_in_interrupt_context),
	  TEST(mod_timer_arms_and_moves_and_says_which),
	  TEST(every_del_says_whether_the_timer_was_pending),
	  TEST(a_running_function_is_left_told_of_or_waited_for),
	  TEST(each_style_of_initialisation_works), TEST(a_defined_timer_is_given_to_its_function),
	  TEST(a_function_may_arm_its_timer_again), TEST(a_function_may_free_its_timer),
	  TEST(del_timer_sync_in_the_own_function_does_not_wait),
	  TEST(timers_of_a_cpu_fire_in_order_of_deadline))
