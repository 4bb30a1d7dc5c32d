/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * WQ_MEM_RECLAIM: the queue has a thread of its own. Where no worker can be made, that
 * one runs the queue's items and no others. Fresh processes change to a user of their own
 * and set RLIMIT_NPROC; needs root.
 */
#include "child.h"
#include "items.h"
#include "support/limit_threads.h"

#include <errno.h>
#include <sys/wait.h>

enum { NR_ITEMS = 100 };

/* How many threads of the process have that name. */
static int nr_named(const char *name)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	int nr = 0;

	while (tasks && (entry = readdir(tasks))) {
		char path[300], comm[32] = "";
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue; /* "." and "..", too */
		if (fgets(comm, sizeof(comm), f))
			comm[strcspn(comm, "\n")] = 0;
		fclose(f);
		nr += !strcmp(comm, name) && task_lives_(entry->d_name);
	}
	if (tasks)
		closedir(tasks);
	return nr;
}

static void await_named(const char *name, int nr)
{
	while (nr_named(name) != nr)
		sched_yield();
}

static int on_rescuer, on_worker;

/* item_count(), and which kind of thread it was. */
static void count_kind(struct work_struct *work)
{
	__atomic_fetch_add(current_is_workqueue_rescuer() ? &on_rescuer : &on_worker, 1, __ATOMIC_SEQ_CST);
	item_count(work);
}

/* ---- Where threads can be made ------------------------------------------------------- */

static void the_queue_has_a_thread_from_the_start_to_the_end(void)
{
	struct workqueue_struct *wq = alloc_workqueue("has-one-%d", WQ_MEM_RECLAIM, 0, 12345);
	struct workqueue_struct *ordered = alloc_ordered_workqueue("ord", WQ_MEM_RECLAIM);

	if (!check(wq && ordered))
		return;
	WAITING((await_named("kworker/R-has-o", 1), 0));
	WAITING((await_named("kworker/R-ord", 1), 0));
	destroy_workqueue(wq);
	destroy_workqueue(ordered);
	check_eq(nr_named("kworker/R-has-o"), 0);
	check_eq(nr_named("kworker/R-ord"), 0);
}

static void a_closed_queue_has_none_any_more(void)
{
	struct workqueue_struct *wq = alloc_workqueue("closed", WQ_MEM_RECLAIM, 0);

	WAITING((await_named("kworker/R-close", 1), 0));
	WAITING((wq_close_workqueue(wq), 0));
	check_eq(nr_named("kworker/R-close"), 0);
	destroy_workqueue(wq);
}

static void while_workers_can_be_made_it_sleeps(void)
{
	struct workqueue_struct *wq = alloc_workqueue("sleeps", WQ_MEM_RECLAIM, 0);
	static struct item items[NR_ITEMS];

	on_rescuer = on_worker = 0;
	check(!current_is_workqueue_rescuer());
	for (int i = 0; i < NR_ITEMS; i++) {
		item_init(&items[i], wq, count_kind);
		check(queue_on(allowed_cpu(i % allowed_cpus()), wq, &items[i].work));
	}
	WAITING(flush_workqueue(wq));
	check_eq(on_rescuer, 0);
	check_eq(on_worker, NR_ITEMS);
	destroy_workqueue(wq);
}

static bool a_new_one_works(struct workqueue_struct *parents)
{
	struct workqueue_struct *wq;
	struct item a, late;

	if (nr_threads() != 1)
		return false;
	item_init(&late, parents, item_count);
	queue_work(parents, &late.work); /* refused, with a report */
	wq = alloc_workqueue("anew", WQ_MEM_RECLAIM, 0);
	if (!wq)
		return false;
	item_init(&a, wq, item_count);
	queue_work(wq, &a.work);
	flush_workqueue(wq);
	destroy_workqueue(wq);
	return item_runs(&a) == 1 && item_runs(&late) == 0 && nr_named("kworker/R-anew") == 0;
}

static void a_forked_child_has_none_and_may_make_one(void)
{
	struct workqueue_struct *wq = alloc_workqueue("parent", WQ_MEM_RECLAIM, 0);
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(20); /* a hang ends the child by SIGALRM */
		_exit(a_new_one_works(wq) ? 0 : 1);
	}
	WAITING(waitpid(pid, &status, 0));
	check_eq(status, 0);
	WAITING((await_named("kworker/R-paren", 1), 0));
	destroy_workqueue(wq);
}

/* ---- Where none can be made ---------------------------------------------------------- */

static void create_without_room(void)
{
	struct workqueue_struct *wq;
	int before;

	if (!become_limited(0))
		return;
	before = nr_threads();
	for (int i = 0; i < 20; i++) {
		errno = 0;
		check(alloc_workqueue("none", WQ_MEM_RECLAIM | (i % 2 ? WQ_FREEZABLE : 0), 0) == NULL);
		check_eq(errno, EAGAIN);
		check_eq(nr_threads(), before);
	}
	check((wq = alloc_workqueue("plain", 0, 0)) != NULL);
	freeze_workqueues_begin();
	check(!freeze_workqueues_busy());
	thaw_workqueues();
	destroy_workqueue(wq);
	check(allow_threads(-1));
	check((wq = alloc_workqueue("room", WQ_MEM_RECLAIM, 0)) != NULL);
	destroy_workqueue(wq);
	allow_report("no timers");
}

static void run_without_room(unsigned int flags)
{
	struct workqueue_struct *wq = alloc_workqueue("reclaim", WQ_MEM_RECLAIM | flags, 0);
	struct workqueue_struct *other = alloc_workqueue("other", flags, 0);
	static struct item items[NR_ITEMS], stranger;

	if (!check(wq && other) || !check(allow_threads(0)))
		return;
	on_rescuer = on_worker = 0;
	item_init(&stranger, other, count_kind);
	check(queue_on(allowed_cpu(0), other, &stranger.work));
	for (int i = 0; i < NR_ITEMS; i++) {
		item_init(&items[i], wq, count_kind);
		check(queue_on(allowed_cpu(i % allowed_cpus()), wq, &items[i].work));
	}
	WAITING(flush_workqueue(wq));
	for (int i = 0; i < NR_ITEMS; i++) {
		check_eq(item_done(&items[i]), 1);
		if (!(flags & WQ_UNBOUND))
			check_eq(items[i].cpu, allowed_cpu(i % allowed_cpus()));
	}
	check_eq(on_rescuer, NR_ITEMS);
	check_eq(item_runs(&stranger), 0);
	check(work_pending(&stranger.work));
	check(queue_work(wq, &items[0].work));
	WAITING((destroy_workqueue(wq), 0));
	check_eq(item_done(&items[0]), 2);
	check(allow_threads(-1)); /* The rescuer's thread has ended: there is room for one already. */
	WAITING(flush_workqueue(other));
	check_eq(item_runs(&stranger), 1);
	check_eq(on_worker, 1);
	destroy_workqueue(other);
}

static void items_without_room(void)
{
	if (!become_limited(-1))
		return;
	run_without_room(WQ_HIGHPRI);
	run_without_room(WQ_UNBOUND | WQ_HIGHPRI);
	allow_report("no new worker");
	allow_report("no timers");
}

static void calls_without_room(void)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("calls", WQ_MEM_RECLAIM | WQ_FREEZABLE);
	struct item first, second, third, again;

	if (!check(wq != NULL) || !become_limited(0))
		return;
	plug(wq, &first);
	item_init(&second, wq, item_count);
	item_init(&third, wq, item_count);
	item_init(&again, wq, item_count);
	check(queue_work(wq, &second.work));
	check(queue_work(wq, &third.work));
	check(queue_work(wq, &again.work));
	check(queue_work(wq, &first.work)); /* once more, while it runs */
	check(WAITING(cancel_work_sync(&second.work)));
	freeze_workqueues_begin();
	check(freeze_workqueues_busy());
	gate_open(&first.gate);
	while (freeze_workqueues_busy())
		sched_yield();
	check_eq(item_done(&first), 1);
	check_eq(item_runs(&third), 0);
	thaw_workqueues();
	check(WAITING(flush_work(&third.work)) || item_runs(&third) == 1);
	WAITING(flush_workqueue(wq));
	check_eq(item_done(&first), 2);
	check_eq(item_runs(&second), 0);
	check(third.order < again.order);
	check(queue_work(wq, &again.work));
	WAITING((drain_workqueue(wq), 0));
	check_eq(item_done(&again), 2);
	WAITING((destroy_workqueue(wq), 0));
	allow_report("no new worker");
	allow_report("no timers");
}

static void beside_a_worker_that_waits(void)
{
	struct workqueue_struct *wq = alloc_workqueue("beside", WQ_MEM_RECLAIM, 0);
	struct workqueue_struct *other = alloc_workqueue("other", 0, 0);
	struct item waits, a;

	if (!check(wq && other))
		return;
	pin_to_cpu(allowed_cpu(0));
	plug(other, &waits);
	if (!become_limited(0))
		return;
	item_init(&a, wq, count_kind);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(on_rescuer, 1);
	check_eq(item_done(&waits), 0);
	gate_open(&waits.gate);
	unpin();
	destroy_workqueue(wq);
	destroy_workqueue(other);
	allow_report("no new worker");
	allow_report("no timers");
}

static void a_queue_whose_rescuer_cannot_be_started_is_not_made(void)
{
	run_limited("create_without_room");
}

static void it_runs_its_queues_items_and_no_others(void)
{
	run_limited("items_without_room");
}

static void cancel_freeze_flush_drain_and_destroy_hold_for_what_it_runs(void)
{
	run_limited("calls_without_room");
}

static void it_helps_a_pool_whose_worker_waits(void)
{
	run_limited("beside_a_worker_that_waits");
}

TEST_MAIN(TEST(the_queue_has_a_thread_from_the_start_to_the_end), TEST(a_closed_queue_has_none_any_more),
	  TEST(while_workers_can_be_made_it_sleeps), TEST(a_forked_child_has_none_and_may_make_one),
	  TEST(a_queue_whose_rescuer_cannot_be_started_is_not_made),
	  TEST(it_runs_its_queues_items_and_no_others),
	  TEST(cancel_freeze_flush_drain_and_destroy_hold_for_what_it_runs),
	  TEST(it_helps_a_pool_whose_worker_waits), CHILD(create_without_room), CHILD(items_without_room),
	  CHILD(calls_without_room), CHILD(beside_a_worker_that_waits))
