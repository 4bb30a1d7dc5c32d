/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Stores before the call are visible to the run that follows it, also if it
 * returns false", and effects of a run are visible after flush and cancel. A
 * plain counter is stored before each queueing and compared with what runs saw.
 */
#include "items.h"

struct box {
	struct work_struct work;
	int stored; /* by the producer, relaxed */
	int seen;   /* by the last run */
	int runs;
};

static void read_box(struct work_struct *work)
{
	struct box *b = container_of(work, struct box, work);

	b->seen = __atomic_load_n(&b->stored, __ATOMIC_RELAXED);
	b->runs++;
}

static void no_store_before_a_queueing_is_missed(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("ordered");
	uint64_t random = test_state.seed;
	static struct box b;
	int refused = 0;

	race_begin();
	if (allowed_cpus() > 1)
		pin_to_cpu(allowed_cpu(0));
	INIT_WORK(&b.work, read_box);
	for (int i = 1; race_goes_on(i - 1, 200000); i++) {
		int burst = 1 + (int)(test_random(&random) % 8);

		for (int n = 0; n < burst; n++) {
			__atomic_store_n(&b.stored, i * 8 + n, __ATOMIC_RELAXED);
			refused = !queue_work(wq, &b.work);
		}
		if (refused)
			race_window_hit();
		if (i % 16 && !refused)
			continue;
		WAITING(flush_workqueue(wq));
		if (!check_eq(b.seen, i * 8 + burst - 1))
			break;
	}
	unpin();
	destroy_workqueue(wq);
	race_require_hits(10);
}

static void effects_of_the_run_are_visible_after_flush_and_cancel(void)
{
	struct workqueue_struct *wq = create_workqueue("ordered");
	static struct box b;
	int queued = 0;

	INIT_WORK(&b.work, read_box);
	b.runs = 0;
	for (int i = 0; race_goes_on(i, 50000); i++) {
		queued += queue_work(wq, &b.work);
		if (i % 2)
			WAITING(flush_workqueue(wq));
		else
			queued -= WAITING(cancel_work_sync(&b.work));
		if (!check_eq(b.runs, queued))
			break;
	}
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(no_store_before_a_queueing_is_missed),
	  TEST(effects_of_the_run_are_visible_after_flush_and_cancel))
