/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program that has locked its memory, or limited it, can use queues, and they cost
 * what they are: the library asks for memory as it needs it, and never in proportion to
 * the CPUs that a machine might have.
 */
#include "child.h"
#include "items.h"
#include <linux/jiffies.h>

#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>

enum { ROOM_KB = 16 * 1024, STACK_KB = 256, QUEUE_KB = 1024, POSSIBLE = 4000 };

/* A line of /proc/self/status, in KB. */
static long status_kb(const char *field)
{
	char line[256];
	long kb = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, field, strlen(field)))
			sscanf(line + strlen(field), ": %ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

static void leave(const char *why)
{
	skip(why);
	exit(77);
}

static void limit(int what, long kb)
{
	struct rlimit bytes = { (rlim_t)kb * 1024, (rlim_t)kb * 1024 };

	if (setrlimit(what, &bytes))
		leave("the limit here is lower, and cannot be raised");
}

/* One queue, its worker and its first item: how many KB more than before? */
static long cost_of_a_queue(const char *field)
{
	long before = status_kb(field);
	struct workqueue_struct *wq = create_singlethread_workqueue("locked");
	struct item a;

	if (!check(wq != NULL))
		return -1;
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(item_runs(&a), 1);
	return status_kb(field) - before;
}

static void lock_all(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		leave("memory cannot be locked here");
}

static void queue_in_locked_memory(void)
{
	wq_set_worker_stack_size(STACK_KB * 1024);
	lock_all();
	check(cost_of_a_queue("VmRSS") <= QUEUE_KB);
}

/* The file that says how many CPUs the machine can have, in this process only. */
static void pretend_many_cpus(void)
{
	static const char real[] = "/sys/devices/system/cpu/possible";
	char fake[] = P_tmpdir "/possible-XXXXXX";
	int fd = mkstemp(fake);

	if (fd < 0 || dprintf(fd, "0-%d\n", POSSIBLE - 1) < 0 || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount(fake, real, NULL, MS_BIND, NULL)) {
		unlink(fake);
		leave("no mount namespace of one's own here");
	}
	close(fd);
	unlink(fake);
}

static void queue_where_many_cpus_are_possible(void)
{
	pretend_many_cpus();
	wq_set_worker_stack_size(STACK_KB * 1024);
	lock_all();
	check(cost_of_a_queue("VmRSS") <= QUEUE_KB);
	check_eq(wq_nr_cpu_ids(), POSSIBLE);
}

static void queue_with_little_address_space(void)
{
	wq_set_worker_stack_size(STACK_KB * 1024);
	limit(RLIMIT_AS, status_kb("VmSize") + ROOM_KB);
	check(cost_of_a_queue("VmSize") >= 0);
}

static void queue_with_little_to_lock(void)
{
	wq_set_worker_stack_size(STACK_KB * 1024);
	limit(RLIMIT_MEMLOCK, status_kb("VmSize") + ROOM_KB);
	if (geteuid() == 0)
		check(setresuid(65534, 65534, 65534) == 0); /* root has no limit */
	lock_all();
	check(cost_of_a_queue("VmLck") <= QUEUE_KB);
}

static void never_runs(struct work_struct *work)
{
	(void)work;
}

/* Every thread of the library has the stack that was asked for: 8 MB each, as a default, would be locked. */
static void timer_in_locked_memory(void)
{
	struct workqueue_struct *wq;
	struct delayed_work dwork;
	long before;

	wq_set_worker_stack_size(STACK_KB * 1024);
	lock_all();
	before = status_kb("VmLck");
	wq = create_workqueue("locked");
	INIT_DELAYED_WORK(&dwork, never_runs);
	check(queue_delayed_work(wq, &dwork, 3600 * HZ));
	check(status_kb("VmLck") - before <= QUEUE_KB + STACK_KB * (sysconf(_SC_NPROCESSORS_CONF) + 2));
	check(cancel_delayed_work(&dwork));
}

static void after_mlockall_a_queue_costs_what_it_is(void)
{
	passes_in_a_child("queue_in_locked_memory");
}

static void the_cpus_that_a_machine_might_have_cost_nothing(void)
{
	passes_in_a_child("queue_where_many_cpus_are_possible");
}

static void a_limit_of_address_space_leaves_room(void)
{
	passes_in_a_child("queue_with_little_address_space");
}

static void a_limit_of_locked_memory_leaves_room(void)
{
	passes_in_a_child("queue_with_little_to_lock");
}

static void the_stack_size_is_that_of_every_thread(void)
{
	passes_in_a_child("timer_in_locked_memory");
}

TEST_MAIN(TEST(after_mlockall_a_queue_costs_what_it_is), TEST(the_cpus_that_a_machine_might_have_cost_nothing),
	  TEST(a_limit_of_address_space_leaves_room), TEST(a_limit_of_locked_memory_leaves_room),
	  TEST(the_stack_size_is_that_of_every_thread), CHILD(queue_in_locked_memory),
	  CHILD(queue_where_many_cpus_are_possible), CHILD(queue_with_little_address_space),
	  CHILD(queue_with_little_to_lock), CHILD(timer_in_locked_memory))
