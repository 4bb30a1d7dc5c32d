/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The linux/ headers do what kernel code expects of them: a file that uses every
 * macro checks itself, module_init() has run before main(), and completions hold
 * between threads.
 */
#include "test.h"
#include "support/aim.h"

#define EVERY_MACRO_NO_MAIN
#include "support/every_macro.c"

#include <sys/mman.h>

static void every_macro_works(void)
{
	check_eq(every_macro_run(), 0);
}

static void module_init_has_run_before_main(void)
{
	check_eq(every_macro_started, 1);
	check_eq(every_macro_ended, 0);
	check_eq(wq_module_failed_, 0);
}

static void interrupts_are_what_the_thread_says(void)
{
	check(!in_interrupt());
	irq_enter();
	check(in_interrupt());
	irq_exit();
	check(!in_interrupt());
}

/* ---- Completions ----------------------------------------------------------- */

enum { ROUNDS = 20000, WAITERS = 3 };

static struct {
	struct completion *x; /* on a page that vanishes after the wait */
	struct meeting start;
	struct completion gate;
	int through;
} completion;

static void *completer(void *unused)
{
	uint64_t random = test_state.seed;

	while (meet_next(&completion.start)) {
		jitter(&random, 100);
		complete(completion.x);
	}
	return unused;
}

static void a_completion_may_vanish_after_the_wait(void)
{
	uint64_t random = test_state.seed + 1;
	size_t size = (size_t)getpagesize();
	pthread_t thread;

	completion.start.members = 2;
	completion.x = (struct completion *)mmap(NULL, size, PROT_READ | PROT_WRITE,
						 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!check(completion.x != MAP_FAILED))
		return;
	thread = start_thread(completer, NULL);
	for (int i = 0; race_goes_on(i, ROUNDS); i++) {
		check_eq(mprotect(completion.x, size, PROT_READ | PROT_WRITE), 0);
		init_completion(completion.x);
		meet(&completion.start);
		jitter(&random, 100);
		WAITING((wait_for_completion(completion.x), 0));
		check_eq(mprotect(completion.x, size, PROT_NONE), 0);
	}
	meet_end(&completion.start);
	join_thread(thread);
	munmap(completion.x, size);
}

static void *waiter(void *unused)
{
	WAITING((wait_for_completion(&completion.gate), 0));
	__atomic_fetch_add(&completion.through, 1, __ATOMIC_SEQ_CST);
	return unused;
}

static void complete_lets_one_through_and_complete_all_the_rest(void)
{
	pthread_t threads[WAITERS];

	for (int round = 0; race_goes_on(round, 1000); round++) {
		init_completion(&completion.gate);
		completion.through = 0;
		for (int i = 0; i < WAITERS; i++)
			threads[i] = start_thread(waiter, NULL);
		complete(&completion.gate);
		flag_await(&completion.through, 1);
		check_eq(flag_get(&completion.through), 1);
		complete_all(&completion.gate);
		for (int i = 0; i < WAITERS; i++)
			join_thread(threads[i]);
		check(completion_done(&completion.gate));
	}
}

TEST_MAIN(TEST(every_macro_works), TEST(module_init_has_run_before_main),
	  TEST(interrupts_are_what_the_thread_says),
	  TEST(a_completion_may_vanish_after_the_wait),
	  TEST(complete_lets_one_through_and_complete_all_the_rest))
