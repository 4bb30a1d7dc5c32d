/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plug-in that links the library: each use makes a queue, runs work and delayed work
 * of the plug-in's own code on it and on the global queue, and destroys it.
 */
#include <workqueue.h>

int plugin_use(void);

static int runs;

static void count(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&runs, 1, __ATOMIC_SEQ_CST);
}

/* Returns how many items ran: 4. */
int plugin_use(void)
{
	struct workqueue_struct *wq = create_workqueue("plug-in");
	struct delayed_work dwork, never;
	struct work_struct work, global;

	runs = 0;
	if (!wq)
		return -1;
	INIT_WORK(&work, count);
	INIT_WORK(&global, count);
	INIT_DELAYED_WORK(&dwork, count);
	INIT_DELAYED_WORK(&never, count);
	queue_work(wq, &work);
	flush_workqueue(wq);
	queue_work(wq, &work);
	queue_delayed_work(wq, &dwork, 1);
	queue_delayed_work(wq, &never, 3600000);
	schedule_work(&global);
	while (delayed_work_pending(&dwork))
		flush_workqueue(wq);
	cancel_delayed_work_sync(&never);
	destroy_workqueue(wq);
	flush_scheduled_work();
	return runs;
}
