/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "False if there is no timer to be had: then errno says why (EMFILE, EAGAIN,
 * ENOMEM) and the item is idle." Fresh processes use up their descriptors before
 * their first timer, then raise the limit; work without delay goes on throughout.
 */
#include "test.h"
#include "support/delayed.h"
#include "child.h"

#include <fcntl.h>
#include <sys/resource.h>

static rlim_t former_limit;

static void allow_descriptors(bool any)
{
	struct rlimit limit;
	int next = dup(0);

	close(next);
	check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	if (!any)
		former_limit = limit.rlim_cur;
	limit.rlim_cur = any ? former_limit : (rlim_t)next;
	check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	check(any || (open("/dev/null", O_RDONLY) < 0 && errno == EMFILE));
}

static void check_refused(bool queued, struct delayed_item *a)
{
	check(!queued);
	check_eq(errno, EMFILE);
	check(!delayed_work_pending(&a->dwork));
	check(!timer_pending(&a->dwork.timer));
	errno = 0;
}

static void work_without_descriptors(void)
{
	struct workqueue_struct *wq = create_workqueue("fd");
	struct delayed_item a;
	struct item plain;

	init_workqueues();
	delayed_init(&a, wq, delayed_count);
	item_init(&plain, wq, item_count);
	allow_descriptors(false);
	errno = 0;
	for (int i = 1; i <= 10; i++) {
		check_refused(queue_delayed_work(wq, &a.dwork, 1), &a);
		check_refused(queue_delayed_work_on(allowed_cpu(0), wq, &a.dwork, 0), &a);
		check_refused(wq_queue_delayed_work_ns(wq, &a.dwork, 1), &a);
		check_refused(schedule_delayed_work(&a.dwork, 1), &a);
		check(queue_delayed_work(wq, &a.dwork, 0)); /* needs no timer */
		delayed_await(&a, i);
		check(queue_work(wq, &plain.work));
		WAITING(flush_workqueue(wq));
		check_eq(item_runs(&plain), i);
		check(!WAITING(cancel_delayed_work(&a.dwork)));
		check(!WAITING(cancel_delayed_work_sync(&a.dwork)));
	}
	check(expect_report("no timers") >= 1);
	allow_descriptors(true);
	check(delayed_arm(&a, 2));
	delayed_await(&a, 11);
	check_eq(a.early, 0);
	check(schedule_delayed_work(&a.dwork, 1));
	delayed_await(&a, 12);
	destroy_workqueue(wq);
}

static void timers_without_descriptors(void)
{
	struct tally one = TALLY_INITIALIZER;
	struct fence f;

	f.passed = &one;
	timer_setup(&f.timer, fence_fire, 0);
	f.timer.expires = wq_jiffies();
	init_workqueues();
	allow_descriptors(false);
	errno = 0;
	add_timer(&f.timer);
	check_eq(errno, EMFILE);
	check(!timer_pending(&f.timer));
	errno = 0;
	check_eq(mod_timer(&f.timer, wq_jiffies()), 0);
	check_eq(errno, EMFILE);
	check(!timer_pending(&f.timer));
	check_eq(del_timer_sync(&f.timer), 0);
	check(expect_report("no timers") >= 1);
	allow_descriptors(true);
	add_timer(&f.timer);
	tally_await(&one, 1);
	del_timer_sync(&f.timer);
}

/* A CPU without timers is served by one that has them. */
static void one_cpu_without_descriptors(void)
{
	struct workqueue_struct *wq = create_workqueue("fd");
	struct delayed_item a;

	if (!need_two_cpus())
		return;
	delayed_init(&a, wq, delayed_count);
	check(queue_delayed_work_on(allowed_cpu(0), wq, &a.dwork, 1));
	delayed_await(&a, 1);
	allow_descriptors(false);
	delayed_expect(&a, 2 * NS_PER_MS);
	check(queue_delayed_work_on(allowed_cpu(1), wq, &a.dwork, 2));
	delayed_await(&a, 2);
	check_eq(a.early, 0);
	allow_report("no timers");
	allow_descriptors(true);
	destroy_workqueue(wq);
}

static void check_child(const char *name)
{
	char out[8192];
	int status = run_child(name, out, sizeof(out));

	if (status == 77)
		skip("see the child");
	else if (!check_eq(status, 0))
		printf("%s", out);
}

static void delayed_work_is_refused_with_emfile_and_work_goes_on(void)
{
	check_child("work_without_descriptors");
}

static void timers_are_refused_with_emfile(void)
{
	check_child("timers_without_descriptors");
}

static void a_cpu_without_timers_is_served_by_another(void)
{
	check_child("one_cpu_without_descriptors");
}

TEST_MAIN(TEST(delayed_work_is_refused_with_emfile_and_work_goes_on),
	  TEST(timers_are_refused_with_emfile), TEST(a_cpu_without_timers_is_served_by_another),
	  CHILD(work_without_descriptors), CHILD(timers_without_descriptors),
	  CHILD(one_cpu_without_descriptors))
