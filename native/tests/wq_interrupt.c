/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wq_interrupt_enter() and wq_interrupt_exit() mark the calling thread only, and
 * they nest. Asked between the calls, and from another thread meanwhile.
 */
#include "items.h"

static void enter_and_exit_nest(void)
{
	check(!wq_in_interrupt());
	wq_interrupt_enter();
	check(wq_in_interrupt());
	wq_interrupt_enter();
	check(wq_in_interrupt());
	wq_interrupt_exit();
	check(wq_in_interrupt());
	wq_interrupt_exit();
	check(!wq_in_interrupt());
}

static bool seen;

static void note(struct work_struct *work)
{
	seen = wq_in_interrupt();
	item_count(work);
}

static void *note_thread(void *unused)
{
	seen = wq_in_interrupt();
	return unused;
}

static void other_threads_are_not_marked(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("interrupted");
	struct item a;

	item_init(&a, wq, note);
	wq_interrupt_enter();
	seen = true;
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check(!seen);
	seen = true;
	join_thread(start_thread(note_thread, NULL));
	check(!seen);
	wq_interrupt_exit();
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(enter_and_exit_nest), TEST(other_threads_are_not_marked))
