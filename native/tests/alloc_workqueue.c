/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alloc_workqueue(): queues that share their workers. An item never runs twice at once,
 * no more than max_active run, and one that waits holds up nobody.
 */
#include "items.h"
#include <errno.h>

#define NR_BLOCKED 64

static void a_queue_starts_no_thread(void)
{
	struct workqueue_struct *wq[1000];
	int before = nr_threads();

	for (int i = 0; i < 1000; i++)
		check((wq[i] = alloc_workqueue("many-%d", i % 2 ? WQ_UNBOUND : 0, 0, i)) != NULL);
	check_eq(nr_threads(), before);
	for (int i = 0; i < 1000; i++)
		destroy_workqueue(wq[i]);
	check_eq(nr_threads(), before);
}

static void an_item_runs_on_the_cpu_that_queued_it(void)
{
	struct workqueue_struct *wq = alloc_workqueue("bound", WQ_PERCPU, 0);
	struct item a;

	item_init(&a, wq, item_count);
	for (int n = 0; n < allowed_cpus(); n++) {
		check(queue_on(allowed_cpu(n), wq, &a.work));
		WAITING(flush_workqueue(wq));
		check_eq(a.cpu, allowed_cpu(n));
		check(queue_work_on(allowed_cpu(n), wq, &a.work));
		WAITING(flush_workqueue(wq));
		check_eq(a.cpu, allowed_cpu(n));
	}
	check_eq(item_runs(&a), 2 * allowed_cpus());
	destroy_workqueue(wq);
}

static void an_item_that_runs_is_not_run_by_another_cpu(void)
{
	struct workqueue_struct *wq = alloc_workqueue("once", 0, 0);
	struct item a, other;
	int last = allowed_cpu(allowed_cpus() - 1);

	item_init(&a, wq, item_block);
	item_init(&other, wq, item_count);
	check(queue_on(allowed_cpu(0), wq, &a.work));
	gate_wait_reached(&a.gate, 1);
	check(queue_on(last, wq, &a.work));
	check(queue_on(last, wq, &other.work));
	item_await_done(&other, 1);
	check_eq(item_runs(&a), 1);
	gate_open(&a.gate);
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 2);
	check_eq(a.cpu, allowed_cpu(0));
	destroy_workqueue(wq);
}

static struct item blocked[NR_BLOCKED];

/* NR items of WQ wait for one that is queued after them. */
static void all_wait_for_a_later_one(struct workqueue_struct *wq, int nr)
{
	for (int i = 0; i < nr; i++) {
		item_init(&blocked[i], wq, item_block);
		check(queue_work(wq, &blocked[i].work));
	}
	for (int i = 0; i < nr; i++)
		gate_wait_reached(&blocked[i].gate, 1);
	for (int i = nr - 1; i >= 0; i--)
		gate_open(&blocked[i].gate);
	WAITING(flush_workqueue(wq));
	for (int i = 0; i < nr; i++)
		check_eq(item_done(&blocked[i]), 1);
}

static void items_that_wait_hold_up_nobody(void)
{
	static const unsigned int flags[] = { 0, WQ_UNBOUND, WQ_HIGHPRI };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct workqueue_struct *wq = alloc_workqueue("waiting", flags[i], 0);

		all_wait_for_a_later_one(wq, NR_BLOCKED);
		destroy_workqueue(wq);
	}
}

static void no_more_than_max_active_run(void)
{
	static const unsigned int flags[] = { 0, WQ_UNBOUND };
	struct item others[3];

	for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++) {
		struct workqueue_struct *wq = alloc_workqueue("two", flags[f], 2);
		struct workqueue_struct *beside = alloc_workqueue("beside", flags[f], 1);
		struct item third, free_one;

		pin_to_cpu(allowed_cpu(0));
		for (int i = 0; i < 2; i++) {
			item_init(&others[i], wq, item_block);
			check(queue_work(wq, &others[i].work));
		}
		item_init(&third, wq, item_count);
		item_init(&free_one, beside, item_count);
		gate_wait_reached(&others[0].gate, 1);
		gate_wait_reached(&others[1].gate, 1);
		check(queue_work(wq, &third.work));
		check(queue_work(beside, &free_one.work)); /* Behind it: taken later. */
		item_await_done(&free_one, 1);
		check_eq(item_runs(&third), 0);
		gate_open(&others[1].gate);
		item_await_done(&third, 1);
		gate_open(&others[0].gate);
		unpin();
		destroy_workqueue(wq);
		destroy_workqueue(beside);
	}
}

static void a_parked_item_can_be_cancelled(void)
{
	struct workqueue_struct *wq = alloc_workqueue("parked", 0, 1);
	struct item first, parked, next;

	pin_to_cpu(allowed_cpu(0));
	item_init(&first, wq, item_block);
	item_init(&parked, wq, item_count);
	item_init(&next, wq, item_count);
	check(queue_work(wq, &first.work));
	gate_wait_reached(&first.gate, 1);
	check(queue_work(wq, &parked.work));
	check(queue_work(wq, &next.work));
	check(WAITING(cancel_work_sync(&parked.work)));
	gate_open(&first.gate);
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&parked), 0);
	check_eq(item_runs(&next), 1);
	unpin();
	destroy_workqueue(wq);
}

static void a_cancel_waits_for_the_run_wherever_it_is(void)
{
	struct workqueue_struct *wq = alloc_workqueue("cancelled", 0, 0);
	struct item a;
	struct call cancel;

	item_init(&a, wq, item_block);
	check(queue_on(allowed_cpu(allowed_cpus() - 1), wq, &a.work));
	gate_wait_reached(&a.gate, 1);
	call_start(&cancel, call_cancel, &a.work);
	check(call_sleeps(&cancel));
	gate_open(&a.gate);
	check(!call_join(&cancel)); /* It ran, and was not pending. */
	check_eq(item_done(&a), 1);
	destroy_workqueue(wq);
}

static void a_flush_waits_for_nothing_that_is_queued_later(void)
{
	static const unsigned int flags[] = { 0, WQ_UNBOUND };

	for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++) {
		struct workqueue_struct *wq = alloc_workqueue("flushed", flags[f], 0);
		struct item before, after;
		struct call flush;

		pin_to_cpu(allowed_cpu(0));
		item_init(&before, wq, item_block);
		item_init(&after, wq, item_block);
		check(queue_work(wq, &before.work));
		gate_wait_reached(&before.gate, 1);
		call_start(&flush, call_flush, wq);
		check(call_sleeps(&flush));
		check(queue_work(wq, &after.work));
		gate_wait_reached(&after.gate, 1);
		check(!call_returned(&flush));
		gate_open(&before.gate);
		call_join(&flush);
		check_eq(item_done(&before), 1);
		check_eq(item_done(&after), 0);
		gate_open(&after.gate);
		unpin();
		destroy_workqueue(wq);
	}
}

static void thirteen_flushes_wait_at_once(void)
{
	struct workqueue_struct *wq = alloc_workqueue("thirteen", 0, 0);
	static struct call flushes[13];
	static struct item items[13];

	for (int i = 0; i < 13; i++) {
		item_init(&items[i], wq, item_block);
		check(queue_on(allowed_cpu(0), wq, &items[i].work));
		gate_wait_reached(&items[i].gate, 1);
		call_start(&flushes[i], call_flush, wq);
		check(call_sleeps(&flushes[i]));
	}
	for (int i = 0; i < 13; i++) {
		check(!call_returned(&flushes[12]));
		gate_open(&items[i].gate);
		call_join(&flushes[i]); /* Each as soon as what was before it has run. */
	}
	destroy_workqueue(wq);
}

static void an_ordered_queue_keeps_its_order(void)
{
	static struct item items[400];
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordered-%s", 0, "queue");
	struct item busy;

	item_init(&busy, wq, item_block);
	check(queue_work(wq, &busy.work));
	gate_wait_reached(&busy.gate, 1);
	for (int i = 0; i < 400; i++) {
		item_init(&items[i], wq, item_count);
		check(queue_on(allowed_cpu(i % allowed_cpus()), wq, &items[i].work));
	}
	gate_open(&busy.gate);
	WAITING(flush_workqueue(wq));
	for (int i = 1; i < 400; i++)
		check_eq(items[i].order, items[i - 1].order + 1);
	destroy_workqueue(wq);
}

static struct workqueue_struct *flushed_by_items;
static struct item flushers[2];

static void flush_own(struct work_struct *work)
{
	item_started(item_of(work));
	gate_stand(&item_of(work)->gate);
	flush_workqueue(flushed_by_items);
	item_finished(item_of(work));
}

static void items_may_flush_their_own_queue(void)
{
	flushed_by_items = alloc_workqueue("own", WQ_UNBOUND, 0);
	for (int i = 0; i < 2; i++) {
		item_init(&flushers[i], flushed_by_items, flush_own);
		check(queue_work(flushed_by_items, &flushers[i].work));
		gate_wait_reached(&flushers[i].gate, 1);
	}
	gate_open(&flushers[0].gate);
	gate_open(&flushers[1].gate);
	item_await_done(&flushers[0], 1);
	item_await_done(&flushers[1], 1);
	destroy_workqueue(flushed_by_items);
}

static void a_frozen_queue_stands_between_two_items(void)
{
	struct workqueue_struct *wq = alloc_workqueue("frozen", WQ_FREEZABLE, 0);
	struct item running, behind, other;
	struct workqueue_struct *lively = alloc_workqueue("lively", 0, 0);

	pin_to_cpu(allowed_cpu(0));
	item_init(&running, wq, item_block);
	item_init(&behind, wq, item_count);
	item_init(&other, lively, item_count);
	check(queue_work(wq, &running.work));
	gate_wait_reached(&running.gate, 1);
	freeze_workqueues_begin();
	check(queue_work(wq, &behind.work));
	check(freeze_workqueues_busy());
	gate_open(&running.gate);
	item_await_done(&running, 1);
	within(20, "the queue stands");
	while (freeze_workqueues_busy() && !test_is_late())
		usleep(1000);
	check(queue_work(lively, &other.work));
	item_await_done(&other, 1);
	check_eq(item_runs(&behind), 0);
	thaw_workqueues();
	item_await_done(&behind, 1);
	unpin();
	destroy_workqueue(wq);
	destroy_workqueue(lively);
}

static void destroying_a_queue_runs_what_is_pending(void)
{
	static struct item items[100];
	struct workqueue_struct *wq = alloc_workqueue("ending", 0, 3);

	for (int i = 0; i < 100; i++) {
		item_init(&items[i], wq, item_count);
		check(queue_on(allowed_cpu(i % allowed_cpus()), wq, &items[i].work));
	}
	WAITING(destroy_workqueue(wq));
	for (int i = 0; i < 100; i++)
		check_eq(item_done(&items[i]), 1);
}

static void strangers_are_refused_while_a_queue_is_destroyed(void)
{
	struct workqueue_struct *wq = alloc_workqueue("closing", 0, 0);
	struct item last, stranger;
	struct call destroy;

	item_init(&last, wq, item_block);
	item_init(&stranger, wq, item_count);
	check(queue_work(wq, &last.work));
	gate_wait_reached(&last.gate, 1);
	call_start(&destroy, call_destroy, wq);
	check(call_sleeps(&destroy));
	gate_open(&last.gate);
	call_join(&destroy);
	check(!queue_work(wq, &stranger.work));
	check_eq(expect_report("cannot queue"), 1);
	check_eq(item_runs(&stranger), 0);
}

static void limits_are_clamped_and_said(void)
{
	struct workqueue_struct *wq = alloc_workqueue("none", 0, -1);

	check(wq != NULL);
	check_eq(expect_report("max_active -1 requested for none is out of range, clamping between 1 and 2048"), 1);
	destroy_workqueue(wq);
	wq = alloc_workqueue("much", 0, 2049);
	check(wq != NULL);
	check_eq(expect_report("max_active 2049 requested for much is out of range"), 1);
	destroy_workqueue(wq);
	destroy_workqueue(alloc_workqueue("most", WQ_UNBOUND, WQ_MAX_ACTIVE));
	wq = alloc_workqueue("strict", WQ_UNBOUND | __WQ_ORDERED, 2);
	check(wq != NULL);
	check_eq(expect_report("max_active 2 requested for strict is out of range, clamping between 1 and 1"), 1);
	destroy_workqueue(wq);
}

static void bad_arguments_are_refused(void)
{
	const char *volatile none = NULL;

	errno = 0;
	check(wq_alloc_workqueue(none, 0, 0) == NULL);
	check_eq(errno, EINVAL);
	errno = 0;
	check(alloc_workqueue("odd", 1u << 12, 0) == NULL);
	check_eq(errno, EINVAL);
	check_eq(expect_report("with flags that there are not: 0x1000"), 1);
}

static void a_long_name_is_cut(void)
{
	struct workqueue_struct *wq = alloc_workqueue("%s-%s", 0, 0, "a-name-that-is-longer", "than-the-kernel-keeps");

	check(wq != NULL);
	check_eq(expect_report("name exceeds WQ_NAME_LEN. Truncating to: a-name-that-is-longer-than-the-"), 1);
	destroy_workqueue(wq);
}

static void delayed_work_that_arms_itself_is_cancelled(void)
{
	struct workqueue_struct *wq = alloc_workqueue("delayed", 0, 1);
	static struct delayed_work dwork;

	INIT_DELAYED_WORK(&dwork, item_count);
	check(queue_delayed_work(wq, &dwork, 1000000));
	check(!queue_work(wq, &dwork.work));
	check(WAITING(cancel_delayed_work_sync(&dwork)));
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(a_queue_starts_no_thread), TEST(an_item_runs_on_the_cpu_that_queued_it),
	  TEST(an_item_that_runs_is_not_run_by_another_cpu), TEST(items_that_wait_hold_up_nobody),
	  TEST(no_more_than_max_active_run), TEST(a_parked_item_can_be_cancelled),
	  TEST(a_cancel_waits_for_the_run_wherever_it_is), TEST(a_flush_waits_for_nothing_that_is_queued_later),
	  TEST(thirteen_flushes_wait_at_once), TEST(an_ordered_queue_keeps_its_order),
	  TEST(items_may_flush_their_own_queue), TEST(a_frozen_queue_stands_between_two_items),
	  TEST(destroying_a_queue_runs_what_is_pending), TEST(strangers_are_refused_while_a_queue_is_destroyed),
	  TEST(limits_are_clamped_and_said), TEST(bad_arguments_are_refused), TEST(a_long_name_is_cut),
	  TEST(delayed_work_that_arms_itself_is_cancelled))
