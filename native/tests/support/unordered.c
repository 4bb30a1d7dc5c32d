/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Races of a program's own, which a tool must go on finding: the reader knows by a word
 * that orders nothing that the item has run. With "other" on the command line it cancels
 * another item of the same queue first, which is no wait for this one.
 */
#include <workqueue.h>

#include <sched.h>
#include <stdio.h>
#include <string.h>

static int value, has_run;

static void store(struct work_struct *work)
{
	(void)work;
	value = 1;
	__atomic_store_n(&has_run, 1, __ATOMIC_RELAXED);
}

int main(int argc, char **argv)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("unordered");
	struct work_struct work, other;

	INIT_WORK(&work, store);
	INIT_WORK(&other, store);
	queue_work(wq, &work);
	while (!__atomic_load_n(&has_run, __ATOMIC_RELAXED))
		sched_yield();
	if (argc > 1 && strcmp(argv[1], "other") == 0)
		cancel_work_sync(&other);
	printf("%d\n", value);
	destroy_workqueue(wq);
	return 0;
}
