/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cancel_work_sync() leaves the item neither pending nor running and says
 * whether it was pending, whatever its function and others do meanwhile.
 */
#include "test.h"

#define CANCEL_WAY cancel_work_sync
#include "support/cancel_table.h"

static struct gate cpu_gates[2];

static void block_at_the_cpus_gate(struct work_struct *work)
{
	bool second = sched_getcpu() == allowed_cpu(1);

	gate_wait(&cpu_gates[second]);
	item_count(work);
}

static void cancel_waits_for_the_instances_on_every_cpu(void)
{
	struct workqueue_struct *wq = create_per_cpu();
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
	struct workqueue_struct *wq = create_per_cpu();
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

static void block_then_cancel_self(struct work_struct *work)
{
	item_block(work);
	WAITING(cancel_work_sync(work));
}

static void cancel_from_the_own_function_does_not_wait_for_a_canceller_that_waits_for_it(void)
{
	struct workqueue_struct *wq = create_single();
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
	struct workqueue_struct *wq = create_per_cpu();
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
	struct workqueue_struct *first = create_singlethread_workqueue("before");
	struct workqueue_struct *last = create_singlethread_workqueue("last");
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
	struct workqueue_struct *wq = create_per_cpu();

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

static void an_armed_item_is_waited_for_until_its_timer_fires(void)
{
	struct workqueue_struct *wq = create_per_cpu();
	struct delayed_item a;
	struct call cancel;

	delayed_init(&a, wq, delayed_count);
	check(delayed_arm(&a, 30));
	call_start(&cancel, call_cancel, &a.dwork.work);
	call_join(&cancel); /* true or false: it may have run before it could be taken */
	check(now_ns() >= a.due_ns);
	check(!delayed_work_pending(&a.dwork));
	check_eq(delayed_runs(&a), !cancel.result);
	destroy_workqueue(wq);
}

static void an_armed_item_is_waited_for_until_its_timer_is_taken(void)
{
	struct workqueue_struct *wq = create_per_cpu();

	for (int taker = 0; taker < 3; taker++) {
		struct delayed_item a;
		struct call waiter;

		delayed_init(&a, wq, delayed_count);
		check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
		call_start(&waiter, call_cancel, &a.dwork.work);
		check(call_sleeps(&waiter));
		check(taker == 0   ? WAITING(cancel_work(&a.dwork.work))
		      : taker == 1 ? WAITING(cancel_delayed_work(&a.dwork))
				   : WAITING(cancel_delayed_work_sync(&a.dwork)));
		check(!call_join(&waiter));
		check(!delayed_work_pending(&a.dwork));
		check_eq(delayed_runs(&a), 0);
	}
	destroy_workqueue(wq);
}

TEST_MAIN(CANCEL_SYNC_TESTS, TEST(cancel_waits_for_the_instances_on_every_cpu),
	  TEST(cancel_defeats_an_item_that_requeues_itself),
	  TEST(cancel_from_the_own_function_does_not_wait_for_a_canceller_that_waits_for_it),
	  TEST(both_instances_of_an_item_may_cancel_it),
	  TEST(cancel_waits_only_on_the_queue_the_item_was_last_on),
	  TEST(a_cancelled_item_may_be_freed_at_once),
	  TEST(an_armed_item_is_waited_for_until_its_timer_fires),
	  TEST(an_armed_item_is_waited_for_until_its_timer_is_taken))
