/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flush and cancel wait for their condition, not for a wake-up. While threads flush
 * and cancel slow items, a helper looks up the futex each thread of the process
 * sleeps on and wakes it for no reason, and signals the waiters; no wait may end
 * before its item has.
 */
#include "test.h"
#include "support/aim.h"

#include <dirent.h>
#include <linux/futex.h>
#include <signal.h>

static struct {
	struct workqueue_struct *wq;
	struct work_struct work;
	pthread_t waiter;
	int started, done, rounds, stop, spurious, signals;
} race;

static void on_signal(int sig)
{
	(void)sig;
	__atomic_fetch_add(&race.signals, 1, __ATOMIC_RELAXED);
}

/* Long enough for the waiter to sleep and be woken in most rounds; those in which it was are counted. */
static void slow_item(struct work_struct *work)
{
	struct timespec pause = { 0, 60 * 1000 };

	(void)work;
	flag_set(&race.started, 1);
	nanosleep(&pause, NULL);
	flag_set(&race.done, 1);
}

/* Wakes whoever sleeps on the futex that task @tid sleeps on. */
static void wake_task(const char *tid)
{
	char path[64], line[160];
	unsigned long address, op;
	long number;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%.20s/syscall", tid);
	f = fopen(path, "r");
	if (!f)
		return;
	if (fgets(line, sizeof(line), f) &&
	    sscanf(line, "%ld %lx %lx", &number, &address, &op) == 3 &&
	    number == SYS_futex && syscall(SYS_futex, address,
					   FUTEX_WAKE | (op & FUTEX_PRIVATE_FLAG), 64,
					   NULL, NULL, 0) > 0) {
		__atomic_fetch_add(&race.spurious, 1, __ATOMIC_RELAXED);
		race_window_hit();
	}
	fclose(f);
}

static void *wake_everybody(void *unused)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/task");

	while (dir && !flag_get(&race.stop)) {
		rewinddir(dir);
		while ((entry = readdir(dir)))
			if (entry->d_name[0] != '.')
				wake_task(entry->d_name);
		pthread_kill(race.waiter, SIGUSR1);
	}
	if (dir)
		closedir(dir);
	return unused;
}

static void flush_round(void)
{
	WAITING(flush_workqueue(race.wq));
	check_eq(flag_get(&race.done), 1);
}

static void cancel_round(void)
{
	bool cancelled = WAITING(cancel_work_sync(&race.work));

	check_eq(flag_get(&race.started), flag_get(&race.done));
	check_eq(cancelled + flag_get(&race.done), 1);
}

static void run_rounds(int rounds)
{
	uint64_t random = test_state.seed;

	for (int i = 0; race_goes_on(i, rounds); i++) {
		flag_set(&race.started, 0);
		flag_set(&race.done, 0);
		check(queue_work(race.wq, &race.work));
		jitter(&random, 2000);
		if (i % 2)
			flush_round();
		else
			cancel_round();
	}
}

static void waits_outlast_wake_ups_for_no_reason(void)
{
	struct sigaction action;
	pthread_t helper;

	race_begin();
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_signal; /* no SA_RESTART: waits see EINTR */
	sigaction(SIGUSR1, &action, NULL);
	race.wq = create_singlethread_workqueue("spurious");
	if (!check(race.wq))
		return;
	race.waiter = pthread_self();
	INIT_WORK(&race.work, slow_item);
	helper = start_thread(wake_everybody, NULL);
	run_rounds(10000);
	flag_set(&race.stop, 1);
	join_thread(helper);
	destroy_workqueue(race.wq);
	printf("  %d wake-ups, %d signals\n", race.spurious, race.signals);
	check(race.signals > 0);
	race_require_hits(1);
}

TEST_MAIN(TEST(waits_outlast_wake_ups_for_no_reason))
