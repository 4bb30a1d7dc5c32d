/* SPDX-License-Identifier: GPL-2.0-only */
/* Delayed works on a queue with a worker per CPU, as schedule_delayed_work() has it. */
#define DRIVER "workqueue"
#include "lateness.h"

#include <linux/container_of.h>
#include <semaphore.h>
#include <workqueue.h>

static struct workqueue_struct *wq;
static struct delayed_work dworks[NR_ALARMS];
static sem_t all_ran;

static void alarm_runs(struct work_struct *work)
{
	if (has_run((int)(container_of(work, struct delayed_work, work) - dworks)))
		sem_post(&all_ran);
}

static void alarms_open(void)
{
	sem_init(&all_ran, 0, 0);
	wq = create_workqueue("bench");
	if (!wq)
		die("create_workqueue");
	for (int i = 0; i < NR_ALARMS; i++)
		INIT_DELAYED_WORK(&dworks[i], alarm_runs);
}

static void alarm_arm(int i, int64_t at_ns, unsigned long ms)
{
	(void)at_ns;
	queue_delayed_work(wq, &dworks[i], ms);
}

static void alarms_run(void)
{
	while (sem_wait(&all_ran))
		;
	flush_workqueue(wq);
}

#define LATENESS_MAIN
#include "lateness.h"
