/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arms ten timers an hour away, after some that have fired, then sits still between
 * two marks. With an argument it arms one that fires meanwhile.
 */
#include "../items.h"

#include <linux/jiffies.h>
#include <linux/timer.h>

static struct delayed_work items[10];
static struct timer_list timer;
static int runs;

static void count(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&runs, 1, __ATOMIC_SEQ_CST);
}

static void nothing(struct timer_list *fired)
{
	(void)fired;
}

static bool others_sleep(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	bool asleep = true;

	while (tasks && (entry = readdir(tasks))) {
		long tid = atol(entry->d_name);

		if (tid && tid != syscall(SYS_gettid))
			asleep = asleep && thread_state(tid) == 'S';
	}
	closedir(tasks);
	return asleep;
}

/* Twenty times in a row: they are through with what they had to do. */
static void await_sleep_of_others(void)
{
	for (int asleep = 0; asleep < 20; asleep = others_sleep() ? asleep + 1 : 0)
		sched_yield();
}

int main(int argc, char **argv)
{
	struct timespec idle = { 2, 0 };
	struct workqueue_struct *wq = create_workqueue("idle");

	(void)argv;
	if (!wq)
		return 1;
	for (int i = 0; i < 10; i++) {
		INIT_DELAYED_WORK(&items[i], count);
		queue_delayed_work(wq, &items[i], i < 2 ? 10 : 3600UL * HZ);
	}
	while (__atomic_load_n(&runs, __ATOMIC_SEQ_CST) != 2)
		sched_yield();
	queue_delayed_work(wq, &items[0], 3600UL * HZ);
	queue_delayed_work_on(0, wq, &items[1], 3600UL * HZ);
	timer_setup(&timer, nothing, 0);
	await_sleep_of_others();
	if (argc > 1)
		mod_timer(&timer, jiffies + 1000);
	if (write(1, "idle begins\n", 12) != 12)
		return 3;
	nanosleep(&idle, NULL); /* it is time in which nothing may happen */
	if (write(1, "idle ends\n", 10) != 10)
		return 3;
	_exit(0);
}
