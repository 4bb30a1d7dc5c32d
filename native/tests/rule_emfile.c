/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers need no descriptor: a process that has none to spare when it arms its first
 * timer has them all the same, neither early nor lost, and earlier ones before later.
 * Fresh processes use up their descriptors first.
 */
#include "test.h"
#include "support/delayed.h"
#include "child.h"

#include <fcntl.h>
#include <sys/resource.h>

enum { NR_ITEMS = 20 };

static void use_up_descriptors(void)
{
	struct rlimit limit;
	int next = dup(0);

	close(next);
	check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = (rlim_t)next;
	check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	check(open("/dev/null", O_RDONLY) < 0 && errno == EMFILE);
}

/* Each is due before the one armed before it, so each must wake the thread anew. */
static void work_without_descriptors(void)
{
	static struct delayed_item items[NR_ITEMS];
	struct workqueue_struct *wq = create_workqueue("no files");

	use_up_descriptors();
	for (int i = 0; i < NR_ITEMS; i++) {
		delayed_init(&items[i], wq, delayed_count);
		check(delayed_arm(&items[i], (unsigned long)(2 * (NR_ITEMS - i))));
	}
	for (int i = 0; i < NR_ITEMS; i++) {
		delayed_await(&items[i], 1);
		check_eq(items[i].early, 0);
	}
	check(delayed_arm(&items[0], AN_HOUR));
	check(WAITING(cancel_delayed_work_sync(&items[0].dwork)));
	check(schedule_delayed_work(&items[1].dwork, 1));
	delayed_await(&items[1], 2);
	destroy_workqueue(wq);
}

static void timers_without_descriptors(void)
{
	struct tally one = TALLY_INITIALIZER;
	struct fence f;

	f.passed = &one;
	timer_setup(&f.timer, fence_fire, 0);
	f.timer.expires = wq_jiffies();
	use_up_descriptors();
	add_timer(&f.timer);
	tally_await(&one, 1);
	mod_timer(&f.timer, wq_jiffies() + AN_HOUR);
	check_eq(mod_timer(&f.timer, wq_jiffies()), 1);
	tally_await(&one, 2);
	check_eq(del_timer_sync(&f.timer), 0);
}

static void delayed_work_needs_no_descriptor(void)
{
	passes_in_a_child("work_without_descriptors");
}

static void timers_need_no_descriptor(void)
{
	passes_in_a_child("timers_without_descriptors");
}

TEST_MAIN(TEST(delayed_work_needs_no_descriptor), TEST(timers_need_no_descriptor),
	  CHILD(work_without_descriptors), CHILD(timers_without_descriptors))
