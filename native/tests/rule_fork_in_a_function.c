/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A function of an item or of a timer may fork, and return in the child: the thread that
 * ran it is the child's only one, and ends there. It runs nothing else that is the parent's.
 */
#include "items.h"

#include <linux/jiffies.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <sys/mman.h>

enum { NR_AFTER = 100 };

static int *nr_ran; /* in both processes */

/* The library's threads block all signals. */
static void end_by_alarm(void)
{
	sigset_t alarms;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
	alarm(TEST_SECONDS);
}

static void fork_and_return(struct work_struct *work)
{
	int status = -1;
	pid_t pid = fork();

	(void)work;
	if (pid == 0) {
		end_by_alarm();
		return;
	}
	WAITING(waitpid(pid, &status, 0));
	check_eq(status, 0);
}

static void count_in_both(void)
{
	__atomic_fetch_add(nr_ran, 1, __ATOMIC_SEQ_CST);
}

static void count_item(struct work_struct *work)
{
	(void)work;
	count_in_both();
}

static void share_the_count(void)
{
	nr_ran = (int *)mmap(NULL, sizeof(*nr_ran), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void a_child_that_returns_from_an_item_ends_and_runs_no_other(void)
{
	static struct work_struct forks, after[NR_AFTER];
	struct workqueue_struct *wq = create_singlethread_workqueue("forks");
	struct item busy;

	share_the_count();
	plug(wq, &busy);
	INIT_WORK(&forks, fork_and_return);
	check(queue_work(wq, &forks));
	for (int i = 0; i < NR_AFTER; i++) {
		INIT_WORK(&after[i], count_item);
		check(queue_work(wq, &after[i]));
	}
	gate_open(&busy.gate);
	WAITING(destroy_workqueue(wq));
	check_eq(*nr_ran, NR_AFTER);
	munmap(nr_ran, sizeof(*nr_ran));
}

static struct gate all_set;

static void fork_from_a_timer(struct timer_list *timer)
{
	(void)timer;
	gate_stand(&all_set);
	fork_and_return(NULL);
}

static void count_timer(struct timer_list *timer)
{
	(void)timer;
	count_in_both();
}

/* The others are set for the same CPU and are due while the first one stands. */
static void a_child_that_returns_from_a_timer_ends_and_fires_no_other(void)
{
	static struct timer_list forks, after[NR_AFTER];

	share_the_count();
	gate_init(&all_set);
	timer_setup(&forks, fork_from_a_timer, 0);
	forks.expires = jiffies;
	add_timer_on(&forks, 0);
	gate_wait_reached(&all_set, 1);
	for (int i = 0; i < NR_AFTER; i++) {
		timer_setup(&after[i], count_timer, 0);
		after[i].expires = jiffies;
		add_timer_on(&after[i], 0);
	}
	gate_open(&all_set);
	WAITING(del_timer_sync(&forks));
	while (WAITING(__atomic_load_n(nr_ran, __ATOMIC_SEQ_CST)) < NR_AFTER)
		sched_yield();
	check_eq(*nr_ran, NR_AFTER);
	munmap(nr_ran, sizeof(*nr_ran));
}

TEST_MAIN(TEST(a_child_that_returns_from_an_item_ends_and_runs_no_other),
	  TEST(a_child_that_returns_from_a_timer_ends_and_fires_no_other))
