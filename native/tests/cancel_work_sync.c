/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cancel_work_sync() leaves the item neither pending nor running and says
 * whether it was pending. Every state is produced at a gate, and a canceller
 * that has to wait is watched falling asleep.
 */
#include "items.h"

static void cancel_of_an_item_never_queued_returns_false(void)
{
	struct item a;

	item_init(&a, NULL, item_count);
	check(!WAITING(cancel_work_sync(&a.work)));
	check(!work_pending(&a.work));
}

static void cancel_of_a_pending_item_returns_true_and_it_never_runs(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("ca");
	struct item busy, a;

	plug(wq, &busy);
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	check(WAITING(cancel_work_sync(&a.work))); /* does not wait for the busy one */
	check(!work_pending(&a.work));
	check_eq(item_done(&busy), 0);
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 0);
	destroy_workqueue(wq);
}

static void cancel_takes_items_from_the_middle_of_the_queue(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("ca");
	static struct item items[300];
	struct item busy;

	plug(wq, &busy);
	for (int i = 0; i < 300; i++) {
		item_init(&items[i], wq, item_count);
		check(queue_work(wq, &items[i].work));
	}
	for (int i = 299; i > 0; i -= 3)
		check(WAITING(cancel_work_sync(&items[i].work)));
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	for (int i = 0; i < 300; i++)
		check_eq(item_runs(&items[i]), i % 3 != 2);
	destroy_workqueue(wq);
}

static void cancel_of_a_running_item_waits_and_returns_false(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("ca");
	struct item a;
	struct call cancel;

	plug(wq, &a);
	call_start(&cancel, call_cancel, &a.work);
	check(call_sleeps(&cancel));
	gate_open(&a.gate);
	check(!call_join(&cancel));
	check_eq(item_done(&a), 1);
	destroy_workqueue(wq);
}

static void cancel_of_an_item_that_has_run_returns_false(void)
{
	struct workqueue_struct *wq = create_workqueue("ca");
	struct item a;

	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check(!WAITING(cancel_work_sync(&a.work)));
	check_eq(item_runs(&a), 1);
	destroy_workqueue(wq);
}

static void cancel_of_an_item_pending_and_running_returns_true_and_waits(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("ca");
	struct item a;
	struct call cancel;

	plug(wq, &a);
	check(queue_work(wq, &a.work));
	call_start(&cancel, call_cancel, &a.work);
	check(call_sleeps(&cancel));
	gate_open(&a.gate);
	check(call_join(&cancel));
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 1);
	check_eq(item_done(&a), 1);
	destroy_workqueue(wq);
}

static struct gate cpu_gates[2];

static void block_at_the_cpus_gate(struct work_struct *work)
{
	bool second = sched_getcpu() == allowed_cpu(1);

	gate_wait(&cpu_gates[second]);
	item_count(work);
}

static void cancel_waits_for_the_instances_on_every_cpu(void)
{
	struct workqueue_struct *wq = create_workqueue("ca");
	struct item a;
	struct call cancel;

	if (!need_two_cpus()) {
		destroy_workqueue(wq);
		return;
	}
	for (int last = 0; last < 2; last++) { /* whichever instance ends last */
		item_init(&a, wq, block_at_the_cpus_gate);
		for (int n = 0; n < 2; n++) {
			gate_init(&cpu_gates[n]);
			check(queue_on(allowed_cpu(n), wq, &a.work));
			gate_wait_reached(&cpu_gates[n], 1);
		}
		call_start(&cancel, call_cancel, &a.work);
		check(call_sleeps(&cancel));
		gate_open(&cpu_gates[!last]);
		item_await_done(&a, 1);
		check(call_sleeps(&cancel));
		gate_open(&cpu_gates[last]);
		check(!call_join(&cancel));
		check_eq(item_done(&a), 2);
	}
	destroy_workqueue(wq);
}

static void cancel_defeats_an_item_that_requeues_itself(void)
{
	struct workqueue_struct *wq = create_workqueue("ca");
	struct item a;
	int runs;

	for (int i = 0; race_goes_on(i, 2000); i++) {
		item_init(&a, wq, item_requeue);
		check(queue_work(wq, &a.work));
		WAITING(cancel_work_sync(&a.work));
		runs = item_runs(&a);
		check_eq(item_done(&a), runs);
		check(!work_pending(&a.work));
		WAITING(flush_workqueue(wq));
		check_eq(item_runs(&a), runs);
	}
	destroy_workqueue(wq);
}

static void a_requeue_during_the_cancel_loses(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("ca");
	struct item a;
	struct call cancel;

	plug(wq, &a);
	call_start(&cancel, call_cancel, &a.work);
	check(call_sleeps(&cancel));
	check(!queue_work(wq, &a.work));
	gate_open(&a.gate);
	call_join(&cancel);
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 1);
	destroy_workqueue(wq);
}

static void a_cancelled_item_may_be_queued_again(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("ca");
	struct item busy, a;

	item_init(&a, wq, item_count);
	for (int i = 0; i < 100; i++) {
		plug(wq, &busy);
		check(queue_work(wq, &a.work));
		check(WAITING(cancel_work_sync(&a.work)));
		check(queue_work(wq, &a.work));
		gate_open(&busy.gate);
		WAITING(flush_workqueue(wq));
		check_eq(item_runs(&a), i + 1);
	}
	destroy_workqueue(wq);
}

static void of_two_cancellers_one_gets_true_and_both_return(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("ca");
	struct item a;
	struct call cancel[3];
	int got = 0;

	for (int round = 0; round < 20; round++) {
		plug(wq, &a);
		check(queue_work(wq, &a.work));
		for (int i = 0; i < 3; i++)
			call_start(&cancel[i], call_cancel, &a.work);
		for (int i = 0; i < 3; i++)
			check(call_sleeps(&cancel[i]));
		gate_open(&a.gate);
		for (int i = 0; i < 3; i++)
			got += call_join(&cancel[i]);
		check_eq(got, round + 1);
		check(!work_pending(&a.work));
		check(queue_work(wq, &a.work));
		WAITING(flush_workqueue(wq));
	}
	destroy_workqueue(wq);
}

static void queue_then_cancel_self(struct work_struct *work)
{
	struct item *i = item_of(work);

	item_started(i);
	check(queue_work(i->wq, work));
	check(WAITING(cancel_work_sync(work)));
	check(!WAITING(cancel_work_sync(work)));
	item_finished(i);
}

static void cancel_from_the_own_function_is_reported_and_takes_the_pending_run(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("ca");
	struct item a;

	item_init(&a, wq, queue_then_cancel_self);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 1);
	check_eq(allow_report("own"), 1); /* two calls, one report */
	destroy_workqueue(wq);
}

static void block_then_cancel_self(struct work_struct *work)
{
	item_block(work);
	WAITING(cancel_work_sync(work));
}

static void cancel_from_the_own_function_does_not_wait_for_a_canceller_that_waits_for_it(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("ca");
	struct item a;
	struct call cancel;

	item_init(&a, wq, block_then_cancel_self);
	check(queue_work(wq, &a.work));
	gate_wait_reached(&a.gate, 1);
	call_start(&cancel, call_cancel, &a.work);
	check(call_sleeps(&cancel));
	gate_open(&a.gate);
	check(!call_join(&cancel));
	allow_report("own"); /* made once per process, by whichever test is first */
	check_eq(item_done(&a), 1);
	destroy_workqueue(wq);
}

static void both_instances_of_an_item_may_cancel_it(void)
{
	struct workqueue_struct *wq = create_workqueue("ca");
	struct item a;

	if (!need_two_cpus())
		return;
	item_init(&a, wq, block_then_cancel_self);
	for (int n = 0; n < 2; n++) {
		check(queue_on(allowed_cpu(n), wq, &a.work));
		gate_wait_reached(&a.gate, n + 1);
	}
	gate_open(&a.gate);
	WAITING(flush_workqueue(wq));
	check_eq(item_done(&a), 2);
	allow_report("own");
	destroy_workqueue(wq);
}

static void cancel_waits_only_on_the_queue_the_item_was_last_on(void)
{
	struct workqueue_struct *first = create_singlethread_workqueue("ca1");
	struct workqueue_struct *last = create_singlethread_workqueue("ca2");
	struct item busy, a;

	plug(last, &busy);
	plug(first, &a);
	check(queue_work(last, &a.work));
	check(WAITING(cancel_work_sync(&a.work))); /* runs on "first" all the while */
	check_eq(item_done(&a), 0);
	gate_open(&a.gate);
	gate_open(&busy.gate);
	destroy_workqueue(first);
	destroy_workqueue(last);
}

static void a_cancelled_item_may_be_freed_at_once(void)
{
	struct workqueue_struct *wq = create_workqueue("ca");

	for (int i = 0; race_goes_on(i, 20000); i++) {
		struct item *a = (struct item *)malloc(sizeof(*a));

		item_init(a, wq, i % 2 ? item_requeue : item_count);
		check(queue_work(wq, &a->work));
		WAITING(cancel_work_sync(&a->work));
		memset(a, 0xa5, sizeof(*a));
		free(a);
	}
	WAITING(flush_workqueue(wq));
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(cancel_of_an_item_never_queued_returns_false),
	  TEST(cancel_of_a_pending_item_returns_true_and_it_never_runs),
	  TEST(cancel_takes_items_from_the_middle_of_the_queue),
	  TEST(cancel_of_a_running_item_waits_and_returns_false),
	  TEST(cancel_of_an_item_that_has_run_returns_false),
	  TEST(cancel_of_an_item_pending_and_running_returns_true_and_waits),
	  TEST(cancel_waits_for_the_instances_on_every_cpu),
	  TEST(cancel_defeats_an_item_that_requeues_itself),
	  TEST(a_requeue_during_the_cancel_loses), TEST(a_cancelled_item_may_be_queued_again),
	  TEST(of_two_cancellers_one_gets_true_and_both_return),
	  TEST(cancel_from_the_own_function_is_reported_and_takes_the_pending_run),
	  TEST(cancel_from_the_own_function_does_not_wait_for_a_canceller_that_waits_for_it),
	  TEST(both_instances_of_an_item_may_cancel_it),
	  TEST(cancel_waits_only_on_the_queue_the_item_was_last_on),
	  TEST(a_cancelled_item_may_be_freed_at_once))
