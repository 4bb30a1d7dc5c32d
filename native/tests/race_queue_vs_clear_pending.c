/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An event announced before queue_work() is never lost, also if queue_work()
 * returns false: the run still to come sees it. A producer stores a number and
 * queues an item that is just being taken by its worker, whose run must read it.
 */
#include "test.h"
#include "support/aim.h"

static struct {
	struct work_struct work, first;
	int first_began;
	int announced __attribute__((aligned(128)));
	int seen __attribute__((aligned(128)));
	int runs;
} event;

static void read_event(struct work_struct *work)
{
	(void)work;
	/* Relaxed on purpose: the order is queue_work()'s promise. */
	event.seen = __atomic_load_n(&event.announced, __ATOMIC_RELAXED);
	event.runs++;
}

/* Keeps the worker awake, so that the event's run begins at a known time. */
static void run_first(struct work_struct *work)
{
	(void)work;
	flag_set(&event.first_began, 1);
	for (volatile int spins = 2000; spins; spins--)
		;
}

static void one_round(struct workqueue_struct *wq, struct aim *aim, int number)
{
	int before = event.runs;
	bool second;

	flag_set(&event.first_began, 0);
	check(queue_work(wq, &event.first));
	flag_await(&event.first_began, 1);
	check(queue_work(wq, &event.work));
	aim_wait(aim);
	__atomic_store_n(&event.announced, number, __ATOMIC_RELAXED);
	second = queue_work(wq, &event.work);
	WAITING(flush_workqueue(wq));
	check_eq(event.seen, number);
	check_eq(event.runs - before, 1 + second);
	if (!second)
		race_window_hit();
	aim_move(aim, !second);
}

static void an_event_before_queue_work_is_seen_by_the_coming_run(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("event");
	struct aim aim;

	if (!check(wq))
		return;
	race_begin();
	aim_init(&aim, 6000, 1);
	race_apart(wq);
	INIT_WORK(&event.work, read_event);
	INIT_WORK(&event.first, run_first);
	for (int i = 1; race_goes_on(i - 1, 40000) && !test_state.failures; i++)
		one_round(wq, &aim, i);
	unpin();
	destroy_workqueue(wq);
	race_require_hits_on_two_cpus();
}

/* The stream form: no flush between, so that the worker runs back to back. */
static void of_a_stream_of_events_the_last_is_seen(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("stream");
	uint64_t random = test_state.seed;
	int number = 0;

	if (!check(wq))
		return;
	race_begin();
	race_apart(wq);
	for (int i = 0; race_goes_on(i, 20000) && !test_state.failures; i++) {
		for (int n = 1 + (int)(test_random(&random) % 8); n; n--) {
			__atomic_store_n(&event.announced, ++number, __ATOMIC_RELAXED);
			if (!queue_work(wq, &event.work))
				race_window_hit();
			jitter(&random, 200);
		}
		WAITING(flush_workqueue(wq));
		check_eq(event.seen, number);
	}
	unpin();
	destroy_workqueue(wq);
	race_require_hits_on_two_cpus();
}

TEST_MAIN(TEST(an_event_before_queue_work_is_seen_by_the_coming_run),
	  TEST(of_a_stream_of_events_the_last_is_seen))
