/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a thread of the library is does not depend on who came first: whatever the thread
 * that makes a queue, or first needs the global queue or a timer, has set for itself, the
 * workers are SCHED_OTHER, with no I/O priority and with the process's ids for the file
 * system.
 */
#include "items.h"

#include <linux/jiffies.h>
#include <linux/timer.h>
#include <sys/fsuid.h>

enum { WHO_PROCESS = 1, CLASS_SHIFT = 13, CLASS_BEST_EFFORT = 2, LOWEST = 7, SOMEBODY = 65534 };

struct seen {
	struct gate gate;
	int class, fsuid, fsgid;
	long io_priority;
};

static struct seen seen;

static long io_priority(void)
{
	return syscall(SYS_ioprio_get, WHO_PROCESS, 0);
}

static void look(void)
{
	seen.class = sched_getscheduler(0);
	seen.io_priority = io_priority();
	seen.fsuid = setfsuid((uid_t)-1);
	seen.fsgid = setfsgid((gid_t)-1);
}

static void look_from_an_item(struct work_struct *work)
{
	(void)work;
	look();
	gate_stand(&seen.gate);
}

static void look_from_a_timer(struct timer_list *timer)
{
	(void)timer;
	look();
	gate_stand(&seen.gate);
}

/* SCHED_BATCH and a low I/O priority need no privilege; ids for the file system do. */
static void be_somebody_else(void)
{
	struct sched_param param = { .sched_priority = 0 };

	check(sched_setscheduler(0, SCHED_BATCH, &param) == 0);
	check(syscall(SYS_ioprio_set, WHO_PROCESS, 0, CLASS_BEST_EFFORT << CLASS_SHIFT | LOWEST) == 0);
	if (geteuid() == 0) {
		setfsgid(SOMEBODY);
		setfsuid(SOMEBODY);
	}
}

static void make_a_queue(void)
{
	static DECLARE_WORK(work, look_from_an_item);
	struct workqueue_struct *wq = create_singlethread_workqueue("own");

	queue_work(wq, &work);
	gate_wait_reached(&seen.gate, 1);
	gate_open(&seen.gate);
	WAITING(destroy_workqueue(wq));
}

static void need_the_global_queue(void)
{
	static DECLARE_WORK(work, look_from_an_item);

	schedule_work(&work);
	gate_wait_reached(&seen.gate, 1);
	gate_open(&seen.gate);
	WAITING(flush_scheduled_work());
}

static void need_a_timer(void)
{
	static struct timer_list timer;

	timer_setup(&timer, look_from_a_timer, 0);
	mod_timer(&timer, jiffies);
	gate_wait_reached(&seen.gate, 1);
	gate_open(&seen.gate);
	WAITING(del_timer_sync(&timer));
}

static void *come_first(void *need)
{
	be_somebody_else();
	(*(void (**)(void))need)();
	return NULL;
}

static void looks_ordinary_although(void (*need)(void))
{
	long own = io_priority();

	gate_init(&seen.gate);
	WAITING(pthread_join(start_thread(come_first, &need), NULL));
	check_eq(seen.class, SCHED_OTHER);
	check_eq(seen.fsuid, geteuid());
	check_eq(seen.fsgid, getegid());
	/* A kernel may show none as what follows from the nice value, which a worker has of its own. */
	check(seen.io_priority == own || seen.io_priority >> CLASS_SHIFT == 0 ||
	      (seen.io_priority & 7) < LOWEST);
}

static void a_queue_has_ordinary_workers(void)
{
	looks_ordinary_although(make_a_queue);
}

static void the_global_queue_has_ordinary_workers(void)
{
	looks_ordinary_although(need_the_global_queue);
}

static void timers_have_ordinary_threads(void)
{
	looks_ordinary_although(need_a_timer);
}

/* SCHED_IDLE is for everybody to take, and not for everybody to leave. */
static void *make_workers_in_idle_class(void *wq)
{
	struct sched_param param = { .sched_priority = 0 };

	check(sched_setscheduler(0, SCHED_IDLE, &param) == 0);
	*(struct workqueue_struct **)wq = create_workqueue("idle");
	return NULL;
}

static void note_cpus(struct work_struct *work)
{
	cpu_set_t cpus;

	(void)work;
	check(sched_getaffinity(0, sizeof(cpus), &cpus) == 0);
	check_eq(CPU_COUNT(&cpus), 1);
	check(CPU_ISSET(sched_getcpu(), &cpus));
}

static void workers_are_bound_also_where_their_class_is_refused(void)
{
	struct work_struct works[8];
	struct workqueue_struct *wq = NULL;

	WAITING(pthread_join(start_thread(make_workers_in_idle_class, &wq), NULL));
	for (int i = 0; check(wq) && i < 8 && allowed_cpu(i) >= 0; i++) {
		INIT_WORK(&works[i], note_cpus);
		check(queue_work_on(allowed_cpu(i), wq, &works[i]));
	}
	WAITING(destroy_workqueue(wq));
}

TEST_MAIN(TEST(a_queue_has_ordinary_workers), TEST(the_global_queue_has_ordinary_workers),
	  TEST(timers_have_ordinary_threads), TEST(workers_are_bound_also_where_their_class_is_refused))
