/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * system_wq and its like are there from the loading on: in initialisers, in constructors,
 * before any other call, and in a forked child, where each is a queue of the child's own.
 * They start no thread before the first item, and an item that waits holds up nobody.
 */
#include "child.h"
#include "items.h"

#include <errno.h>
#include <sys/wait.h>

static struct workqueue_struct **const queues[] = {
	&system_wq, &system_percpu_wq, &system_highpri_wq, &system_long_wq, &system_unbound_wq,
	&system_dfl_wq, &system_dfl_long_wq, &system_freezable_wq, &system_power_efficient_wq,
	&system_freezable_power_efficient_wq, &system_bh_wq, &system_bh_highpri_wq,
};
enum { NR_QUEUES = sizeof(queues) / sizeof(queues[0]) };

static struct item early[NR_QUEUES];
static struct workqueue_struct *kept[NR_QUEUES];
static int threads_at_start, refused_early;

/* Before any other call of the library. */
__attribute__((constructor)) static void queue_early(void)
{
	const char *wanted = getenv("WQ_TEST_EARLY");

	threads_at_start = nr_threads();
	for (int i = 0; i < NR_QUEUES; i++)
		kept[i] = *queues[i];
	for (int i = 0; i < NR_QUEUES && wanted; i++) {
		item_init(&early[i], *queues[i], item_count);
		refused_early += !queue_work(*queues[i], &early[i].work);
	}
}

static void early_items(void)
{
	for (int i = 0; i < NR_QUEUES; i++)
		WAITING(flush_workqueue(*queues[i]));
	check_eq(refused_early, 0);
	for (int i = 0; i < NR_QUEUES; i++)
		check_eq(item_runs(&early[i]), 1);
}

static void a_constructor_may_queue_before_any_other_call(void)
{
	setenv("WQ_TEST_EARLY", "1", 1);
	passes_in_a_child("early_items");
	unsetenv("WQ_TEST_EARLY");
}

static void nothing_used(void)
{
	int before = nr_threads();

	check_eq(threads_at_start, 1);
	for (int i = 0; i < NR_QUEUES; i++) {
		check(kept[i] != NULL);
		WAITING(flush_workqueue(kept[i]));
		check(!workqueue_congested(WORK_CPU_UNBOUND, kept[i]));
	}
	check_eq(nr_threads(), before);
}

static void no_thread_is_started_before_the_first_item(void)
{
	passes_in_a_child("nothing_used");
}

static void each_runs_items_and_is_flushed(void)
{
	struct item a;

	for (int i = 0; i < NR_QUEUES; i++) {
		check(*queues[i] == kept[i]);
		item_init(&a, *queues[i], item_count);
		for (int n = 0; n < allowed_cpus(); n++) {
			check(queue_work_on(allowed_cpu(n), a.wq, &a.work));
			WAITING(flush_workqueue(a.wq));
			check_eq(item_runs(&a), n + 1);
			if (a.wq != system_unbound_wq && a.wq != system_dfl_long_wq)
				check_eq(a.cpu, allowed_cpu(n));
		}
	}
	check(system_wq == system_percpu_wq);
	check(system_unbound_wq == system_dfl_wq);
}

static void do_nothing(struct work_struct *work)
{
	(void)work;
}

static void delays(void)
{
	static struct delayed_work dwork[NR_QUEUES], modified[NR_QUEUES];

	for (int i = 0; i < NR_QUEUES; i++) {
		INIT_DELAYED_WORK(&dwork[i], do_nothing);
		INIT_DELAYED_WORK(&modified[i], do_nothing);
		check(queue_delayed_work(*queues[i], &dwork[i], 3600000));
		check(!mod_delayed_work(*queues[i], &modified[i], 3600000));
	}
	for (int i = 0; i < NR_QUEUES; i++) {
		check(cancel_delayed_work_sync(&dwork[i]));
		check(cancel_delayed_work_sync(&modified[i]));
	}
}

static void the_first_call_may_be_one_with_a_delay(void)
{
	passes_in_a_child("delays");
}

static void a_node(void)
{
	struct item a;

	item_init(&a, system_unbound_wq, item_count);
	check(queue_work_node(0, a.wq, &a.work)); /* without a report: it is unbound, though not made yet */
	WAITING(flush_work(&a.work));
	check_eq(item_runs(&a), 1);
}

static void the_first_call_may_ask_for_a_node(void)
{
	passes_in_a_child("a_node");
}

static void an_item_that_waits_holds_up_nobody(void)
{
	struct item busy, a;

	for (int i = 0; i < NR_QUEUES; i++) {
		item_init(&busy, *queues[i], item_block);
		item_init(&a, *queues[i], item_count);
		check(queue_work_on(allowed_cpu(0), busy.wq, &busy.work));
		gate_wait_reached(&busy.gate, 1);
		check(queue_work_on(allowed_cpu(0), a.wq, &a.work));
		item_await_done(&a, 1);
		check_eq(item_done(&busy), 0);
		gate_open(&busy.gate);
		WAITING(flush_workqueue(busy.wq));
	}
}

static void a_flush_does_not_wait_for_what_runs_long(void)
{
	struct workqueue_struct *const longs[] = { system_long_wq, system_dfl_long_wq };
	struct workqueue_struct *const shorts[] = { system_wq, system_dfl_wq };
	struct item busy;

	for (int i = 0; i < 2; i++) {
		item_init(&busy, longs[i], item_block);
		check(queue_work(busy.wq, &busy.work));
		gate_wait_reached(&busy.gate, 1);
		WAITING(flush_workqueue(shorts[i]));
		check_eq(item_done(&busy), 0);
		gate_open(&busy.gate);
		WAITING(flush_workqueue(busy.wq));
	}
}

static void freezing_stops_the_freezable_ones_only(void)
{
	struct item a[NR_QUEUES];

	freeze_workqueues_begin();
	for (int i = 0; i < NR_QUEUES; i++) {
		bool freezable = *queues[i] == system_freezable_wq || *queues[i] == system_freezable_power_efficient_wq;

		item_init(&a[i], *queues[i], item_count);
		check(queue_work(a[i].wq, &a[i].work));
		if (!freezable)
			WAITING(flush_workqueue(a[i].wq));
		check_eq(item_runs(&a[i]), !freezable);
	}
	thaw_workqueues();
	for (int i = 0; i < NR_QUEUES; i++) {
		WAITING(flush_workqueue(a[i].wq));
		check_eq(item_runs(&a[i]), 1);
	}
}

static void frozen_first(void)
{
	freezing_stops_the_freezable_ones_only();
}

static void one_that_is_made_while_frozen_stands_still_too(void)
{
	passes_in_a_child("frozen_first");
}

static void destroying_and_closing_are_refused(void)
{
	struct item a;

	for (int i = 0; i < NR_QUEUES; i += 2) {
		destroy_workqueue(*queues[i]);
		wq_close_workqueue(*queues[i]);
		item_init(&a, *queues[i], item_count);
		check(queue_work(a.wq, &a.work));
		WAITING(flush_workqueue(a.wq));
		check_eq(item_runs(&a), 1);
	}
	check_eq(expect_report("destroy_workqueue() of a system queue: refused"), (NR_QUEUES + 1) / 2);
	check_eq(expect_report("wq_close_workqueue() of a system queue: refused"), (NR_QUEUES + 1) / 2);
}

static void draining_one_leaves_it_as_it_was(void)
{
	struct item a;

	item_init(&a, system_long_wq, item_count);
	check(queue_work(a.wq, &a.work));
	WAITING(drain_workqueue(system_long_wq));
	check_eq(item_runs(&a), 1);
	check(queue_work(a.wq, &a.work));
	WAITING(flush_work(&a.work));
	check_eq(item_runs(&a), 2);
}

/* ---- Two threads make a queue at once --------------------------------------- */

enum { NR_THREADS = 8 };
static struct meeting start = MEETING_INITIALIZER(NR_THREADS);
static struct item at_once[NR_THREADS][NR_QUEUES];

static void *queue_all(void *arg)
{
	struct item *items = (struct item *)arg;

	meet(&start);
	for (int i = 0; i < NR_QUEUES; i++)
		check(queue_work(*queues[i], &items[i].work));
	return NULL;
}

static void eight_threads(void)
{
	pthread_t threads[NR_THREADS];

	for (int t = 0; t < NR_THREADS; t++) {
		for (int i = 0; i < NR_QUEUES; i++)
			item_init(&at_once[t][i], *queues[i], item_count);
		threads[t] = start_thread(queue_all, at_once[t]);
	}
	for (int t = 0; t < NR_THREADS; t++)
		join_thread(threads[t]);
	for (int i = 0; i < NR_QUEUES; i++)
		WAITING(flush_workqueue(*queues[i]));
	for (int t = 0; t < NR_THREADS; t++)
		for (int i = 0; i < NR_QUEUES; i++)
			check_eq(item_runs(&at_once[t][i]), 1);
}

static void threads_that_come_first_at_once_lose_nothing(void)
{
	for (int i = 0; i < 10; i++)
		passes_in_a_child("eight_threads");
}

/* ---- fork() ----------------------------------------------------------------- */

static struct item pending[NR_QUEUES];

/* Is everything as it should be in a child whose parent has used the queues? */
static bool works_in_a_child(void)
{
	struct item a;
	bool well = true;

	for (int i = 0; i < NR_QUEUES; i++) {
		item_init(&a, kept[i], item_count);
		well = well && *queues[i] == kept[i] && queue_work(kept[i], &a.work);
		flush_workqueue(kept[i]);
		well = well && item_runs(&a) == 1;
		if (pending[i].wq)
			well = well && !flush_work(&pending[i].work) && reported("queued in the parent process") &&
			       cancel_work_sync(&pending[i].work) && queue_work(kept[i], &pending[i].work);
		flush_workqueue(kept[i]);
		pending[i].wq = NULL; /* in a grandchild it is an item like any other */
	}
	return well;
}

static bool in_a_child(bool (*check_child)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(20); /* a hang ends the child */
		_exit(check_child() ? 0 : 1);
	}
	WAITING(waitpid(pid, &status, 0));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void before_the_first_use(void)
{
	int before = nr_threads();

	check(in_a_child(works_in_a_child));
	check_eq(nr_threads(), before);
}

static void a_child_may_use_them_before_its_parent_has(void)
{
	passes_in_a_child("before_the_first_use");
}

static bool grandchild(void)
{
	return works_in_a_child() && in_a_child(works_in_a_child);
}

static void a_child_has_queues_of_its_own(void)
{
	for (int i = 0; i < NR_QUEUES; i++)
		item_init(&pending[i], *queues[i], item_count);
	freeze_workqueues_begin();
	for (int i = 0; i < NR_QUEUES; i++) {
		if (*queues[i] != system_freezable_wq && *queues[i] != system_freezable_power_efficient_wq) {
			pending[i].wq = NULL;
			continue;
		}
		check(queue_work(*queues[i], &pending[i].work)); /* frozen, so it is pending in the child */
	}
	check(in_a_child(works_in_a_child));
	check(in_a_child(grandchild));
	thaw_workqueues();
	for (int i = 0; i < NR_QUEUES; i++) {
		WAITING(flush_workqueue(*queues[i]));
		if (pending[i].wq)
			check_eq(item_runs(&pending[i]), 1);
		pending[i].wq = NULL;
	}
}

static struct delayed_work armed;

static bool take_back_what_was_armed(void)
{
	return delayed_work_pending(&armed) && cancel_delayed_work_sync(&armed) &&
	       queue_delayed_work(system_wq, &armed, 3600000) && (flush_delayed_work(&armed), true) &&
	       !delayed_work_pending(&armed) && works_in_a_child();
}

static void what_the_parent_had_armed_can_be_taken_back(void)
{
	INIT_DELAYED_WORK(&armed, do_nothing);
	check(queue_delayed_work(system_wq, &armed, 3600000));
	check(in_a_child(take_back_what_was_armed));
	check(cancel_delayed_work_sync(&armed));
}

TEST_MAIN(TEST(a_constructor_may_queue_before_any_other_call), TEST(no_thread_is_started_before_the_first_item),
	  TEST(each_runs_items_and_is_flushed), TEST(the_first_call_may_be_one_with_a_delay),
	  TEST(the_first_call_may_ask_for_a_node), TEST(an_item_that_waits_holds_up_nobody),
	  TEST(a_flush_does_not_wait_for_what_runs_long), TEST(freezing_stops_the_freezable_ones_only),
	  TEST(one_that_is_made_while_frozen_stands_still_too),
	  TEST(destroying_and_closing_are_refused), TEST(draining_one_leaves_it_as_it_was),
	  TEST(threads_that_come_first_at_once_lose_nothing), TEST(a_child_may_use_them_before_its_parent_has),
	  TEST(a_child_has_queues_of_its_own), TEST(what_the_parent_had_armed_can_be_taken_back),
	  CHILD(early_items), CHILD(nothing_used), CHILD(delays), CHILD(a_node), CHILD(frozen_first),
	  CHILD(eight_threads), CHILD(before_the_first_use))
