/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program's fork handlers may call every function, whenever they were registered. Those
 * here are older than the library's own, as they are registered before any library is
 * initialised: so the one before the fork runs after the library's, and those after it
 * run before the library's.
 */
#include "child.h"
#include "items.h"

#include <linux/workqueue.h>

enum phase { BEFORE, IN_PARENT, IN_CHILD, NR_PHASES };

static void (*in_phase[NR_PHASES])(void); /* what the handlers do; NULL: nothing */
static int failed;
static struct workqueue_struct *parents;
static struct item pending;

static void before(void)
{
	if (in_phase[BEFORE])
		in_phase[BEFORE]();
}

static void in_parent(void)
{
	if (in_phase[IN_PARENT])
		in_phase[IN_PARENT]();
}

static void in_child(void)
{
	if (in_phase[IN_CHILD])
		in_phase[IN_CHILD]();
}

static void register_first(void)
{
	pthread_atfork(before, in_parent, in_child);
}
__attribute__((section(".preinit_array"), used)) static void (*const first_of_all)(void) = register_first;

/* As check(), also in a child and before a fork. */
#define must(cond) ((cond) ? 0 : (failed = __LINE__))

static void count(struct work_struct *work)
{
	item_count(work);
}

static void use_everything(void)
{
	struct workqueue_struct *wq = create_workqueue("handler");
	struct delayed_work late;
	struct item a, b;

	if (!wq) {
		failed = __LINE__;
		return;
	}
	item_init(&a, wq, count);
	item_init(&b, wq, count);
	INIT_DELAYED_WORK(&late, count);
	must(queue_work(wq, &a.work));
	flush_workqueue(wq);
	must(item_runs(&a) == 1);
	must(queue_delayed_work(wq, &late, 3600000));
	must(cancel_delayed_work_sync(&late));
	must(schedule_work(&b.work));
	flush_scheduled_work();
	must(item_runs(&b) == 1);
	freeze_workqueues_begin();
	thaw_workqueues();
	must(wq_cpu_rescan() >= 0);
	destroy_workqueue(wq);
}

static void queue_on_the_parents(void)
{
	struct item a;

	item_init(&a, parents, count);
	must(!queue_work(parents, &a.work));
	must(!work_pending(&a.work));
	must(reported("the parent process's") == 1);
	use_everything();
}

/* The value is the parent's too; what is queued there before the library's handler has run is the child's. */
static void queue_on_a_system_queue(void)
{
	static struct item a, again;

	item_init(&a, system_wq, count);
	must(queue_work(system_wq, &a.work));
	must(!queue_work(system_wq, &a.work) || item_runs(&a));
	flush_workqueue(system_wq);
	must(item_runs(&a) >= 1);
	item_init(&again, system_long_wq, count);
	must(schedule_work_on(0, &again.work));
	must(flush_work(&again.work) || item_runs(&again));
	must(item_runs(&again) == 1);
	use_everything();
}

static void delay_on_the_parents(void)
{
	struct delayed_work dwork;

	INIT_DELAYED_WORK(&dwork, count);
	must(!queue_delayed_work(parents, &dwork, 1));
	must(!delayed_work_pending(&dwork));
	must(nr_threads() == 1);
	use_everything();
}

static void cancel_what_was_pending(void)
{
	must(cancel_work_sync(&pending.work));
	use_everything();
}

static void flush_and_destroy_the_parents(void)
{
	flush_workqueue(parents);
	destroy_workqueue(parents);
	must(reported("not of this process") == 2);
	use_everything();
}

/* Forks with the handlers as they are; is whether all went well in every process. */
static bool fork_goes_well(void)
{
	int status = -1;
	pid_t pid;

	failed = 0;
	pid = fork();
	if (pid == 0) {
		struct work_struct *work = &pending.work;

		alarm(TEST_SECONDS); /* a hang ends the child */
		must(!work_pending(work) || cancel_work_sync(work));
		use_everything();
		_exit(failed != 0);
	}
	WAITING(waitpid(pid, &status, 0));
	if (status || failed)
		printf("  child: wait status 0x%x, parent: line %d\n", (unsigned int)status, failed);
	return status == 0 && !failed;
}

static void forks_with(enum phase phase, void (*handler)(void))
{
	struct item busy;

	parents = create_singlethread_workqueue("parent");
	plug(parents, &busy);
	item_init(&pending, parents, item_count);
	check(queue_work(parents, &pending.work));
	in_phase[phase] = handler;
	check(WAITING(fork_goes_well()));
	in_phase[phase] = NULL;
	gate_open(&busy.gate);
	WAITING(destroy_workqueue(parents));
	check_eq(item_runs(&pending), 1);
}

static void a_handler_before_the_fork_may_call_everything(void)
{
	forks_with(BEFORE, use_everything);
}

static void a_handler_in_the_parent_may_call_everything(void)
{
	forks_with(IN_PARENT, use_everything);
}

static void a_handler_in_the_child_may_call_everything(void)
{
	forks_with(IN_CHILD, use_everything);
}

static void a_handler_in_the_child_meets_the_parents_queue_dead(void)
{
	forks_with(IN_CHILD, queue_on_the_parents);
	forks_with(IN_CHILD, delay_on_the_parents);
	forks_with(IN_CHILD, queue_on_a_system_queue);
	forks_with(IN_CHILD, cancel_what_was_pending);
	forks_with(IN_CHILD, flush_and_destroy_the_parents);
}

/* ---- The first call of the process is a handler's ------------------------------------- */

static struct workqueue_struct *made;

static void make_a_queue(void)
{
	made = create_singlethread_workqueue("made");
}

static void use_what_was_made(void)
{
	struct item a;

	item_init(&a, made, count);
	must(made && queue_work(made, &a.work));
	flush_workqueue(made);
	must(item_runs(&a) == 1);
}

static void find_it_dead(void)
{
	struct item a;

	item_init(&a, made, count);
	must(!queue_work(made, &a.work));
	flush_workqueue(made);
}

/* Exits with 0 if the child, which uses what its handler has made, comes through. */
static void first_call_in_the_child(void)
{
	int status = -1;

	in_phase[IN_CHILD] = make_a_queue;
	if (fork() == 0) {
		alarm(TEST_SECONDS);
		use_what_was_made();
		_exit(failed != 0);
	}
	WAITING(wait(&status));
	check_eq(status, 0);
}

static void first_call_before_the_fork(void)
{
	int status = -1;

	in_phase[BEFORE] = make_a_queue;
	in_phase[IN_CHILD] = find_it_dead;
	if (fork() == 0) {
		alarm(TEST_SECONDS);
		use_everything();
		_exit(failed != 0);
	}
	WAITING(wait(&status));
	check_eq(status, 0);
	use_what_was_made();
	check_eq(failed, 0);
}

static void a_handler_may_be_the_first_to_call(void)
{
	passes_in_a_child("first_call_in_the_child");
	passes_in_a_child("first_call_before_the_fork");
}

static int stop_busy;

static void *keep_busy(void *unused)
{
	struct workqueue_struct *wq = create_workqueue("busy");
	struct delayed_work late;

	INIT_DELAYED_WORK(&late, count);
	while (!__atomic_load_n(&stop_busy, __ATOMIC_ACQUIRE)) {
		struct workqueue_struct *other = create_singlethread_workqueue("other");

		queue_delayed_work(wq, &late, 3600000);
		cancel_delayed_work_sync(&late);
		destroy_workqueue(other);
	}
	destroy_workqueue(wq);
	return unused;
}

/* Whatever the others are in the middle of at the fork, and whichever lock they hold. */
static void forks_amid_others_go_well(void)
{
	pthread_t busy[2];

	__atomic_store_n(&stop_busy, 0, __ATOMIC_RELEASE);
	for (int i = 0; i < 2; i++)
		busy[i] = start_thread(keep_busy, NULL);
	for (int phase = 0; phase < NR_PHASES; phase++)
		in_phase[phase] = use_everything;
	for (int i = 0; i < (test_slow() ? 5 : 60) && !test_is_late(); i++)
		check(WAITING(fork_goes_well()));
	memset(in_phase, 0, sizeof(in_phase));
	__atomic_store_n(&stop_busy, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < 2; i++)
		join_thread(busy[i]);
}

static void forks_with_lockdep(void)
{
	check(wq_lockdep_enable());
	forks_amid_others_go_well();
}

static void forks_amid_others_go_well_with_lockdep(void)
{
	passes_in_a_child("forks_with_lockdep");
}

TEST_MAIN(TEST(a_handler_before_the_fork_may_call_everything), TEST(a_handler_in_the_parent_may_call_everything),
	  TEST(a_handler_in_the_child_may_call_everything), TEST(a_handler_in_the_child_meets_the_parents_queue_dead),
	  TEST(a_handler_may_be_the_first_to_call), TEST(forks_amid_others_go_well),
	  TEST(forks_amid_others_go_well_with_lockdep),
	  CHILD(first_call_in_the_child), CHILD(first_call_before_the_fork), CHILD(forks_with_lockdep))
