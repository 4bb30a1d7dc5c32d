/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When cancel_work_sync() returns, the library is through with the item, at
 * whatever place in a worker's batch it stood. The item lives on a page of its own
 * that loses all access the moment the call returns; it must have run or been
 * cancelled, and a later touch is a fault that ends the test.
 */
#include "test.h"
#include "support/aim.h"

#include <signal.h>
#include <sys/mman.h>

enum { MAX_BURST = 64 };

static struct {
	struct workqueue_struct *wq;
	struct work_struct *target; /* on its own page */
	struct work_struct fillers[MAX_BURST];
	int fillers_run, target_runs, cancelling, claimed_under_cancel;
} race;

static void fault(int sig)
{
	static const char text[] = "  an item was touched after cancel_work_sync() returned\n";
	ssize_t written = write(1, text, sizeof(text) - 1);

	(void)sig;
	(void)written;
	_exit(1);
}

static void run_filler(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&race.fillers_run, 1, __ATOMIC_SEQ_CST);
}

static void run_target(struct work_struct *work)
{
	if (flag_get(&race.cancelling))
		flag_set(&race.claimed_under_cancel, 1);
	/* The page must be there for the whole run. */
	for (volatile int spins = 20; spins; spins--)
		(void)*(volatile unsigned long *)&work->data;
	__atomic_fetch_add(&race.target_runs, 1, __ATOMIC_SEQ_CST);
}

static void queue_burst(uint64_t *random)
{
	int n = 1 + (int)(test_random(random) % MAX_BURST);
	int place = (int)(test_random(random) % (unsigned int)n);

	for (int i = 0; i < n; i++)
		check(queue_work(race.wq, i == place ? race.target : &race.fillers[i]));
}

static void protect(int protection)
{
	if (mprotect(race.target, (size_t)getpagesize(), protection))
		check(!"mprotect failed");
}

static void one_round(struct aim *aim)
{
	int nr_before;
	bool cancelled;

	race.fillers_run = race.target_runs = race.claimed_under_cancel = 0;
	flag_set(&race.cancelling, 0);
	queue_burst(&aim->random);
	aim_wait(aim);
	nr_before = flag_get(&race.fillers_run);
	flag_set(&race.cancelling, 1);
	cancelled = WAITING(cancel_work_sync(race.target));
	protect(PROT_NONE);
	check_eq(cancelled + flag_get(&race.target_runs), 1);
	/* Either the worker was already in the burst, or it took the item meanwhile. */
	if ((cancelled && nr_before) || flag_get(&race.claimed_under_cancel))
		race_window_hit();
	WAITING(flush_workqueue(race.wq));
	protect(PROT_READ | PROT_WRITE);
	check_eq(cancelled + flag_get(&race.target_runs), 1);
	aim_move(aim, cancelled);
}

static bool set_up(struct workqueue_struct *wq)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = fault;
	sigaction(SIGSEGV, &action, NULL);
	memset(&race, 0, sizeof(race));
	race.wq = wq;
	race.target = (struct work_struct *)mmap(NULL, (size_t)getpagesize(),
						 PROT_READ | PROT_WRITE,
						 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!check(wq) || !check(race.target != MAP_FAILED))
		return false;
	INIT_WORK(race.target, run_target);
	for (int i = 0; i < MAX_BURST; i++)
		INIT_WORK(&race.fillers[i], run_filler);
	return true;
}

static void run_race(struct workqueue_struct *wq, bool one, int rounds)
{
	struct aim aim;

	race_begin();
	if (!set_up(wq))
		return;
	aim_init(&aim, 20000, 8);
	if (one)
		race_apart(wq);
	for (int i = 0; race_goes_on(i, rounds); i++)
		one_round(&aim);
	unpin();
	destroy_workqueue(wq);
	munmap(race.target, (size_t)getpagesize());
	race_require_hits_apart(one);
}

static void one_worker_is_through_with_a_cancelled_item(void)
{
	run_race(create_singlethread_workqueue("page"), true, 12000);
}

static void cpu_workers_are_through_with_a_cancelled_item(void)
{
	run_race(create_workqueue("page"), false, 10000);
}

TEST_MAIN(TEST(one_worker_is_through_with_a_cancelled_item),
	  TEST(cpu_workers_are_through_with_a_cancelled_item))
