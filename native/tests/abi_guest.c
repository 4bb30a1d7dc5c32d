/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library is a good guest in a C process. What the process looked like before
 * the first call is noted in a constructor and compared after heavy use: signal
 * dispositions, address space, memory, threads.
 */
#include "test.h"
#include "support/aim.h"

#include <malloc.h>
#include <signal.h>

enum { NR_ITEMS = 64, MB_KB = 1024 };

static struct {
	struct sigaction action[65];
	long vm_kb, rss_kb, threads;
} before;

static long status_value(const char *field)
{
	char line[128];
	long value = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && value < 0 && fgets(line, sizeof(line), f))
		if (strncmp(line, field, strlen(field)) == 0)
			sscanf(line + strlen(field), ": %ld", &value);
	if (f)
		fclose(f);
	return value;
}

__attribute__((constructor)) static void note_process(void)
{
	for (int sig = 1; sig < 65; sig++)
		sigaction(sig, NULL, &before.action[sig]);
	/* The C library reserves 64 MB for each thread that allocates: not ours to count. */
	mallopt(M_ARENA_MAX, 1);
	before.vm_kb = status_value("VmSize");
	before.rss_kb = status_value("VmRSS");
	before.threads = status_value("Threads");
}

static void nothing(struct work_struct *work)
{
	(void)work;
}

static void use_heavily(int rounds)
{
	static struct work_struct items[NR_ITEMS];
	struct workqueue_struct *one = create_singlethread_workqueue("guest");
	struct workqueue_struct *cpus = create_workqueue("guest");

	if (!check(one) || !check(cpus))
		return;
	for (int i = 0; i < NR_ITEMS; i++)
		INIT_WORK(&items[i], nothing);
	for (int i = 0; i < rounds; i++) {
		for (int n = 0; n < NR_ITEMS; n++)
			queue_work(n % 2 ? one : cpus, &items[n]);
		cancel_work_sync(&items[i % NR_ITEMS]);
		if (i % 16 == 0) {
			WAITING(flush_workqueue(one));
			WAITING(flush_workqueue(cpus));
		}
	}
	schedule_work(&items[0]);
	flush_scheduled_work();
	destroy_workqueue(one);
	destroy_workqueue(cpus);
}

static bool same_action(const struct sigaction *a, const struct sigaction *b)
{
	return a->sa_handler == b->sa_handler && a->sa_flags == b->sa_flags;
}

static void signals_are_the_hosts(void)
{
	struct sigaction now;
	int changed = 0;

	use_heavily(100);
	for (int sig = 1; sig < 65; sig++) {
		if (sigaction(sig, NULL, &now) || same_action(&now, &before.action[sig]))
			continue;
		printf("  signal %d has another disposition\n", sig);
		changed++;
	}
	check_eq(changed, 0);
}

static void address_space_and_memory_are_small(void)
{
	long vm_kb, rss_kb;

	if (test_slow()) {
		skip("a checker's own memory would be counted");
		return;
	}
	use_heavily(1000);
	vm_kb = status_value("VmSize");
	rss_kb = status_value("VmRSS");
	printf("  VmSize %ld kB, was %ld; RSS %ld kB, was %ld\n", vm_kb, before.vm_kb,
	       rss_kb, before.rss_kb);
	check(vm_kb - before.vm_kb < 160 * MB_KB); /* reserved for queues, pools and stacks */
	check(rss_kb - before.rss_kb < MB_KB);
}

/* Ours are the watchdog, the one that watches the process's CPUs, and the global queue's workers. */
static void threads_end_with_their_queues(void)
{
	int round = 0;
	long expected;

	use_heavily(10);
	expected = before.threads + 2 + allowed_cpus();
	/* A joined thread leaves the count a moment after the join. */
	while (status_value("Threads") > expected && round++ < 1000000)
		sched_yield();
	check(status_value("Threads") <= expected);
}

TEST_MAIN(TEST(signals_are_the_hosts), TEST(address_space_and_memory_are_small),
	  TEST(threads_end_with_their_queues))
