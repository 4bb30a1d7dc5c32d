/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An item that is initialised again, freed or overwritten while it is pending ends
 * the process with a report that names it: at once with WQ_DEBUG=1, and else at the
 * latest when its worker or a canceller comes to its place in a list, so that nothing
 * hangs. Each child breaks an item at one place; a hang would end it with 1.
 */
#include "child.h"
#include "items.h"
#include "support/delayed.h"

#include <signal.h>

void pending_function(struct work_struct *work);
void other_function(struct work_struct *work);

enum { MANY = 100 }; /* more than a worker takes at once */

static struct workqueue_struct *wq;
static struct item busy, items[MANY];

void pending_function(struct work_struct *work)
{
	item_count(work);
}

void other_function(struct work_struct *work)
{
	item_count(work);
}

/* @n items pending behind a worker that is busy. */
static void queue_many(int n)
{
	wq_set_log_handler(NULL, NULL);
	wq = create_singlethread_workqueue("broken");
	plug(wq, &busy);
	for (int i = 0; i < n; i++) {
		item_init(&items[i], wq, pending_function);
		check(queue_work(wq, &items[i].work));
	}
}

static void finish(void)
{
	gate_open(&busy.gate);
	WAITING((flush_workqueue(wq), 0));
	printf("survived\n");
}

/* A canceller moves what is in the inbox to the list. */
static void queue_many_listed(int n)
{
	queue_many(n);
	check(cancel_work_sync(&items[n - 1].work));
}

static void queued_again(void)
{
	queue_many(3);
	INIT_WORK(&items[1].work, other_function);
	queue_work(wq, &items[1].work);
	finish();
}

static void initialised_in_the_inbox(void)
{
	queue_many(3);
	INIT_WORK(&items[1].work, pending_function);
	finish();
}

static void initialised_in_a_long_inbox(void)
{
	queue_many(MANY);
	INIT_WORK(&items[50].work, pending_function);
	finish();
}

static void newest_initialised_and_queued_in_a_long_inbox(void)
{
	queue_many(MANY);
	INIT_WORK(&items[50].work, pending_function);
	queue_work(wq, &items[50].work); /* the chain comes round to it */
	finish();
}

static void initialised_first_on_the_list(void)
{
	queue_many_listed(3);
	INIT_WORK(&items[0].work, pending_function);
	finish();
}

static void initialised_last_on_the_list(void)
{
	queue_many_listed(3);
	INIT_WORK(&items[1].work, pending_function);
	check(queue_work(wq, &items[2].work));
	cancel_work_sync(&items[2].work);
	finish();
}

static void neighbour_cancelled_on_the_list(void)
{
	queue_many_listed(4);
	INIT_WORK(&items[1].work, pending_function);
	cancel_work_sync(&items[0].work);
	finish();
}

static void initialised_in_hand(void)
{
	struct item first;

	queue_many(0);
	item_init(&first, wq, item_block);
	check(queue_work(wq, &first.work));
	for (int i = 0; i < 3; i++) {
		item_init(&items[i], wq, pending_function);
		check(queue_work(wq, &items[i].work));
	}
	gate_open(&busy.gate);
	gate_wait_reached(&first.gate, 1); /* the other three are in its batch */
	INIT_WORK(&items[1].work, pending_function);
	gate_open(&first.gate);
	WAITING((flush_workqueue(wq), 0));
	printf("survived\n");
}

static void filled(int byte)
{
	queue_many(3);
	memset(&items[1].work, byte, sizeof(items[1].work));
	finish();
}

static void filled_with_6b(void)
{
	filled(0x6b);
}

static void filled_with_a5(void)
{
	filled(0xa5);
}

static void delayed_initialised_and_queued(void)
{
	static struct delayed_item a;

	queue_many(0);
	delayed_init(&a, wq, pending_function);
	check(queue_delayed_work(wq, &a.dwork, AN_HOUR));
	INIT_WORK(&a.dwork.work, other_function);
	queue_work(wq, &a.dwork.work);
	finish();
}

static void delayed_word_cleared(void)
{
	static struct delayed_item a;

	queue_many(0);
	delayed_init(&a, wq, pending_function);
	check(queue_delayed_work(wq, &a.dwork, 200));
	INIT_WORK(&a.dwork.work, pending_function); /* its timer is still armed */
	WAITING((pause(), 0));
}

void pending_timer_function(struct timer_list *timer);

void pending_timer_function(struct timer_list *timer)
{
	(void)timer;
}

/* Three timers of one moment, on one list of the wheel, the @nth of them initialised again. */
static void break_timer(int nth)
{
	static struct timer_list timers[3];
	unsigned long due = jiffies + 200; /* time enough to break it */

	wq_set_log_handler(NULL, NULL);
	for (int i = 0; i < 3; i++) {
		timer_setup(&timers[i], pending_timer_function, 0);
		timers[i].expires = due;
		add_timer_on(&timers[i], allowed_cpu(0));
	}
	timer_setup(&timers[nth], pending_timer_function, 0);
	WAITING(pause());
}

static void first_timer_initialised(void)
{
	break_timer(0);
}

static void middle_timer_initialised(void)
{
	break_timer(1);
}

static void last_timer_initialised(void)
{
	break_timer(2);
}

static void check_dies(const char *child, const char *named, bool debug)
{
	char out[8192];
	const char *bug;
	int status;

	setenv("WQ_DEBUG", debug ? "1" : "0", 1);
	status = run_child(child, out, sizeof(out));
	bug = strstr(out, "BUG: workqueue: ");
	if (!check_eq(status, 128 + SIGABRT) || !check(bug && strstr(bug, named)) ||
	    !check(strstr(bug, "pending_")) || !check(!strstr(bug + 1, "BUG")))
		printf("  %s\n%s", child, out);
}

static void queueing_it_again_is_found_at_once(void)
{
	check_dies("queued_again", "and now is queued with other_function", true);
	check_dies("newest_initialised_and_queued_in_a_long_inbox", "and now is queued with", true);
	check_dies("delayed_initialised_and_queued", "and now is queued with", true);
}

static void the_worker_finds_what_was_initialised_again(void)
{
	check_dies("initialised_in_the_inbox", "on wq broken was initialised again", true);
	check_dies("initialised_in_hand", "on wq broken was initialised again", true);
	check_dies("initialised_first_on_the_list", "on wq broken was initialised again", true);
}

static void the_worker_finds_what_was_freed_or_overwritten(void)
{
	check_dies("filled_with_6b", "queued with function pending_function on wq broken", true);
	check_dies("filled_with_6b", "looks freed", true);
	check_dies("filled_with_a5", "looks freed", true);
}

static void broken_lists_are_found_without_wq_debug(void)
{
	check_dies("initialised_in_a_long_inbox", "on wq broken was", false);
	check_dies("newest_initialised_and_queued_in_a_long_inbox", "on wq broken was", false);
	check_dies("initialised_first_on_the_list", "on wq broken was initialised again", false);
	check_dies("initialised_last_on_the_list", "on wq broken was initialised again", false);
	check_dies("neighbour_cancelled_on_the_list", "on wq broken was", false);
}

static void an_armed_item_initialised_again_is_found_when_its_timer_fires(void)
{
	check_dies("delayed_word_cleared", "initialised again while its timer was armed", false);
	check_dies("delayed_word_cleared", "initialised again while its timer was armed", true);
}

static void a_pending_timer_initialised_again_is_found_on_its_list(void)
{
	static const char *const children[] = { "first_timer_initialised",
						"middle_timer_initialised",
						"last_timer_initialised" };

	for (int i = 0; i < 3; i++)
		check_dies(children[i], "function pending_timer_function was initialised again", false);
}

static int refused;

static void destroy_from_the_worker(struct work_struct *work)
{
	(void)work;
	destroy_workqueue(wq);
	refused = reported("from the queue's own worker");
}

/* The word of such an item names no queue; that its worker is the queue's is known all the same. */
static void one_in_hand_still_runs_on_its_queues_worker(void)
{
	static struct work_struct again;
	struct item first;

	wq = create_singlethread_workqueue("again");
	plug(wq, &busy);
	item_init(&first, wq, item_block);
	INIT_WORK(&again, destroy_from_the_worker);
	check(queue_work(wq, &first.work));
	check(queue_work(wq, &again));
	gate_open(&busy.gate);
	gate_wait_reached(&first.gate, 1); /* the other one is in its batch */
	INIT_WORK(&again, destroy_from_the_worker);
	gate_open(&first.gate);
	WAITING((flush_workqueue(wq), 0));
	check_eq(refused, 1);
	allow_report("from the queue's own worker");
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(one_in_hand_still_runs_on_its_queues_worker), TEST(queueing_it_again_is_found_at_once),
	  TEST(the_worker_finds_what_was_initialised_again),
	  TEST(the_worker_finds_what_was_freed_or_overwritten),
	  TEST(broken_lists_are_found_without_wq_debug),
	  TEST(an_armed_item_initialised_again_is_found_when_its_timer_fires),
	  TEST(a_pending_timer_initialised_again_is_found_on_its_list),
	  CHILD(first_timer_initialised), CHILD(middle_timer_initialised),
	  CHILD(last_timer_initialised), CHILD(queued_again),
	  CHILD(initialised_in_the_inbox), CHILD(initialised_in_a_long_inbox),
	  CHILD(newest_initialised_and_queued_in_a_long_inbox), CHILD(initialised_first_on_the_list),
	  CHILD(initialised_last_on_the_list), CHILD(neighbour_cancelled_on_the_list),
	  CHILD(initialised_in_hand), CHILD(filled_with_6b), CHILD(filled_with_a5),
	  CHILD(delayed_initialised_and_queued), CHILD(delayed_word_cleared))
