/* SPDX-License-Identifier: GPL-2.0-only */
/* Queues a million distinct items from one thread and flushes once. */
#include <stdio.h>
#include <stdlib.h>
#include <workqueue.h>

enum { NR_ITEMS = 1000000 };

static long runs;

static void count(struct work_struct *work)
{
	(void)work;
	runs++;
}

int main(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("burst");
	struct work_struct *items = malloc(NR_ITEMS * sizeof(*items));

	if (!wq || !items)
		return 1;
	for (int i = 0; i < NR_ITEMS; i++)
		INIT_WORK(&items[i], count);
	for (int i = 0; i < NR_ITEMS; i++)
		if (!queue_work(wq, &items[i]))
			return 1;
	flush_workqueue(wq);
	printf("%ld runs\n", runs);
	destroy_workqueue(wq);
	free(items);
	return runs == NR_ITEMS ? 0 : 1;
}
