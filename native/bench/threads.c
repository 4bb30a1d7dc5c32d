/* SPDX-License-Identifier: GPL-2.0-only */
/* W8 with bare threads: pthread_create() of a thread that returns at once, and join. */
#include "bench.h"

#include <pthread.h>

enum { ALIVE = 1000 };

static void *return_at_once(void *arg)
{
	return arg;
}

static void create(pthread_t *thread)
{
	if (pthread_create(thread, NULL, return_at_once, NULL))
		die("pthread_create");
}

static void in_turn(void)
{
	int nr = (int)by_size(1000, 200, 20);
	int64_t start = now_ns();
	pthread_t thread;

	for (int i = 0; i < nr; i++) {
		create(&thread);
		pthread_join(thread, NULL);
	}
	report_one("W8", "pthread", "one at a time", "create_destroy_us",
		   (double)(now_ns() - start) / nr / NS_PER_US);
}

static void all_then_all(void)
{
	static pthread_t threads[ALIVE];
	int nr = (int)by_size(ALIVE, ALIVE, 20);
	int64_t start = now_ns();

	for (int i = 0; i < nr; i++)
		create(&threads[i]);
	for (int i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
	report_one("W8", "pthread", "1,000 queues", "create_destroy_us",
		   (double)(now_ns() - start) / nr / NS_PER_US);
}

int main(int argc, char **argv)
{
	bench_start(argc, argv);
	if (!wanted("W8"))
		return 0;
	do {
		in_turn();
		all_then_all();
	} while (once_more());
	return 0;
}
