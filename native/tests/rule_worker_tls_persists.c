/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Workers keep their thread-local variables between items", and a thread-local
 * destructor runs when the worker ends. Items count in a thread-local variable.
 */
#include "items.h"

static __thread int mine;
static int seen_sum;

static void count_in_tls(struct work_struct *work)
{
	seen_sum += ++mine;
	item_count(work);
}

static void a_thread_local_counter_counts_the_items(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("tls");
	struct item a;

	seen_sum = 0;
	item_init(&a, wq, count_in_tls);
	for (int i = 0; i < 1000; i++) {
		check(queue_work(wq, &a.work));
		WAITING(flush_workqueue(wq));
	}
	check_eq(seen_sum, 1000 * 1001 / 2);
	check_eq(mine, 0); /* the caller's own is another */
	destroy_workqueue(wq);
}

static void each_cpus_worker_has_its_own(void)
{
	struct workqueue_struct *wq = create_workqueue("tls");
	struct item a;

	item_init(&a, wq, count_in_tls);
	for (int n = 0; n < allowed_cpus(); n++) {
		seen_sum = 0;
		for (int i = 0; i < 10; i++) {
			check(queue_on(allowed_cpu(n), wq, &a.work));
			WAITING(flush_workqueue(wq));
		}
		check_eq(seen_sum, 55);
	}
	destroy_workqueue(wq);
}

static pthread_key_t key;
static int destructions;

static void on_thread_end(void *value)
{
	check(value == &key);
	__atomic_fetch_add(&destructions, 1, __ATOMIC_SEQ_CST);
}

static void set_key(struct work_struct *work)
{
	check(pthread_getspecific(key) == (item_runs(item_of(work)) ? &key : NULL));
	pthread_setspecific(key, &key);
	item_count(work);
}

static void thread_specific_data_is_destroyed_when_the_worker_ends(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("tls");
	struct item a;

	pthread_key_create(&key, on_thread_end);
	item_init(&a, wq, set_key);
	for (int i = 0; i < 3; i++) {
		check(queue_work(wq, &a.work));
		WAITING(flush_workqueue(wq));
	}
	check_eq(destructions, 0);
	destroy_workqueue(wq);
	check_eq(destructions, 1);
	pthread_key_delete(key);
}

TEST_MAIN(TEST(a_thread_local_counter_counts_the_items), TEST(each_cpus_worker_has_its_own),
	  TEST(thread_specific_data_is_destroyed_when_the_worker_ends))
