/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/kthread.h: a thread is made stopped, bound before it begins, woken to begin,
 * and asked to end, which it notices wherever it sleeps. Functions count their calls.
 */
#include "child.h"
#include "items.h"
#include "support/aim.h"
#include "support/limit_threads.h"

#include <linux/kthread.h>
#include <linux/wait.h>

#include <signal.h>
#include <sys/wait.h>

static int begun, cpu_of_run;
static DECLARE_WAIT_QUEUE_HEAD(queue);

static int count_and_wait(void *data)
{
	cpu_of_run = sched_getcpu();
	flag_set(&begun, begun + 1);
	WAITING((wait_event(queue, kthread_should_stop()), 0));
	return *(int *)data;
}

static int return_at_once(void *data)
{
	flag_set(&begun, begun + 1);
	return *(int *)data;
}

static void stop(struct call *c)
{
	c->result = WAITING(kthread_stop((struct task_struct *)c->arg)) == 42;
}

static bool sleeps(struct task_struct *k)
{
	while (thread_state(k->pid) != 'S')
		sched_yield();
	return true;
}

static void it_does_not_begin_before_it_is_woken(void)
{
	int data = 42;
	struct task_struct *k = kthread_create(count_and_wait, &data, "kt");

	if (!check(!IS_ERR(k)))
		return;
	begun = 0;
	check(WAITING(sleeps(k)));
	check_eq(flag_get(&begun), 0);
	check_eq(wake_up_process(k), 1);
	flag_await(&begun, 1);
	check_eq(WAITING(kthread_stop(k)), 42);
	check_eq(begun, 1);
}

static void one_that_was_never_woken_gives_eintr_and_does_not_run(void)
{
	int data = 42, threads = nr_threads();
	struct task_struct *k = kthread_create(count_and_wait, &data, "kt");

	begun = 0;
	check_eq(nr_threads(), threads + 1);
	check_eq(WAITING(kthread_stop(k)), -EINTR);
	check_eq(begun, 0);
	check(nr_threads_becomes(threads));
}

static void it_may_be_bound_before_it_begins(void)
{
	int data = 0;

	for (int i = 0; i < allowed_cpus(); i++) {
		struct task_struct *k = kthread_create(count_and_wait, &data, "kt/%d", i);

		begun = 0;
		kthread_bind(k, (unsigned int)allowed_cpu(i));
		wake_up_process(k);
		flag_await(&begun, 1);
		check_eq(cpu_of_run, allowed_cpu(i));
		check_eq(WAITING(kthread_stop(k)), 0);
	}
}

/* A binding that is refused leaves the thread where it may run, with a warning. */
static void bind_after_it_has_begun(void)
{
	cpu_set_t before, after;
	int data = 0;
	struct task_struct *k = kthread_run(count_and_wait, &data, "kt");

	flag_await(&begun, 1);
	check(WAITING(sleeps(k))); /* asleep, but not in its first sleep */
	sched_getaffinity(k->pid, sizeof(before), &before);
	kthread_bind(k, (unsigned int)allowed_cpu(0));
	sched_getaffinity(k->pid, sizeof(after), &after);
	check(CPU_EQUAL(&before, &after));
	kthread_stop(k);
}

static void binding_one_that_has_begun_warns_and_does_nothing(void)
{
	char out[2048];

	if (!check_eq(run_child("bind_after_it_has_begun", out, sizeof(out)), 0))
		printf("%s", out);
	check(strstr(out, "WARNING: at ") && strstr(out, "kthread_bind()"));
}

static void names_are_formatted_and_cut_to_fifteen_bytes(void)
{
	char path[64], name[32] = "";
	int data = 0;
	struct task_struct *k = kthread_create(count_and_wait, &data, "driver-%s/%d", "scanner", 7);
	FILE *f;

	check(strcmp(k->comm, "driver-scanner/") == 0);
	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", (int)k->pid);
	f = fopen(path, "r");
	check(f && fgets(name, sizeof(name), f) && strcmp(name, "driver-scanner/\n") == 0);
	if (f)
		fclose(f);
	kthread_stop(k);
}

static int note_itself(void *data)
{
	*(struct task_struct **)data = wq_current();
	WAITING((wait_event(queue, kthread_should_stop()), 0));
	return (int)(wq_current()->pid != syscall(SYS_gettid));
}

static void it_is_its_own_current(void)
{
	struct task_struct *seen = NULL, *k = kthread_run(note_itself, &seen, "kt");

	while (!__atomic_load_n(&seen, __ATOMIC_ACQUIRE))
		sched_yield();
	check_eq(WAITING(kthread_stop(k)), 0);
	check(seen == k && wq_current() != k);
	check(!kthread_should_stop()); /* no kthread, nobody to stop it */
}

/* The number that a forked child of the calling thread has, less the one it is told. */
static int error_in_a_child(void *unused)
{
	int status = -1;
	pid_t child;

	(void)unused;
	wq_current();
	child = fork();
	if (!child)
		_exit(wq_current()->pid != getpid());
	return waitpid(child, &status, 0) == child ? status : -1;
}

static void in_a_forked_child_its_number_is_the_childs(void)
{
	struct task_struct *k;

	check_eq(error_in_a_child(NULL), 0);
	k = kthread_create(error_in_a_child, NULL, "kt");
	get_task_struct(k);
	wake_up_process(k);
	wait_for_completion(&k->kthread->ended);
	check_eq(WAITING(kthread_stop(k)), 0);
	put_task_struct(k);
}

/* ---- Stopping wakes it, wherever it sleeps -------------------------------------------- */

static int sleep_by_hand(void *data)
{
	flag_set(&begun, begun + 1);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		WAITING((schedule(), 0));
	}
	__set_current_state(TASK_RUNNING);
	return *(int *)data;
}

static int sleep_for_an_hour(void *data)
{
	flag_set(&begun, begun + 1);
	while (!kthread_should_stop())
		WAITING(wait_event_interruptible_timeout(queue, kthread_should_stop(), 3600L * HZ));
	return *(int *)data;
}

static void stop_wakes_it_from_every_sleep(void)
{
	int (*const functions[])(void *) = { count_and_wait, sleep_by_hand, sleep_for_an_hour };
	int data = 42;

	for (int i = 0; i < 3; i++) {
		struct task_struct *k;

		begun = 0;
		k = kthread_run(functions[i], &data, "kt");
		flag_await(&begun, 1);
		check(WAITING(sleeps(k)));
		check_eq(WAITING(kthread_stop(k)), 42);
	}
	check(!waitqueue_active(&queue));
}

/* The stop comes at any moment between the start and the sleep. */
static void a_stop_between_the_look_and_the_sleep_is_not_lost(void)
{
	uint64_t random = test_state.seed;
	int data = 42;

	for (int i = 0; race_goes_on(i, 2000); i++) {
		struct task_struct *k;

		begun = 0;
		k = kthread_run(count_and_wait, &data, "kt");
		flag_await(&begun, 1);
		jitter(&random, 2000);
		check_eq(WAITING(kthread_stop(k)), 42);
	}
}

static struct gate gate = GATE_INITIALIZER;

static int stand(void *data)
{
	gate_wait(&gate);
	check(kthread_should_stop());
	return *(int *)data;
}

static void stop_waits_for_the_function_and_gives_its_value(void)
{
	int data = 42;
	struct task_struct *k = kthread_run(stand, &data, "kt");
	struct call call;

	gate_wait_reached(&gate, 1);
	call_start(&call, stop, k);
	check(call_sleeps(&call));
	gate_open(&gate);
	check(call_join(&call));
}

static void one_that_has_ended_by_itself_may_be_kept_for_its_value(void)
{
	int data = 42, threads = nr_threads();
	struct task_struct *k = kthread_create(return_at_once, &data, "kt");

	get_task_struct(k);
	wake_up_process(k);
	check(nr_threads_becomes(threads));
	check_eq(WAITING(kthread_stop(k)), 42);
	put_task_struct(k);
}

static int note_signals(void *data)
{
	pthread_sigmask(SIG_BLOCK, NULL, (sigset_t *)data);
	return 0;
}

static void asynchronous_signals_are_blocked_and_faults_are_not(void)
{
	struct task_struct *k;
	sigset_t own, in_thread;
	int threads = nr_threads();

	k = kthread_run(note_signals, &in_thread, "kt");
	check(!IS_ERR(k));
	check(nr_threads_becomes(threads));
	check(sigismember(&in_thread, SIGTERM) && sigismember(&in_thread, SIGALRM));
	check(sigismember(&in_thread, SIGUSR1) && sigismember(&in_thread, SIGCHLD));
	check(!sigismember(&in_thread, SIGSEGV) && !sigismember(&in_thread, SIGABRT));
	check(!sigismember(&in_thread, SIGBUS) && !sigismember(&in_thread, SIGFPE));
	check(!sigismember(&in_thread, SIGILL) && !sigismember(&in_thread, SIGTRAP));
	check(!sigismember(&in_thread, SIGSYS));
	check(!sigismember(&in_thread, 32) && !sigismember(&in_thread, 33)); /* the C library's */
	pthread_sigmask(SIG_BLOCK, NULL, &own);
	check(!sigismember(&own, SIGTERM)); /* ours are what they were */
}

/* The C library tells every thread, by a signal of its own, and waits for the answers. */
static void ids_may_be_changed_while_it_runs(void)
{
	int data = 42;
	struct task_struct *k;

	begun = 0;
	k = kthread_run(count_and_wait, &data, "kt");
	flag_await(&begun, 1);
	check_eq(WAITING(setresgid((gid_t)-1, (gid_t)-1, (gid_t)-1)), 0);
	check_eq(WAITING(setresuid((uid_t)-1, (uid_t)-1, (uid_t)-1)), 0);
	check_eq(WAITING(kthread_stop(k)), 42);
}

static void create_without_room(void)
{
	int data = 0;

	if (become_limited(0))
		check_eq(PTR_ERR(kthread_run(return_at_once, &data, "kt")), -EAGAIN);
}

static void failure_gives_an_error_pointer(void)
{
	run_limited("create_without_room");
}

TEST_MAIN(TEST(it_does_not_begin_before_it_is_woken),
	  TEST(one_that_was_never_woken_gives_eintr_and_does_not_run),
	  TEST(it_may_be_bound_before_it_begins),
	  TEST(binding_one_that_has_begun_warns_and_does_nothing), CHILD(bind_after_it_has_begun),
	  TEST(names_are_formatted_and_cut_to_fifteen_bytes), TEST(it_is_its_own_current),
	  TEST(in_a_forked_child_its_number_is_the_childs),
	  TEST(stop_wakes_it_from_every_sleep),
	  TEST(a_stop_between_the_look_and_the_sleep_is_not_lost),
	  TEST(stop_waits_for_the_function_and_gives_its_value),
	  TEST(one_that_has_ended_by_itself_may_be_kept_for_its_value),
	  TEST(asynchronous_signals_are_blocked_and_faults_are_not),
	  TEST(ids_may_be_changed_while_it_runs),
	  TEST(failure_gives_an_error_pointer), CHILD(create_without_room))
