/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workers block the process's signals, or what the caller of wq_set_worker_signals()
 * blocked if that came before they were started; what an item starts inherits that.
 */
#include "items.h"

#include <signal.h>

struct probe {
	struct work_struct work;
	sigset_t worker, child;
};

static void *read_own_mask(void *mask)
{
	pthread_sigmask(SIG_SETMASK, NULL, (sigset_t *)mask);
	return NULL;
}

static void read_masks(struct work_struct *work)
{
	struct probe *p = container_of(work, struct probe, work);

	read_own_mask(&p->worker);
	join_thread(start_thread(read_own_mask, &p->child));
}

static struct probe masks_on(struct workqueue_struct *wq)
{
	struct probe p;

	memset(&p, 0, sizeof(p));
	INIT_WORK(&p.work, read_masks);
	check(queue_work(wq, &p.work));
	WAITING(flush_workqueue(wq));
	return p;
}

static const int asynchronous[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGALRM, SIGUSR1, SIGUSR2, SIGPIPE };
static const int own_faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS };

static void check_masks(struct workqueue_struct *wq, int blocked)
{
	struct probe p = masks_on(wq);

	for (size_t i = 0; i < sizeof(asynchronous) / sizeof(asynchronous[0]); i++) {
		check_eq(sigismember(&p.worker, asynchronous[i]), blocked);
		check_eq(sigismember(&p.child, asynchronous[i]), blocked);
	}
	check_eq(sigismember(&p.worker, SIGRTMIN), blocked);
	for (size_t i = 0; i < sizeof(own_faults) / sizeof(own_faults[0]); i++)
		check_eq(sigismember(&p.worker, own_faults[i]), 0);
}

static void workers_block_signals_at_first(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("signals");

	check_masks(wq, 1);
	destroy_workqueue(wq);
}

static void workers_started_afterwards_take_them(void)
{
	struct workqueue_struct *former = create_singlethread_workqueue("signals");
	struct workqueue_struct *one, *percpu;

	wq_set_worker_signals(true);
	one = create_singlethread_workqueue("signals");
	percpu = create_workqueue("signals");
	wq_set_worker_signals(false);
	check_masks(former, 1);
	check_masks(one, 0);
	check_masks(percpu, 0);
	destroy_workqueue(former);
	destroy_workqueue(one);
	destroy_workqueue(percpu);
	workers_block_signals_at_first();
}

static void they_block_what_the_caller_blocks(void)
{
	struct workqueue_struct *wq;
	sigset_t usr2;
	struct probe p;

	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &usr2, NULL);
	wq_set_worker_signals(true);
	pthread_sigmask(SIG_UNBLOCK, &usr2, NULL);
	wq = create_singlethread_workqueue("signals");
	wq_set_worker_signals(false);
	p = masks_on(wq);
	check_eq(sigismember(&p.worker, SIGUSR2), 1);
	check_eq(sigismember(&p.child, SIGUSR2), 1);
	check_eq(sigismember(&p.worker, SIGUSR1), 0);
	destroy_workqueue(wq);
}

static int handled_on;

static void note_thread(int signal)
{
	(void)signal;
	__atomic_store_n(&handled_on, (int)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
}

static bool is_handled(void)
{
	while (!__atomic_load_n(&handled_on, __ATOMIC_SEQ_CST))
		sched_yield();
	return true;
}

static void a_worker_that_takes_signals_runs_handlers(void)
{
	struct sigaction action, former;
	sigset_t usr1;
	struct workqueue_struct *wq;
	struct item busy;

	memset(&action, 0, sizeof(action));
	action.sa_handler = note_thread;
	sigaction(SIGUSR1, &action, &former);
	wq_set_worker_signals(true);
	wq = create_singlethread_workqueue("signals");
	wq_set_worker_signals(false);
	plug(wq, &busy);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
	syscall(SYS_tgkill, getpid(), busy.tid, SIGUSR1);
	check(WAITING(is_handled()));
	check_eq(handled_on, busy.tid);
	pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
	gate_open(&busy.gate);
	destroy_workqueue(wq);
	sigaction(SIGUSR1, &former, NULL);
}

TEST_MAIN(TEST(workers_block_signals_at_first), TEST(workers_started_afterwards_take_them),
	  TEST(they_block_what_the_caller_blocks),
	  TEST(a_worker_that_takes_signals_runs_handlers))
