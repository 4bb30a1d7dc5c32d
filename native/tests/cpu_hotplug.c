/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "On every queue with a worker per CPU, a CPU that has come gets one; the worker of
 * a CPU that has gone runs what it holds on the CPUs left, then ends." CPUs are taken
 * by request here; rule_cpus_follow_the_process.c takes them from the process.
 */
#include "child.h"
#include "items.h"

#include <linux/workqueue.h>

enum { NR_PENDING = 100 };

static int first, second;

/* Two CPUs, both online when a claim begins. */
static bool two_cpus(void)
{
	if (!need_two_cpus())
		return false;
	first = allowed_cpu(0);
	second = allowed_cpu(1);
	return check(wq_cpu_online(first)) && check(wq_cpu_online(second));
}

static void call_down(struct call *c)
{
	c->result = WAITING(wq_cpu_down(*(int *)c->arg)) == 0;
}

static void a_cpu_taken_is_offline_until_it_is_given_back(void)
{
	if (!two_cpus())
		return;
	check_eq(WAITING(wq_cpu_down(second)), 0);
	check(!wq_cpu_online(second));
	check(wq_cpu_online(first));
	check_eq(WAITING(wq_cpu_down(second)), 0); /* taken already */
	check_eq(WAITING(wq_cpu_rescan()), 0);
	check(!wq_cpu_online(second));
	check_eq(WAITING(wq_cpu_up(second)), 0);
	check(wq_cpu_online(second));
	check_eq(WAITING(wq_cpu_up(second)), 0);
}

static void the_last_cpu_cannot_be_taken(void)
{
	if (!two_cpus())
		return;
	check_eq(WAITING(wq_cpu_down(first)), 0);
	check_eq(WAITING(wq_cpu_down(second)), -EBUSY);
	check(wq_cpu_online(second));
	check_eq(WAITING(wq_cpu_up(first)), 0);
}

static void cpus_that_are_none_are_refused(void)
{
	check_eq(wq_cpu_down(-1), -EINVAL);
	check_eq(wq_cpu_up(-1), -EINVAL);
	check_eq(wq_cpu_down(1 << 20), -EINVAL);
	check_eq(wq_cpu_up(1 << 20), -EINVAL);
	check(!wq_cpu_online(-1));
	check(!wq_cpu_online(1 << 20));
}

static void its_workers_end_and_come_back(void)
{
	struct workqueue_struct *a, *b, *single;
	int threads;

	if (!two_cpus())
		return;
	a = create_workqueue("percpu");
	b = create_workqueue("percpu");
	single = create_singlethread_workqueue("single");
	threads = nr_threads();
	check_eq(WAITING(wq_cpu_down(second)), 0);
	check(nr_threads_becomes(threads - 2));
	check_eq(WAITING(wq_cpu_up(second)), 0);
	check_eq(nr_threads(), threads);
	destroy_workqueue(a);
	check_eq(WAITING(wq_cpu_down(second)), 0);
	destroy_workqueue(b); /* while its second worker is away */
	check_eq(WAITING(wq_cpu_up(second)), 0);
	destroy_workqueue(single);
	check(nr_threads_becomes(threads - 2 * allowed_cpus() - 1));
}

static void work_queued_there_runs_elsewhere_and_back_again(void)
{
	struct workqueue_struct *wq;
	struct item a;

	if (!two_cpus())
		return;
	wq = create_workqueue("percpu");
	item_init(&a, wq, item_count);
	check_eq(WAITING(wq_cpu_down(second)), 0);
	check(queue_on(second, wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 1);
	check_eq(a.cpu, first);
	check_eq(WAITING(wq_cpu_up(second)), 0);
	check(queue_on(second, wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 2);
	check_eq(a.cpu, second);
	destroy_workqueue(wq);
}

/* The worker stands at an item with more behind it when its CPU is taken. */
static void what_was_pending_runs_in_order_on_the_cpus_left(void)
{
	struct item busy, items[NR_PENDING];
	struct workqueue_struct *wq;
	struct call down, flush;

	if (!two_cpus())
		return;
	wq = create_workqueue("percpu");
	item_init(&busy, wq, item_block);
	check(queue_on(second, wq, &busy.work));
	gate_wait_reached(&busy.gate, 1);
	for (int i = 0; i < NR_PENDING; i++) {
		item_init(&items[i], wq, item_count);
		check(queue_on(second, wq, &items[i].work));
	}
	call_start(&down, call_down, &second);
	call_start(&flush, call_flush, wq);
	check(call_sleeps(&down)); /* it waits for the items */
	check(call_sleeps(&flush));
	check(!wq_cpu_online(second));
	check(WAITING(cancel_work_sync(&items[7].work)));
	gate_open(&busy.gate);
	check(call_join(&down));
	call_join(&flush);
	check_eq(item_runs(&items[7]), 0);
	for (int i = 0, before = 0; i < NR_PENDING; i++) {
		if (i == 7)
			continue;
		check_eq(item_done(&items[i]), 1);
		check_eq(items[i].tid, busy.tid); /* its own thread, on another CPU */
		check_eq(items[i].cpu, first);
		check(items[i].order > before);
		before = items[i].order;
	}
	destroy_workqueue(wq);
	check_eq(WAITING(wq_cpu_up(second)), 0);
}

static void an_item_that_requeues_itself_moves_and_the_cpu_goes(void)
{
	struct workqueue_struct *wq;
	struct item a;
	int runs;

	if (!two_cpus())
		return;
	wq = create_workqueue("percpu");
	item_init(&a, wq, item_requeue);
	check(queue_on(second, wq, &a.work));
	item_await_done(&a, 3);
	check_eq(WAITING(wq_cpu_down(second)), 0);
	runs = item_done(&a);
	item_await_done(&a, runs + 3);
	check_eq(a.cpu, first);
	WAITING(cancel_work_sync(&a.work));
	check(!work_pending(&a.work));
	destroy_workqueue(wq);
	check_eq(WAITING(wq_cpu_up(second)), 0);
}

static void a_queue_made_meanwhile_has_its_workers_when_the_cpu_is_back(void)
{
	struct workqueue_struct *wq;
	struct item a;
	int threads;

	if (!two_cpus())
		return;
	check_eq(WAITING(wq_cpu_down(second)), 0);
	threads = nr_threads();
	wq = create_workqueue("percpu");
	check_eq(nr_threads(), threads + allowed_cpus() - 1);
	check_eq(WAITING(wq_cpu_up(second)), 0);
	item_init(&a, wq, item_count);
	check(queue_on(second, wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(a.cpu, second);
	destroy_workqueue(wq);
}

static void a_single_worker_is_not_disturbed(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("single");
	struct item busy, next;

	if (two_cpus()) {
		plug(wq, &busy);
		item_init(&next, wq, item_count);
		check(queue_work(wq, &next.work));
		check_eq(WAITING(wq_cpu_down(second)), 0); /* does not wait for it */
		check_eq(WAITING(wq_cpu_up(second)), 0);
		check_eq(item_runs(&next), 0);
		gate_open(&busy.gate);
		WAITING(flush_workqueue(wq));
		check_eq(next.tid, busy.tid);
	}
	destroy_workqueue(wq);
}

static void the_global_queue_follows_and_each_cpu_means_each_online_one(void)
{
	static struct item a;

	if (!two_cpus())
		return;
	init_workqueues();
	item_init(&a, NULL, item_count);
	check_eq(WAITING(wq_cpu_down(second)), 0);
	pin_to_cpu(second);
	check(schedule_work(&a.work));
	unpin();
	WAITING(flush_scheduled_work());
	check_eq(item_runs(&a), 1);
	check_eq(a.cpu, first);
	check_eq(WAITING(wq_cpu_up(second)), 0);
}

static int nr_each;

static void count_each(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&nr_each, 1, __ATOMIC_SEQ_CST);
}

static void schedule_on_each_cpu_means_each_online_one(void)
{
	if (!two_cpus())
		return;
	check_eq(WAITING(wq_cpu_down(second)), 0);
	check_eq(WAITING(schedule_on_each_cpu(count_each)), 0);
	check_eq(nr_each, allowed_cpus() - 1);
	check_eq(WAITING(wq_cpu_up(second)), 0);
	check_eq(WAITING(schedule_on_each_cpu(count_each)), 0);
	check_eq(nr_each, 2 * allowed_cpus() - 1);
}

static int from_item;

static void take_a_cpu(struct work_struct *work)
{
	(void)work;
	from_item = wq_cpu_down(second) == -EDEADLK && wq_cpu_up(second) == -EDEADLK &&
		    wq_cpu_rescan() == -EDEADLK;
}

static void an_item_may_not_take_cpus(void)
{
	struct workqueue_struct *wq = create_workqueue("percpu");
	struct item a;

	item_init(&a, wq, take_a_cpu);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check(from_item);
	wq_interrupt_enter();
	check_eq(wq_cpu_rescan(), -EDEADLK);
	wq_interrupt_exit();
	destroy_workqueue(wq);
}

static int from_hook, from_destructor;
static pthread_key_t at_the_end;

static void ask_in_destructor(void *unused)
{
	(void)unused;
	__atomic_store_n(&from_destructor, wq_cpu_rescan(), __ATOMIC_SEQ_CST);
}

/* Made before the library's first call: one made later may not call. */
__attribute__((constructor)) static void make_key(void)
{
	pthread_key_create(&at_the_end, ask_in_destructor);
}

static void mark_thread(void)
{
	pthread_setspecific(at_the_end, &at_the_end);
}

static void ask_in_stop_hook(void)
{
	__atomic_store_n(&from_hook, wq_cpu_rescan(), __ATOMIC_SEQ_CST);
}

/* The transition waits for this very thread. */
static void a_worker_that_ends_may_not_take_cpus(void)
{
	if (need_two_cpus())
		passes_in_a_child("take_cpus_while_ending");
}

static void take_cpus_while_ending(void)
{
	struct workqueue_struct *wq;

	if (!two_cpus())
		return;
	wq_set_worker_hooks(mark_thread, ask_in_stop_hook);
	wq = create_workqueue("percpu");
	check_eq(WAITING(wq_cpu_down(second)), 0);
	check_eq(from_hook, -EDEADLK);
	check_eq(from_destructor, -EDEADLK);
	check_eq(WAITING(wq_cpu_up(second)), 0);
	destroy_workqueue(wq);
}

/* An item on the CPU that goes creates and destroys queues: no lock is held while it is waited for. */
static void use_queues(struct work_struct *work)
{
	item_started(item_of(work));
	gate_wait(&item_of(work)->gate);
	for (int i = 0; i < 10; i++) {
		struct workqueue_struct *wq = create_workqueue("inner");
		struct item a;

		item_init(&a, wq, item_count);
		check(queue_work(wq, &a.work));
		WAITING(destroy_workqueue(wq));
		check_eq(item_runs(&a), 1);
	}
	item_finished(item_of(work));
}

static void items_of_a_cpu_that_goes_may_create_and_destroy(void)
{
	struct workqueue_struct *wq;
	struct call down;
	struct item a;

	if (!two_cpus())
		return;
	wq = create_workqueue("percpu");
	item_init(&a, wq, use_queues);
	check(queue_on(second, wq, &a.work));
	gate_wait_reached(&a.gate, 1);
	call_start(&down, call_down, &second);
	check(call_sleeps(&down));
	gate_open(&a.gate);
	check(call_join(&down));
	check_eq(item_done(&a), 1);
	destroy_workqueue(wq);
	check_eq(WAITING(wq_cpu_up(second)), 0);
}

static void destroy_waits_for_a_cpu_that_goes(void)
{
	struct workqueue_struct *wq;
	struct call down, destroy;
	struct item a;

	if (!two_cpus())
		return;
	wq = create_workqueue("percpu");
	item_init(&a, wq, item_block);
	check(queue_on(second, wq, &a.work));
	gate_wait_reached(&a.gate, 1);
	call_start(&down, call_down, &second);
	check(call_sleeps(&down));
	call_start(&destroy, call_destroy, wq);
	check(call_sleeps(&destroy));
	gate_open(&a.gate);
	check(call_join(&down));
	call_join(&destroy);
	check_eq(item_done(&a), 1);
	check_eq(WAITING(wq_cpu_up(second)), 0);
}

TEST_MAIN(TEST(a_cpu_taken_is_offline_until_it_is_given_back), TEST(the_last_cpu_cannot_be_taken),
	  TEST(cpus_that_are_none_are_refused), TEST(its_workers_end_and_come_back),
	  TEST(work_queued_there_runs_elsewhere_and_back_again),
	  TEST(what_was_pending_runs_in_order_on_the_cpus_left),
	  TEST(an_item_that_requeues_itself_moves_and_the_cpu_goes),
	  TEST(a_queue_made_meanwhile_has_its_workers_when_the_cpu_is_back),
	  TEST(a_single_worker_is_not_disturbed),
	  TEST(the_global_queue_follows_and_each_cpu_means_each_online_one),
	  TEST(schedule_on_each_cpu_means_each_online_one), TEST(an_item_may_not_take_cpus),
	  TEST(items_of_a_cpu_that_goes_may_create_and_destroy),
	  TEST(destroy_waits_for_a_cpu_that_goes), TEST(a_worker_that_ends_may_not_take_cpus),
	  CHILD(take_cpus_while_ending))
