/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What turns lockdep on and off, what is one class and what is two, and what its
 * calls do with misuse. Lockdep stays on for a process, so what needs it off, or
 * its tables full, is a child.
 */
#include "child.h"
#include "support/lockdep.h"

static char out[65536];

static struct lock_class_key one_key, two_key;
static struct lockdep_map one = STATIC_LOCKDEP_MAP_INIT("one", &one_key);
static struct lockdep_map two = STATIC_LOCKDEP_MAP_INIT("two", &two_key);

/* A report if lockdep is on. */
static void take_in_two_orders(void)
{
	with_lock(&one, with_lock(&two, (void)0));
	with_lock(&two, with_lock(&one, (void)0));
}

WORK_FUNC(flush_it)
{
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

WORK_FUNC(flush_it_third)
{
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

WORK_FUNC(flush_it_too)
{
	WAITING(flush_workqueue(item_of(w)->wq));
	item_finished(item_of(w));
}

/* ---- On and off -------------------------------------------------------------- */

static void child_makes_a_mistake(void)
{
	static struct lockdep_map around = STATIC_LOCKDEP_MAP_INIT("around", NULL);
	struct workqueue_struct *wq;

	take_in_two_orders(); /* before there is a queue */
	with_lock(&around, wq = create_singlethread_workqueue("child"));
	printf("reports: %d\n", reports_with(CIRCULAR, "\"one\"", "\"two\""));
	destroy_workqueue(wq);
}

static void off_it_says_nothing(void)
{
	check_eq(run_child("child_makes_a_mistake", out, sizeof(out)), 0);
	check(strstr(out, "reports: 0") != NULL);
	setenv("WQ_DEBUG", "1", 1);
	check_eq(run_child("child_makes_a_mistake", out, sizeof(out)), 0);
	unsetenv("WQ_DEBUG");
	check(strstr(out, "reports: 0") != NULL);
}

static void the_environment_turns_it_on(void)
{
	setenv("WQ_LOCKDEP", "1", 1);
	check_eq(run_child("child_makes_a_mistake", out, sizeof(out)), 0);
	check(strstr(out, "reports: 1") != NULL);
	setenv("WQ_LOCKDEP", "0", 1);
	check_eq(run_child("child_makes_a_mistake", out, sizeof(out)), 0);
	check(strstr(out, "reports: 0") != NULL);
	unsetenv("WQ_LOCKDEP");
}

static void child_turns_it_on_amid_a_run(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("amid");
	struct item busy, i;

	plug(wq, &busy);
	check(wq_lockdep_enable());
	gate_open(&busy.gate);
	item_init(&i, wq, flush_it);
	check(queue_work(wq, &i.work));
	WAITING(flush_workqueue(wq));
	take_in_two_orders();
	check_eq(reports_with(CIRCULAR), 1);
	destroy_workqueue(wq);
}

static void it_may_be_turned_on_while_items_run(void)
{
	check_eq(run_child("child_turns_it_on_amid_a_run", out, sizeof(out)), 0);
}

static void child_fills_the_table(void)
{
	enum { NR = 2000 };
	static struct lockdep_map maps[NR];
	struct workqueue_struct *wq = create_singlethread_workqueue("full");

	check(wq_lockdep_enable());
	with_lock(&one, with_lock(&two, (void)0)); /* what was learnt is of no use either, later */
	lock_map_acquire(&maps[0]);
	for (int i = 1; i < NR; i++) {
		lockdep_init_map(&maps[i], "many", NULL, 0);
		with_lock(&maps[i], (void)0);
	}
	lock_map_release(&maps[0]);
	check_eq(reports_with("lockdep: table full, turning itself off"), 1);
	take_in_two_orders();
	run_item(wq, flush_it, wq);
	destroy_workqueue(wq);
}

static void a_full_table_is_reported_once_and_turns_it_off(void)
{
	check_eq(run_child("child_fills_the_table", out, sizeof(out)), 0);
}

/* ---- Classes ------------------------------------------------------------------ */

static struct workqueue_struct *made_here(const char *name)
{
	return create_singlethread_workqueue(name);
}

static void queues_of_one_call_site_are_one_class(void)
{
	struct workqueue_struct *wq[2] = { made_here("first"), made_here("second") };

	run_item(wq[0], flush_it, wq[1]);
	check_eq(reports_with(RECURSIVE ": first/", "wait for (flush_workqueue) queue \"second\"",
			      "while in flush_it on queue \"first\""),
		 1);
	destroy_workqueue(wq[0]);
	destroy_workqueue(wq[1]);
}

static void queues_of_two_call_sites_are_two_classes(void)
{
	struct workqueue_struct *first = create_workqueue("alike");
	struct workqueue_struct *second = create_workqueue("alike");

	run_item(first, flush_it_too, second);
	destroy_workqueue(first);
	destroy_workqueue(second);
}

static void queues_without_a_key_are_of_the_class_of_their_name(void)
{
	struct workqueue_struct *(*create)(const char *) = create_singlethread_workqueue;
	struct workqueue_struct *wq[3] = { create("same"), (create_workqueue)("same"), create("other") };

	run_item(wq[2], flush_it_third, wq[0]);
	check_eq(reports_with(RECURSIVE), 0);
	run_item(wq[0], flush_it_too, wq[1]);
	check_eq(reports_with(RECURSIVE, "queue \"same\""), 1);
	for (int i = 0; i < 3; i++)
		destroy_workqueue(wq[i]);
}

static struct lock_class_key outer_key; /* a queue's too: it is of another class all the same */
static struct lockdep_map outer = STATIC_LOCKDEP_MAP_INIT("outer", &outer_key);

WORK_FUNC(take_outer)
{
	with_lock(&outer, item_finished(item_of(w)));
}

static void a_class_is_called_what_it_was_given(void)
{
	char computed[] = "one of many";
	struct workqueue_struct *wq[2] = { create_freezable_workqueue(computed),
					   __create_workqueue_key("keyed", 1, 0, &outer_key, "given") };

	for (int i = 0; i < 2; i++) {
		run_item(wq[i], take_outer, NULL);
		with_lock(&outer, WAITING(flush_workqueue(wq[i])));
		destroy_workqueue(wq[i]);
	}
	check_eq(reports_with("wait for (flush_workqueue) queue \"one of many\"",
			      "chain: queue \"computed\" -> take_outer -> lock \"outer\""),
		 1);
	check_eq(reports_with("wait for (flush_workqueue) queue \"keyed\"",
			      "chain: queue \"given\" -> take_outer -> lock \"outer\""),
		 1);
}

static void locks_of_one_key_are_one_class_and_subclasses_are_others(void)
{
	static struct lock_class_key key;
	struct lockdep_map parent, child, nested;

	lockdep_init_map(&parent, "node", &key, 0);
	lockdep_init_map(&child, "node", &key, 0);
	lockdep_init_map(&nested, "node", &key, 1);
	with_lock(&parent, with_lock(&nested, (void)0));
	check_eq(reported(""), 0);
	for (int i = 0; i < 2; i++)
		with_lock(&parent, with_lock(&child, (void)0));
	check_eq(reports_with(RECURSIVE, "about to take lock \"node\" while holding lock \"node\""), 1);
	with_lock(&nested, with_lock(&parent, (void)0));
	check_eq(reports_with(CIRCULAR, "lock \"node\" -> lock \"node\"/1 -> lock \"node\""), 1);
}

static void locks_without_a_key_are_classes_of_their_own(void)
{
	static struct lockdep_map map[2] = { STATIC_LOCKDEP_MAP_INIT("alone", NULL),
					     STATIC_LOCKDEP_MAP_INIT("alone", NULL) };

	with_lock(&map[0], with_lock(&map[1], (void)0));
	check_eq(reported(""), 0);
	with_lock(&map[0], with_lock(&map[0], (void)0));
	check_eq(reports_with(RECURSIVE, "lock \"alone\""), 1);
}

/* ---- Misuse and limits ---------------------------------------------------------- */

static void a_lock_that_is_not_held_cannot_be_released(void)
{
	static struct lockdep_map map = STATIC_LOCKDEP_MAP_INIT("loose", NULL);

	lock_map_release(&map);
	with_lock(&map, (void)0);
	lock_map_release(&map);
	check_eq(reports_with("bad unlock balance detected: " TESTER,
			      "about to release lock \"loose\" but does not hold it"),
		 1);
	lock_map_acquire(NULL);
	lock_map_acquire_try(NULL);
	lock_map_release(NULL);
	lockdep_init_map(NULL, "none", NULL, 0);
}

static void more_locks_than_are_watched_are_reported_once(void)
{
	enum { NR = 100 };
	static struct lockdep_map map[NR];

	for (int i = 0; i < NR; i++)
		lockdep_init_map(&map[i], "deep", NULL, 0);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < NR; i++)
			lock_map_acquire(&map[i]);
		for (int i = NR - 1; i >= 0; i--)
			lock_map_release(&map[i]);
	}
	check_eq(reports_with("lockdep: a thread holds more than 64 locks"), 1);
}

static void *end_holding(void *map)
{
	lock_map_acquire((struct lockdep_map *)map);
	return NULL;
}

static void a_thread_may_end_with_locks_held(void)
{
	static struct lockdep_map map = STATIC_LOCKDEP_MAP_INIT("left", NULL);

	for (int i = 0; i < 100; i++)
		join_thread(start_thread(end_holding, &map));
	with_lock(&map, (void)0);
}

enum { NR_LEARNT = 60 };
static struct lockdep_map learnt[NR_LEARNT];

static void *learn(void *number)
{
	uint64_t random = test_state.seed + (uintptr_t)number;

	for (int i = 0; race_goes_on(i, 20000); i++) {
		int outer = (int)(test_random(&random) % (NR_LEARNT - 1));
		int inner = outer + 1 + (int)(test_random(&random) % (uint64_t)(NR_LEARNT - 1 - outer));

		with_lock(&learnt[outer], with_lock(&learnt[inner], (void)0));
	}
	for (int i = 0; i + 1 < NR_LEARNT; i++)
		with_lock(&learnt[i], with_lock(&learnt[i + 1], (void)0));
	return NULL;
}

static void threads_may_learn_at_once(void)
{
	pthread_t threads[4];

	for (int i = 0; i < NR_LEARNT; i++)
		lockdep_init_map(&learnt[i], "learnt", NULL, 0);
	for (uintptr_t i = 0; i < 4; i++)
		threads[i] = start_thread(learn, (void *)i);
	for (int i = 0; i < 4; i++)
		join_thread(threads[i]);
	check_eq(reported(""), 0);
	for (int i = 0; i + 1 < NR_LEARNT; i++) /* every pair was learnt, and is told once */
		with_lock(&learnt[i + 1], with_lock(&learnt[i], (void)0));
	check_eq(reports_with(CIRCULAR, "lock \"learnt\""), NR_LEARNT - 1);
}

/* In a child: what the parent's item held is held no more, what was learnt still holds. */
static void a_forked_child_goes_on_learning(void)
{
	static struct lockdep_map map[2] = { STATIC_LOCKDEP_MAP_INIT("before", NULL),
					     STATIC_LOCKDEP_MAP_INIT("after", NULL) };
	int status = -1;
	pid_t pid;

	with_lock(&map[0], with_lock(&map[1], (void)0));
	pid = fork();
	if (pid == 0) {
		struct workqueue_struct *wq = create_workqueue("forked");

		alarm(20);
		with_lock(&map[1], with_lock(&map[0], run_item(wq, item_count, NULL)));
		destroy_workqueue(wq);
		_exit(reports_with(CIRCULAR, "\"before\" -> lock \"after\"") == 1 ? 0 : 1);
	}
	WAITING(waitpid(pid, &status, 0));
	check_eq(status, 0);
}

static int forked_status = -1;
static struct work_struct forker;

WORK_FUNC(cancel_forker)
{
	WAITING(cancel_work_sync(&forker));
	item_finished(item_of(w));
}

WORK_FUNC(fork_within)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct workqueue_struct *wq = create_singlethread_workqueue("within");

		alarm(20);
		INIT_WORK(&forker, fork_within);
		WAITING(flush_workqueue(wq)); /* not from the item: that runs in the parent */
		run_item(wq, cancel_forker, NULL);
		destroy_workqueue(wq);
		_exit(test_state.nr_reports);
	}
	WAITING(waitpid(pid, &forked_status, 0));
	item_finished(item_of(w));
}

static void a_child_forked_in_an_item_is_not_inside_it(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("forking");

	run_item(wq, fork_within, NULL);
	check_eq(forked_status, 0);
	destroy_workqueue(wq);
}

static void turn_on(void)
{
	name_thread();
	check(wq_lockdep_enable());
	check(wq_lockdep_enable());
}

TEST_MAIN(TEST(off_it_says_nothing), TEST(the_environment_turns_it_on),
	  TEST(it_may_be_turned_on_while_items_run),
	  TEST(a_full_table_is_reported_once_and_turns_it_off), TEST(turn_on),
	  TEST(queues_of_one_call_site_are_one_class),
	  TEST(queues_of_two_call_sites_are_two_classes),
	  TEST(queues_without_a_key_are_of_the_class_of_their_name),
	  TEST(a_class_is_called_what_it_was_given),
	  TEST(locks_of_one_key_are_one_class_and_subclasses_are_others),
	  TEST(locks_without_a_key_are_classes_of_their_own),
	  TEST(a_lock_that_is_not_held_cannot_be_released),
	  TEST(more_locks_than_are_watched_are_reported_once),
	  TEST(a_thread_may_end_with_locks_held), TEST(threads_may_learn_at_once),
	  TEST(a_forked_child_goes_on_learning),
	  TEST(a_child_forked_in_an_item_is_not_inside_it), CHILD(child_makes_a_mistake),
	  CHILD(child_turns_it_on_amid_a_run),
	  CHILD(child_fills_the_table))
