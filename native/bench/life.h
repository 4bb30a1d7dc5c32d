/* SPDX-License-Identifier: GPL-2.0-only */
/* W7, W8, idle: a pool's beginning, end, and doing nothing. Part of pool.h. */
#include <unistd.h>

enum { ALIVE = 1000 };

static void run_one(task_fn *fn)
{
	struct task *task = (struct task *)xcalloc(1, sizeof(*task));

	task_init(pool, task, fn);
	pool_queue(pool, task);
	wait_until_finished();
	settle();
	free(task);
}

/* ---- W7: from the start of the process to its first item ------------------------ */

static int64_t first_run_at_ns;

static void note_time(task_arg arg)
{
	(void)arg;
	first_run_at_ns = now_ns();
	finish();
}

/* Says to launch.c when the item ran and what the process then takes. */
static int first_item(void)
{
	FILE *status;
	char line[256];

	pool = pool_create(POOL_ONE);
	run_one(note_time);
	status = fopen("/proc/self/status", "r");
	if (!status)
		die("/proc/self/status");
	printf("%s %lld\n", DRIVER, (long long)first_run_at_ns);
	while (fgets(line, sizeof(line), status))
		fputs(line, stdout);
	fclose(status);
	return 0;
}

/* ---- W8: create and destroy ---------------------------------------------------- */

#ifndef POOL_ONLY_ONE
static void create_and_destroy(void)
{
	int nr = (int)by_size(1000, 200, 20);
	int64_t start;

	pool_destroy(pool_create(POOL_ONE)); /* what the library does but once */
	start = now_ns();
	for (int i = 0; i < nr; i++)
		pool_destroy(pool_create(POOL_ONE));
	report_one("W8", DRIVER, "one at a time", "create_destroy_us",
		   (double)(now_ns() - start) / nr / NS_PER_US);
}

static void create_all_destroy_all(void)
{
	static struct pool *pools[ALIVE];
	int nr = (int)by_size(ALIVE, ALIVE, 20);
	int64_t start = now_ns();

	for (int i = 0; i < nr; i++)
		pools[i] = pool_create(POOL_ONE);
	for (int i = 0; i < nr; i++)
		pool_destroy(pools[i]);
	report_one("W8", DRIVER, "1,000 queues", "create_destroy_us",
		   (double)(now_ns() - start) / nr / NS_PER_US);
}
#endif

/* ---- idle ---------------------------------------------------------------------- */

/* Ready, says the line; then nothing until standard input ends. watch.py looks on. */
static void stay_idle(void)
{
	char byte;

	pin_to_cpu(-1);
	pool = pool_create(POOL_PER_CPU);
	worker.nr_run = 0;
	worker.nr_expected = 1;
	run_one(count);
#ifdef POOL_FAR_TIMERS
	pool_arm_far_timers();
#endif
	printf("%s\n", DRIVER);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	pool_destroy(pool);
}
