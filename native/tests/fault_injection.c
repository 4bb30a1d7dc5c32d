/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whatever the system refuses, every call succeeds or fails as the header says,
 * nothing hangs and nothing that was accepted is lost. A child runs a scenario in which
 * the n-th call of one kind fails, for every n there is; then the same again without
 * faults, when all must succeed. Linked with support/fault.c.
 */
#include "child.h"
#include "items.h"
#include "support/delayed.h"
#include "support/fault.h"

enum { MAX_N = 200 };

static int injected; /* what the armed call fails with; 0 when all must succeed */

/* A call that failed says so in one of the ways the header has. */
static void check_documented(int error)
{
	if (!check(injected != 0))
		printf("  failed with %s, and no fault was armed\n", strerror(error));
	else if (error != ENOMEM && error != EAGAIN)
		check_eq(error, injected);
}

static struct workqueue_struct *create(int form)
{
	struct workqueue_struct *wq;
	int before = nr_threads();

	errno = 0;
	wq = form == 0 ? create_workqueue("fault0")
	     : form == 1 ? create_singlethread_workqueue("fault1")
			 : create_freezeable_workqueue("fault2");
	if (!wq) {
		check_documented(errno);
		check(nr_threads_becomes(before)); /* none is left behind */
	}
	return wq;
}

static void use_queue(struct workqueue_struct *wq)
{
	struct item busy, run, cancelled;

	for (int n = 0; n < allowed_cpus(); n++) {
		item_init(&run, wq, item_count);
		check(queue_on(allowed_cpu(n), wq, &run.work));
		WAITING((flush_workqueue(wq), 0));
		check_eq(item_runs(&run), 1);
	}
	item_init(&run, wq, item_count);
	item_init(&cancelled, wq, item_count);
	pin_to_cpu(allowed_cpu(0)); /* all three go to one worker, wherever that one runs */
	plug(wq, &busy);
	check(queue_work(wq, &run.work));
	check(queue_work(wq, &cancelled.work));
	unpin();
	check(WAITING(cancel_work_sync(&cancelled.work)));
	gate_open(&busy.gate);
	WAITING((flush_workqueue(wq), 0));
	check_eq(item_runs(&run), 1);
	check_eq(item_runs(&cancelled), 0);
}

static void use_delayed_work(struct workqueue_struct *wq)
{
	struct delayed_item a;

	for (int n = -1; n < allowed_cpus(); n++) {
		delayed_init(&a, wq, delayed_count);
		errno = 0;
		if (n < 0 ? delayed_arm(&a, 1) : queue_delayed_work_on(allowed_cpu(n), wq, &a.dwork, 1)) {
			delayed_await(&a, 1);
		} else {
			check_documented(errno);
			check(!delayed_work_pending(&a.dwork));
			WAITING((flush_workqueue(wq), 0));
			check_eq(delayed_runs(&a), 0);
		}
		if (queue_delayed_work(wq, &a.dwork, AN_HOUR))
			check(WAITING(cancel_delayed_work_sync(&a.dwork)));
		WAITING(cancel_delayed_work_sync(&a.dwork));
	}
}

static struct tally fired = TALLY_INITIALIZER;

static void fire(struct timer_list *timer)
{
	(void)timer;
	tally_add(&fired);
}

static void use_timers(void)
{
	for (int n = 0; n < allowed_cpus(); n++) {
		struct timer_list timer;
		int before = tally_get(&fired);

		timer_setup(&timer, fire, 0);
		timer.expires = wq_jiffies() + AN_HOUR;
		errno = 0;
		add_timer_on(&timer, allowed_cpu(n));
		if (!timer_pending(&timer)) {
			check_documented(errno);
			continue;
		}
		check_eq(mod_timer(&timer, wq_jiffies()), 1);
		tally_await(&fired, before + 1);
		WAITING(del_timer_sync(&timer));
	}
}

static int each;

static void count_each(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&each, 1, __ATOMIC_SEQ_CST);
}

static void use_the_global_queue(void)
{
	static struct execute_work ew;
	struct item a;
	int result;

	item_init(&a, NULL, item_count);
	errno = 0;
	if (schedule_work(&a.work)) {
		WAITING((flush_scheduled_work(), 0));
		check_eq(item_runs(&a), 1);
	} else {
		check_documented(errno);
		check(!work_pending(&a.work));
	}
	each = 0;
	result = WAITING(schedule_on_each_cpu(count_each));
	check_eq(each, result == 0 ? allowed_cpus() : 0);
	if (result)
		check_documented(-result);
	wq_interrupt_enter();
	result = execute_in_process_context(count_each, &ew);
	wq_interrupt_exit();
	if (result != 1)
		check_documented(-result);
	WAITING((flush_scheduled_work(), 0));
}

static void destroy_with_work(struct workqueue_struct *wq)
{
	struct delayed_item armed;
	struct item pending[40];

	delayed_init(&armed, wq, delayed_count);
	queue_delayed_work(wq, &armed.dwork, AN_HOUR);
	for (int i = 0; i < 40; i++) {
		item_init(&pending[i], wq, item_count);
		check(queue_work(wq, &pending[i].work));
	}
	WAITING((destroy_workqueue(wq), 0));
	for (int i = 0; i < 40; i++)
		check_eq(item_runs(&pending[i]), 1);
	check(!delayed_work_pending(&armed.dwork));
}

static void use_everything(void)
{
	for (int form = 0; form < 3; form++) {
		struct workqueue_struct *wq = create(form);

		if (!wq)
			continue;
		use_queue(wq);
		use_delayed_work(wq);
		freeze_workqueues_begin();
		while (freeze_workqueues_busy())
			sched_yield();
		thaw_workqueues();
		destroy_with_work(wq);
	}
	use_timers();
	use_the_global_queue();
}

static void look_at_cpus(void)
{
	int result = WAITING(wq_cpu_rescan());

	if (result < 0)
		check_documented(-result);
}

/* Only where threads or memory are short a call fails; all else is done without. */
static bool may_be_seen(int kind, int error)
{
	return (kind == FAULT_THREAD || kind == FAULT_MMAP || kind == FAULT_MALLOC) &&
	       (error == EAGAIN || error == ENOMEM);
}

/* ---- One run with one fault ---------------------------------------------------------- */

static void scenario(void)
{
	const char *text = getenv("FAULT");
	int kind, n, error, met;

	if (!text || sscanf(text, "%d %d %d", &kind, &n, &error) != 3)
		return;
	injected = may_be_seen(kind, error) ? error : 0;
	fault_arm((enum fault_kind)kind, n, error);
	if (getenv("CPUS_FIRST"))
		look_at_cpus();
	use_everything();
	met = fault_count((enum fault_kind)kind);
	injected = 0;
	fault_arm((enum fault_kind)kind, 0, 0);
	use_everything();
	check_eq(reported("BUG: workqueue"), 0);
	allow_report("");
	if (met < n)
		printf("beyond the %d calls there are\n", met);
}

/* ---- All faults ---------------------------------------------------------------------- */

static int runs, hits;

/* Fails each call of a kind in turn, until there are no more. */
static void fail_each(const char *name, enum fault_kind kind, int error)
{
	char fault[64], out[8192];
	int n = 0;

	do {
		snprintf(fault, sizeof(fault), "%d %d %d", (int)kind, ++n, error);
		setenv("FAULT", fault, 1);
		runs++;
		if (!check_eq(run_child("scenario", out, sizeof(out)), 0)) {
			printf("  %s, call %d failing with %s:\n%s", name, n, strerror(error), out);
			return;
		}
	} while (!strstr(out, "beyond") && n < MAX_N);
	hits += n - 1;
	printf("  %s, %s: each of %d calls failed once\n", name, strerror(error), n - 1);
	within(TEST_SECONDS, name);
}

static void every_call_that_starts_a_thread_may_fail(void)
{
	fail_each("pthread_create", FAULT_THREAD, EAGAIN);
	fail_each("pthread_create", FAULT_THREAD, EINVAL);
	fail_each("pthread_create", FAULT_THREAD, EPERM);
	fail_each("pthread_create", FAULT_THREAD, ENOSYS);
}

static void every_call_that_takes_memory_may_fail(void)
{
	fail_each("mmap", FAULT_MMAP, ENOMEM);
	fail_each("malloc", FAULT_MALLOC, ENOMEM);
}

/* Other tests make a queue first, so that is where they have no memory for the engine's tables. */
static void the_first_call_may_be_about_cpus(void)
{
	setenv("CPUS_FIRST", "1", 1);
	fail_each("malloc before CPUs are looked at", FAULT_MALLOC, ENOMEM);
	unsetenv("CPUS_FIRST");
}

static void without_memory_for_its_checks_it_goes_on(void)
{
	setenv("WQ_DEBUG", "1", 1);
	fail_each("mmap with WQ_DEBUG=1", FAULT_MMAP, ENOMEM);
	unsetenv("WQ_DEBUG");
}

static void every_call_that_opens_a_descriptor_may_fail(void)
{
	fail_each("timerfd_create", FAULT_TIMERFD, EMFILE);
	fail_each("eventfd, socket", FAULT_EVENTFD, EMFILE);
}

static void every_call_that_places_a_thread_may_fail(void)
{
	fail_each("set affinity", FAULT_AFFINITY, EINVAL);
	fail_each("set affinity", FAULT_AFFINITY, EPERM);
	fail_each("set affinity", FAULT_AFFINITY, ENOSYS);
	fail_each("setpriority", FAULT_PRIORITY, EPERM);
}

static void faults_were_met(void)
{
	printf("  %d runs, %d faults met\n", runs, hits);
	check(hits > 20);
}

TEST_MAIN(TEST(every_call_that_starts_a_thread_may_fail),
	  TEST(every_call_that_takes_memory_may_fail), TEST(the_first_call_may_be_about_cpus),
	  TEST(without_memory_for_its_checks_it_goes_on),
	  TEST(every_call_that_opens_a_descriptor_may_fail),
	  TEST(every_call_that_places_a_thread_may_fail), TEST(faults_were_met), CHILD(scenario))
