/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flush_scheduled_work() waits for everybody's items on the global queue, and
 * may be called before there is one. A flusher is watched falling asleep.
 */
#include "items.h"

static void flush_before_anything_was_scheduled_returns(void)
{
	WAITING(flush_scheduled_work());
}

static void call_flush_scheduled(struct call *c)
{
	(void)c;
	WAITING(flush_scheduled_work());
}

static void it_waits_for_items_on_every_cpu(void)
{
	static struct item a;
	struct call flush;

	for (int n = 0; n < allowed_cpus(); n++) {
		item_init(&a, NULL, item_block);
		pin_to_cpu(allowed_cpu(n));
		check(schedule_work(&a.work));
		unpin();
		gate_wait_reached(&a.gate, 1);
		call_start(&flush, call_flush_scheduled, NULL);
		check(call_sleeps(&flush));
		gate_open(&a.gate);
		call_join(&flush);
		check_eq(item_done(&a), 1);
	}
}

static struct item behind;

static void schedule_and_flush(struct work_struct *work)
{
	check(schedule_work(&behind.work));
	WAITING(flush_scheduled_work());
	check_eq(item_done(&behind), 1);
	item_count(work);
}

static void an_item_of_the_global_queue_may_flush_it(void)
{
	static struct item a;

	item_init(&behind, NULL, item_count);
	item_init(&a, NULL, schedule_and_flush);
	check(schedule_work(&a.work));
	WAITING(flush_scheduled_work());
	check_eq(item_done(&a), 1);
}

TEST_MAIN(TEST(flush_before_anything_was_scheduled_returns), TEST(it_waits_for_items_on_every_cpu),
	  TEST(an_item_of_the_global_queue_may_flush_it))
