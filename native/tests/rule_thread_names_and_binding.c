/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workers are called "name/cpu" and bound to that CPU, or "name" and not bound;
 * nice is -5 where permitted and asynchronous signals are blocked. All of it is
 * read from /proc while the worker stands at a gate.
 */
#include "items.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

static void comm_of(long tid, char *comm, size_t size)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/comm", tid);
	memset(comm, 0, size);
	f = fopen(path, "r");
	if (f) {
		if (fgets(comm, (int)size, f))
			comm[strcspn(comm, "\n")] = 0;
		fclose(f);
	}
}

static void check_comm(const char *name, bool bound, const char *expected_stem)
{
	struct workqueue_struct *wq = bound ? create_workqueue(name)
					    : create_singlethread_workqueue(name);
	char comm[32], full[64], expected[16];
	struct item a;

	for (int n = 0; n < (bound ? allowed_cpus() : 1); n++) {
		item_init(&a, wq, item_block);
		check(queue_on(allowed_cpu(n), wq, &a.work));
		gate_wait_reached(&a.gate, 1);
		comm_of(a.tid, comm, sizeof(comm));
		snprintf(full, sizeof(full), bound ? "%s/%d" : "%s", expected_stem,
			 allowed_cpu(n));
		snprintf(expected, sizeof(expected), "%.15s", full);
		if (!check_eq(strcmp(comm, expected), 0))
			printf("  thread is \"%s\", expected \"%s\"\n", comm, expected);
		gate_open(&a.gate);
		WAITING(flush_workqueue(wq));
	}
	destroy_workqueue(wq);
}

static void bound_workers_are_called_name_slash_cpu(void)
{
	check_comm("names", true, "names");
}

static void a_single_worker_is_called_name(void)
{
	check_comm("names", false, "names");
}

static void thread_names_are_cut_to_fifteen_bytes(void)
{
	check_comm("abcdefghijklmnopqrs", true, "abcdefghijklmnopqrs");
	check_comm("abcdefghijklmnopqrs", false, "abcdefghijklmnopqrs");
	check_comm("abcdefghijklm", true, "abcdefghijklm"); /* 15 with one digit */
}

static void bound_workers_may_run_on_their_cpu_only(void)
{
	struct workqueue_struct *wq = create_workqueue("bind");
	struct item a;
	cpu_set_t set;

	for (int n = 0; n < allowed_cpus(); n++) {
		item_init(&a, wq, item_block);
		check(queue_on(allowed_cpu(n), wq, &a.work));
		gate_wait_reached(&a.gate, 1);
		check_eq(sched_getaffinity((pid_t)a.tid, sizeof(set), &set), 0);
		check_eq(CPU_COUNT(&set), 1);
		check(CPU_ISSET(allowed_cpu(n), &set));
		gate_open(&a.gate);
		WAITING(flush_workqueue(wq));
	}
	destroy_workqueue(wq);
}

static void *create_pinned(void *wq)
{
	pin_to_cpu(allowed_cpu(0));
	((struct workqueue_struct **)wq)[0] = create_workqueue("bind");
	((struct workqueue_struct **)wq)[1] = create_singlethread_workqueue("bind1");
	return NULL;
}

static void a_single_worker_may_run_on_every_cpu(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("bind");
	struct item a;
	cpu_set_t set;

	plug(wq, &a);
	check_eq(sched_getaffinity((pid_t)a.tid, sizeof(set), &set), 0);
	check_eq(CPU_COUNT(&set), allowed_cpus());
	gate_open(&a.gate);
	destroy_workqueue(wq);
}

static void queues_created_by_a_pinned_thread_serve_every_cpu(void)
{
	struct workqueue_struct *wq[2];
	struct item a;
	cpu_set_t set;

	join_thread(start_thread(create_pinned, wq));
	for (int n = 0; n < allowed_cpus(); n++) {
		item_init(&a, wq[0], item_count);
		check(queue_on(allowed_cpu(n), wq[0], &a.work));
		WAITING(flush_workqueue(wq[0]));
		check_eq(a.cpu, allowed_cpu(n));
	}
	plug(wq[1], &a);
	check_eq(sched_getaffinity((pid_t)a.tid, sizeof(set), &set), 0);
	check_eq(CPU_COUNT(&set), allowed_cpus());
	gate_open(&a.gate);
	destroy_workqueue(wq[0]);
	destroy_workqueue(wq[1]);
}

static void *try_nice(void *permitted)
{
	*(bool *)permitted = setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -5) == 0;
	return NULL;
}

static void workers_have_nice_minus_five_where_permitted(void)
{
	struct workqueue_struct *wq = create_workqueue("nice");
	int own = getpriority(PRIO_PROCESS, 0);
	bool permitted = false;
	struct item a;

	join_thread(start_thread(try_nice, &permitted));
	plug(wq, &a);
	errno = 0;
	check_eq(getpriority(PRIO_PROCESS, (id_t)a.tid), permitted ? -5 : own);
	check_eq(getpriority(PRIO_PROCESS, 0), own); /* the creator keeps its own */
	gate_open(&a.gate);
	destroy_workqueue(wq);
}

static unsigned long long blocked_signals(long tid)
{
	unsigned long long mask = 0;
	char path[64], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/status", tid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "SigBlk: %llx", &mask) == 1)
			break;
	if (f)
		fclose(f);
	return mask;
}

static void asynchronous_signals_are_blocked_and_faults_are_not(void)
{
	static const int closed[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE,
				      SIGALRM, SIGTERM, SIGCHLD, SIGTSTP, SIGWINCH, SIGIO };
	static const int open[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS };
	struct workqueue_struct *wq = create_singlethread_workqueue("signals");
	unsigned long long mask;
	struct item a;

	plug(wq, &a);
	mask = blocked_signals(a.tid);
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if (!check(mask >> (closed[i] - 1) & 1))
			printf("  open: %s\n", strsignal(closed[i]));
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (!check(!(mask >> (open[i] - 1) & 1)))
			printf("  blocked: %s\n", strsignal(open[i]));
	check_eq(blocked_signals(syscall(SYS_gettid)) >> (SIGINT - 1) & 1, 0);
	gate_open(&a.gate);
	destroy_workqueue(wq);
}

static char *page;
static int faults;

static void on_fault(int signal)
{
	(void)signal;
	faults++;
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

static void write_to_page(struct work_struct *work)
{
	*(volatile char *)page = 1; /* faults; the handler opens the page */
	item_count(work);
}

static void a_programs_fault_handler_runs_on_workers(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("faults");
	struct sigaction action, before;
	struct item a;

	if (test_valgrind()) {
		skip("valgrind counts the fault as an error");
		destroy_workqueue(wq);
		return;
	}
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_fault;
	sigaction(SIGSEGV, &action, &before);
	page = (char *)mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	item_init(&a, wq, write_to_page);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	sigaction(SIGSEGV, &before, NULL);
	check_eq(faults, 1);
	check_eq(item_done(&a), 1);
	munmap(page, 4096);
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(bound_workers_are_called_name_slash_cpu), TEST(a_single_worker_is_called_name),
	  TEST(thread_names_are_cut_to_fifteen_bytes),
	  TEST(bound_workers_may_run_on_their_cpu_only),
	  TEST(a_single_worker_may_run_on_every_cpu),
	  TEST(queues_created_by_a_pinned_thread_serve_every_cpu),
	  TEST(workers_have_nice_minus_five_where_permitted),
	  TEST(asynchronous_signals_are_blocked_and_faults_are_not),
	  TEST(a_programs_fault_handler_runs_on_workers))
