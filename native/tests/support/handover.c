/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plain variables that one thread hands to another by way of the library alone: what it
 * promises about memory, for tools that look for races. No atomics, no lock where the
 * library's order must do. Each claim is named when it is over; exit code 1 if a value is
 * not what was stored.
 */
#define _GNU_SOURCE
#include <workqueue.h>
#include <linux/container_of.h>
#include <linux/jiffies.h>
#include <linux/timer.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static int failures;

#define expect(value, what)                                                                \
	do {                                                                               \
		if ((value) != (what)) {                                                   \
			printf("%s:%d: %s is not %s\n", __FILE__, __LINE__, #value, #what); \
			failures++;                                                        \
		}                                                                          \
	} while (0)

/* What is stored before it is queued, and what its run makes of that. */
struct box {
	struct delayed_work dwork;
	int stored, seen, runs;
};

static void look(struct work_struct *work)
{
	struct box *box = container_of(work, struct box, dwork.work);

	box->seen = box->stored;
	box->runs++;
}

static void box_init(struct box *box)
{
	INIT_DELAYED_WORK(&box->dwork, look);
	box->stored = box->seen = box->runs = 0;
}

static void queue_run_and_flush(struct workqueue_struct *wq)
{
	struct box box;

	box_init(&box);
	for (int i = 1; i <= 50; i++) {
		box.stored = i;
		queue_work(wq, &box.dwork.work);
		flush_workqueue(wq);
		expect(box.seen, i);
	}
}

/* ---- An item that is pending already ------------------------------------------------ */

static struct delayed_work gate; /* open while it is not pending: no order comes of that */
static int late;

static void pass_the_gate(struct work_struct *work)
{
	(void)work;
	while (delayed_work_pending(&gate))
		sched_yield();
}

static void look_at_late(struct work_struct *work)
{
	struct box *box = container_of(work, struct box, dwork.work);

	box->seen = late;
}

static void *store_and_be_refused(void *box)
{
	bool queued;

	late = 77;
	queued = schedule_work(&((struct box *)box)->dwork.work);
	cancel_delayed_work(&gate);
	return queued ? NULL : box;
}

/* Whose queueing is refused, as the item is pending, has his stores seen all the same. */
static void a_refused_queueing_is_seen(struct workqueue_struct *wq)
{
	struct work_struct at_gate;
	struct box box;
	pthread_t thread;
	void *refused;

	INIT_WORK(&at_gate, pass_the_gate);
	INIT_DELAYED_WORK(&gate, pass_the_gate);
	box_init(&box);
	PREPARE_DELAYED_WORK(&box.dwork, look_at_late);
	queue_delayed_work(wq, &gate, 3600 * HZ);
	queue_work_on(0, wq, &at_gate);
	queue_work_on(0, wq, &box.dwork.work);
	pthread_create(&thread, NULL, store_and_be_refused, &box);
	flush_workqueue(wq);
	expect(box.seen, 77);
	pthread_join(thread, &refused);
	expect(refused, (void *)&box);
}

/* ---- Cancelling ---------------------------------------------------------------------- */

static void a_run_is_seen_after_cancel(struct workqueue_struct *wq)
{
	struct box box;

	box_init(&box);
	for (int i = 0; i < 50; i++) {
		int stored = box.stored = i + 1;

		queue_work(wq, &box.dwork.work);
		if (!cancel_work_sync(&box.dwork.work))
			expect(box.seen, stored);
		box.stored = -1; /* it is ours again */
	}
}

struct loan {
	struct workqueue_struct *wq;
	struct box box;
};

static void *store_and_queue(void *argument)
{
	struct loan *loan = argument;

	loan->box.stored = 5;
	while (!queue_delayed_work(loan->wq, &loan->box.dwork, 3600 * HZ))
		sched_yield(); /* refused while it is being cancelled */
	return NULL;
}

/* Who takes an item back that another thread queued has what that stored. */
static void who_cancels_takes_over(struct workqueue_struct *wq, bool (*cancel)(struct delayed_work *))
{
	struct loan loan = { .wq = wq };
	pthread_t thread;

	box_init(&loan.box);
	pthread_create(&thread, NULL, store_and_queue, &loan);
	while (!cancel(&loan.box.dwork))
		sched_yield();
	expect(loan.box.stored, 5);
	loan.box.stored = 6;
	pthread_join(thread, NULL);
}

static bool cancel_as_work(struct delayed_work *dwork)
{
	return cancel_work(&dwork->work);
}

static void taken_over_by_each_call(struct workqueue_struct *wq)
{
	who_cancels_takes_over(wq, cancel_delayed_work);
	who_cancels_takes_over(wq, cancel_delayed_work_sync);
	who_cancels_takes_over(wq, cancel_as_work);
}

/* ---- Delays and timers ----------------------------------------------------------------- */

static void delayed_work_and_cancel(struct workqueue_struct *wq)
{
	struct box box;

	box_init(&box);
	for (int i = 1; i <= 5; i++) {
		box.stored = i;
		queue_delayed_work(wq, &box.dwork, 1);
		while (delayed_work_pending(&box.dwork))
			sched_yield();
		expect(cancel_delayed_work_sync(&box.dwork), false);
		expect(box.seen, i);
	}
}

struct alarm {
	struct timer_list timer;
	int stored, seen;
};

static void ring(unsigned long argument)
{
	struct alarm *alarm = (struct alarm *)argument;

	alarm->seen = alarm->stored;
}

static void timer_and_del_timer_sync(struct workqueue_struct *wq)
{
	struct alarm alarm = { .seen = 0 };

	(void)wq;
	setup_timer(&alarm.timer, ring, (unsigned long)&alarm);
	for (int i = 1; i <= 5; i++) {
		alarm.stored = i;
		mod_timer(&alarm.timer, jiffies + 1);
		while (timer_pending(&alarm.timer))
			sched_yield();
		del_timer_sync(&alarm.timer);
		expect(alarm.seen, i);
	}
}

/* ---- Items that go ------------------------------------------------------------------------ */

static void free_box(struct work_struct *work)
{
	struct box *box = container_of(work, struct box, dwork.work);

	expect(box->stored, 9);
	free(box);
}

static void an_item_frees_itself(struct workqueue_struct *wq)
{
	for (int i = 0; i < 100; i++) {
		struct box *box = malloc(sizeof(*box));

		if (!box)
			exit(1);
		box_init(box);
		PREPARE_DELAYED_WORK(&box->dwork, free_box);
		box->stored = 9;
		queue_work(wq, &box->dwork.work);
	}
}

static void destroy_and_close_wait(struct workqueue_struct *wq)
{
	struct box box;

	(void)wq;
	for (int i = 1; i <= 6; i++) {
		struct workqueue_struct *own = i % 2 ? create_workqueue("own")
						     : create_singlethread_workqueue("own");

		box_init(&box);
		box.stored = i;
		queue_work(own, &box.dwork.work);
		if (i > 3)
			wq_close_workqueue(own);
		else
			destroy_workqueue(own);
		expect(box.seen, i);
		if (i > 3)
			destroy_workqueue(own);
	}
}

/* ---- The global queue ------------------------------------------------------------------------ */

static int seen_on_each[64];

static void note_the_cpu(struct work_struct *work)
{
	(void)work;
	seen_on_each[sched_getcpu() % 64] = late;
}

static void the_global_queue(struct workqueue_struct *wq)
{
	struct box box;
	int nr = 0;

	(void)wq;
	box_init(&box);
	box.stored = 3;
	schedule_work(&box.dwork.work);
	flush_scheduled_work();
	expect(box.seen, 3);
	late = 8;
	schedule_on_each_cpu(note_the_cpu);
	for (int i = 0; i < 64; i++)
		nr += seen_on_each[i] == 8;
	expect(nr > 0, 1);
}

#include "handover_process.h"

/* ---- Main -------------------------------------------------------------------------------------- */

#define CLAIM(name) { #name, name }

int main(void)
{
	static const struct {
		const char *name;
		void (*holds)(struct workqueue_struct *wq);
	} claims[] = {
		CLAIM(a_handler_sees_who_set_it),
		CLAIM(queue_run_and_flush),
		CLAIM(a_refused_queueing_is_seen),
		CLAIM(a_run_is_seen_after_cancel),
		CLAIM(taken_over_by_each_call),
		CLAIM(delayed_work_and_cancel),
		CLAIM(timer_and_del_timer_sync),
		CLAIM(an_item_frees_itself),
		CLAIM(destroy_and_close_wait),
		CLAIM(the_global_queue),
		CLAIM(frozen_items_stand_still),
		CLAIM(changes_of_cpus_are_one_after_another),
		CLAIM(hooks_see_who_set_them),
	};

	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		struct workqueue_struct *one = create_singlethread_workqueue("one");
		struct workqueue_struct *many = create_workqueue("many");

		claims[i].holds(one);
		claims[i].holds(many);
		destroy_workqueue(many);
		destroy_workqueue(one);
		printf("%s %s\n", failures ? "FAIL" : "held", claims[i].name);
		fflush(stdout);
	}
	return failures != 0;
}
