/* SPDX-License-Identifier: GPL-2.0-only */
/* The smallest program: one queue, one work item, one run. */
#include <workqueue.h>

#include <stdio.h>

static void hello(struct work_struct *work)
{
	(void)work;
	puts("hello from a worker");
}

int main(void)
{
	static DECLARE_WORK(work, hello);
	struct workqueue_struct *wq = create_workqueue("hello");

	if (!wq) {
		perror("create_workqueue");
		return 1;
	}
	queue_work(wq, &work);
	flush_workqueue(wq);
	destroy_workqueue(wq);
	return 0;
}
