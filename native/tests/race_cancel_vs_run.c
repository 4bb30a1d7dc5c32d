/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When cancel_work_sync() returns, the library is through with the item, at
 * whatever place in a worker's batch it stood. The item lives on a page of its own
 * that loses all access the moment the call returns; it must have run or been
 * cancelled, and a later touch is a fault that ends the test. So it is also if the
 * kernel refuses membarrier(2) from some moment on, while the two are at it.
 */
#include "test.h"
#include "support/aim.h"
#include "support/refuse.h"

#include <signal.h>
#include <sys/mman.h>

enum { MAX_BURST = 64, NR_CHILDREN = 40, CHILD_ROUNDS = 600, CANNOT_REFUSE = 77 };

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

/* ---- The membarrier goes --------------------------------------------------------- */

struct refusal {
	int at_round, round; /* when to refuse, and which round it is */
	int refused;         /* 1: refused; -1: cannot be done here */
};

static void *refuse_at_round(void *arg)
{
	struct refusal *refusal = (struct refusal *)arg;

	while (flag_get(&refusal->round) < refusal->at_round)
		sched_yield();
	flag_set(&refusal->refused, refuse_call(SYS_membarrier, EPERM) ? 1 : -1);
	return NULL;
}

/* Exit code: 0 and 1 as of a test, 2 if the window was met after it went: the first such round changes over. */
static int child_loses_membarrier(uint64_t random)
{
	struct refusal refusal = { (int)(random % (CHILD_ROUNDS / 2)), 0, 0 };
	pthread_t refuser;
	struct aim aim;
	int hit = 0;

	alarm(TEST_SECONDS);
	if (!set_up(create_singlethread_workqueue("page")))
		return 1;
	aim_init(&aim, 20000, 8);
	aim.random ^= random;
	race_apart(race.wq);
	refuser = start_thread(refuse_at_round, &refusal);
	for (int i = 0; i < CHILD_ROUNDS; i++) {
		int refused = flag_get(&refusal.refused), hits = flag_get(&race_hits_);

		flag_set(&refusal.round, i);
		one_round(&aim);
		hit |= refused && flag_get(&race_hits_) != hits;
	}
	pthread_join(refuser, NULL);
	destroy_workqueue(race.wq);
	return test_state.failures ? 1 : refusal.refused < 0 ? CANNOT_REFUSE : hit ? 2 : 0;
}

static void a_worker_is_through_although_the_membarrier_goes_meanwhile(void)
{
	uint64_t random = test_state.seed;

	race_begin();
	for (int i = 0; race_goes_on(i, NR_CHILDREN); i++) {
		uint64_t drawn = test_random(&random);
		int status = -1;
		pid_t pid;

		fflush(stdout);
		pid = fork();
		if (pid == 0)
			_exit(child_loses_membarrier(drawn));
		WAITING(waitpid(pid, &status, 0));
		status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (status == CANNOT_REFUSE) {
			skip("no seccomp here");
			return;
		}
		if (status == 2)
			race_window_hit();
		else
			check_eq(status, 0);
	}
	race_require_hits_on_two_cpus();
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
	  TEST(cpu_workers_are_through_with_a_cancelled_item),
	  TEST(a_worker_is_through_although_the_membarrier_goes_meanwhile))
