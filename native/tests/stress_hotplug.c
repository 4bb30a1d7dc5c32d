/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs are taken from the process and given back at random, by request and by binding
 * all of its threads, while four threads make random calls. Every accepted queueing runs
 * once or is cancelled once, and no thread is left over. Ten seconds, or WQ_SECONDS.
 */
#include "test.h"
#include "support/books.h"
#include "support/process_cpus.h"

enum { NR_THREADS = 4 };

static struct books books;
static int stop;
static long changes;

static void *caller(void *number)
{
	uint64_t random = test_state.seed + 1000 * (uintptr_t)number;

	while (!flag_get(&stop)) {
		uint64_t choice = test_random(&random);

		books_call(&books, (unsigned int)(choice >> 32), (unsigned int)choice);
	}
	return NULL;
}

static void *changer(void *unused)
{
	uint64_t random = test_state.seed ^ 0xc0ffee;

	while (!flag_get(&stop)) {
		int cpu = allowed_cpu((int)(test_random(&random) % (unsigned int)allowed_cpus()));

		if (test_random(&random) % 4 == 0)
			confine_process_to(test_random(&random) % 2 ? cpu : -1);
		else
			books_change_cpus((unsigned int)test_random(&random));
		jitter(&random, 20000);
		changes++;
	}
	return unused;
}

/* Every CPU has its timer thread from here on, and the global queue is up, so that threads can be counted. */
static void start_timers(void)
{
	struct delayed_work dwork;

	init_workqueues();
	INIT_DELAYED_WORK(&dwork, item_count);
	for (int i = 0; i < allowed_cpus(); i++) {
		check(schedule_delayed_work_on(allowed_cpu(i), &dwork, 3600000));
		check(WAITING(cancel_delayed_work_sync(&dwork)));
	}
}

static void nothing_is_lost_while_cpus_come_and_go(void)
{
	const char *text = getenv("WQ_SECONDS");
	int seconds = text ? atoi(text) : 10;
	struct timespec duration = { seconds, 0 };
	pthread_t threads[NR_THREADS + 1];
	int before;
	long calls;

	if (!need_two_cpus())
		return;
	start_timers();
	destroy_workqueue(create_workqueue("first")); /* starts the thread that watches the CPUs, too */
	wq_set_idle_timeout_ms(100);		      /* so that shared workers end */
	before = nr_threads();
	if (!books_open(&books))
		return;
	within(seconds + 60, "random calls");
	for (uintptr_t i = 0; i < NR_THREADS; i++)
		threads[i] = start_thread(caller, (void *)i);
	threads[NR_THREADS] = start_thread(changer, NULL);
	nanosleep(&duration, NULL); /* the length of the test */
	flag_set(&stop, 1);
	for (int i = 0; i <= NR_THREADS; i++)
		join_thread(threads[i]);
	confine_process_to(-1);
	calls = books_close(&books);
	check(nr_threads_becomes(before));
	printf("  %ld accepted queueings, %ld changes of CPUs\n", calls, changes);
	check(calls > 1000 && changes > 100);
}

TEST_MAIN(TEST(nothing_is_lost_while_cpus_come_and_go))
