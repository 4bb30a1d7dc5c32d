/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Part of handover.c: the claims about what belongs to the whole process. Freezing, CPUs
 * that come and go, worker hooks, the handler of reports.
 */
#ifndef WQ_TEST_HANDOVER_PROCESS_H
#define WQ_TEST_HANDOVER_PROCESS_H

#include <linux/cpu.h>
#include <linux/freezer.h>

static int frozen_count;

static void count_and_requeue(struct work_struct *work)
{
	struct loan *loan = container_of(work, struct loan, box.dwork.work);

	frozen_count++;
	sched_yield();
	queue_work(loan->wq, work);
}

/* While nothing runs, what the items use is the freezer's. */
static void frozen_items_stand_still(struct workqueue_struct *wq)
{
	struct loan loan = { .wq = create_freezeable_workqueue("cold") };

	(void)wq;
	INIT_DELAYED_WORK(&loan.box.dwork, count_and_requeue);
	queue_work(loan.wq, &loan.box.dwork.work);
	for (int i = 0; i < 3; i++) {
		int before;

		flush_workqueue(loan.wq);
		for (int k = 0; k < 50; k++)
			sched_yield(); /* more runs, that nobody has waited for */
		freeze_workqueues_begin();
		while (freeze_workqueues_busy())
			sched_yield();
		before = frozen_count++;
		expect(frozen_count, before + 1);
		thaw_workqueues();
	}
	cancel_work_sync(&loan.box.dwork.work);
	destroy_workqueue(loan.wq);
}

static int changes;

static int count_change(struct notifier_block *block, unsigned long what, void *cpu)
{
	(void)block;
	(void)what;
	(void)cpu;
	changes++;
	return NOTIFY_OK;
}

static void *change_cpus(void *unused)
{
	for (int i = 0; i < 3; i++) {
		wq_cpu_down(0);
		wq_cpu_up(0);
	}
	return unused;
}

static void *look_at_changes(void *unused)
{
	for (int i = 0; i < 20; i++) {
		get_online_cpus();
		expect(changes >= 0, 1);
		put_online_cpus();
	}
	return unused;
}

/* Notifiers are called one after another, and not between get_ and put_online_cpus(). */
static void changes_of_cpus_are_one_after_another(struct workqueue_struct *wq)
{
	struct notifier_block block = { .notifier_call = count_change };
	void *(*const runs[3])(void *) = { change_cpus, change_cpus, NULL };
	pthread_t threads[2];

	(void)wq;
	register_cpu_notifier(&block);
	for (int i = 0; runs[i]; i++)
		pthread_create(&threads[i], NULL, runs[i], NULL);
	look_at_changes(NULL);
	for (int i = 0; runs[i]; i++)
		pthread_join(threads[i], NULL);
	unregister_cpu_notifier(&block);
	wq_cpu_up(0);
}

static int for_hooks, seen_by_start, seen_by_stop, reports;

static void at_start(void)
{
	seen_by_start = for_hooks;
}

static void at_stop(void)
{
	seen_by_stop = for_hooks;
}

static void hooks_see_who_set_them(struct workqueue_struct *wq)
{
	struct workqueue_struct *hooked;

	(void)wq;
	for_hooks = 4;
	wq_set_worker_hooks(at_start, at_stop);
	hooked = create_singlethread_workqueue("hooks");
	wq_set_worker_hooks(NULL, NULL);
	flush_workqueue(hooked);
	destroy_workqueue(hooked);
	expect(seen_by_start, 4);
	expect(seen_by_stop, 4);
}

static void count_report(int level, const char *text, void *context)
{
	(void)text;
	if (level <= WQ_LOG_WARNING)
		++*(int *)context;
}

static void refuse(struct work_struct *work)
{
	(void)work;
	queue_work(NULL, NULL);
}

static void a_handler_sees_who_set_it(struct workqueue_struct *wq)
{
	struct work_struct work;

	INIT_WORK(&work, refuse);
	reports = 0;
	wq_set_log_handler(count_report, &reports);
	queue_work(wq, &work);
	flush_workqueue(wq);
	expect(reports, 1);
}

#endif /* WQ_TEST_HANDOVER_PROCESS_H */
