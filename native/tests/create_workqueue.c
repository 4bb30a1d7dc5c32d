/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * create_workqueue() starts one bound worker per allowed CPU at once and keeps
 * its own copy of the name. Threads are counted in /proc and asked for their CPU.
 */
#include "items.h"

static void one_worker_per_cpu_starts_at_once(void)
{
	struct workqueue_struct *wq;
	int before;

	destroy_workqueue(create_workqueue("first")); /* starts the thread that watches the CPUs, too */
	before = nr_threads();
	wq = create_workqueue("percpu");
	if (!check(wq != NULL))
		return;
	check_eq(nr_threads(), before + allowed_cpus());
	destroy_workqueue(wq);
	check(nr_threads_becomes(before));
}

static void each_worker_is_another_thread(void)
{
	struct workqueue_struct *wq = create_workqueue("percpu");
	struct item a[2];

	if (!need_two_cpus())
		return;
	for (int n = 0; n < 2; n++) {
		item_init(&a[n], wq, item_block);
		check(queue_on(allowed_cpu(n), wq, &a[n].work));
		gate_wait_reached(&a[n].gate, 1); /* both stand at their gates */
	}
	check(a[0].tid != a[1].tid);
	check(a[0].tid != (long)getpid());
	gate_open(&a[0].gate);
	gate_open(&a[1].gate);
	destroy_workqueue(wq);
}

static void the_name_is_copied(void)
{
	char name[] = "copied", comm[32] = "", path[64];
	struct workqueue_struct *wq = create_singlethread_workqueue(name);
	struct item a;
	FILE *f;

	memset(name, 'X', sizeof(name) - 1);
	plug(wq, &a);
	snprintf(path, sizeof(path), "/proc/self/task/%ld/comm", a.tid);
	f = fopen(path, "r");
	if (check(f != NULL)) {
		check(fscanf(f, "%31s", comm) == 1);
		fclose(f);
	}
	check_eq(strcmp(comm, "copied"), 0);
	gate_open(&a.gate);
	destroy_workqueue(wq);
}

static void queues_of_one_name_are_independent(void)
{
	struct workqueue_struct *wq[2] = { create_singlethread_workqueue("same"),
					   create_singlethread_workqueue("same") };
	struct item busy, a;

	check(wq[0] != wq[1]);
	plug(wq[0], &busy);
	item_init(&a, wq[1], item_count);
	check(queue_work(wq[1], &a.work));
	WAITING(flush_workqueue(wq[1]));
	check_eq(item_done(&a), 1);
	gate_open(&busy.gate);
	destroy_workqueue(wq[0]);
	destroy_workqueue(wq[1]);
}

static void the_key_form_makes_the_same_queues(void)
{
	struct workqueue_struct *wq;
	int before = nr_threads();

	for (int single = 0; single < 2; single++) {
		struct item a;

		wq = __create_workqueue_key("key", single, 0, NULL, "&lock");
		if (!check(wq != NULL))
			return;
		check_eq(nr_threads(), before + (single ? 1 : allowed_cpus()));
		item_init(&a, wq, item_count);
		check(queue_work(wq, &a.work));
		destroy_workqueue(wq);
		check_eq(item_runs(&a), 1);
		check(nr_threads_becomes(before));
	}
	wq = __create_workqueue("macro", 1, 1);
	check(wq != NULL);
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(one_worker_per_cpu_starts_at_once), TEST(each_worker_is_another_thread),
	  TEST(the_name_is_copied), TEST(queues_of_one_name_are_independent),
	  TEST(the_key_form_makes_the_same_queues))
