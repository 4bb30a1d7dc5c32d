/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "The program's own locks take part ... those of linux/mutex.h and
 * linux/spinlock.h do so by themselves where the program is compiled with
 * CONFIG_LOCKDEP defined." Kernel locks, unchanged code, the right names.
 */
#define CONFIG_LOCKDEP
#include "support/lockdep.h"

#include <linux/mutex.h>
#include <linux/spinlock.h>

static DEFINE_MUTEX(static_mutex);
static DEFINE_SPINLOCK(static_spinlock);

WORK_FUNC(lock_static_mutex)
{
	mutex_lock(&static_mutex);
	item_finished(item_of(w));
	mutex_unlock(&static_mutex);
}

static void a_flush_under_a_mutex_that_an_item_takes_is_reported(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("mutexed");

	run_item(wq, lock_static_mutex, NULL);
	mutex_lock(&static_mutex);
	WAITING(flush_workqueue(wq));
	mutex_unlock(&static_mutex);
	check_eq(reports_with(CIRCULAR, "while holding lock \"static_mutex\"",
			      "queue \"mutexed\" -> lock_static_mutex -> lock \"static_mutex\""),
		 1);
	destroy_workqueue(wq);
}

struct node {
	struct mutex mutex;
	spinlock_t spinlock;
};

static void node_init(struct node *node)
{
	mutex_init(&node->mutex);
	spin_lock_init(&node->spinlock);
}

static void locks_of_one_init_are_one_class(void)
{
	struct node a, b;

	node_init(&a);
	node_init(&b);
	mutex_lock(&a.mutex);
	spin_lock(&a.spinlock); /* another class */
	check_eq(reported(""), 0);
	spin_unlock(&a.spinlock);
	mutex_lock(&b.mutex);
	mutex_unlock(&b.mutex);
	mutex_unlock(&a.mutex);
	check_eq(reports_with(RECURSIVE, "lock \"&node->mutex\""), 1);
	mutex_destroy(&a.mutex);
	mutex_destroy(&b.mutex);
}

static void two_orders_of_mutex_and_spinlock_are_reported(void)
{
	struct node a;

	node_init(&a);
	mutex_lock(&static_mutex);
	spin_lock(&static_spinlock);
	spin_unlock(&static_spinlock);
	mutex_unlock(&static_mutex);
	spin_lock(&static_spinlock);
	check(mutex_trylock(&static_mutex)); /* does not wait */
	mutex_unlock(&static_mutex);
	check(!mutex_is_locked(&static_mutex));
	check_eq(reported(""), 0);
	check_eq(mutex_lock_interruptible(&static_mutex), 0);
	check(!spin_trylock(&static_spinlock));
	mutex_unlock(&static_mutex);
	spin_unlock(&static_spinlock);
	check_eq(reports_with(CIRCULAR, "about to take lock \"static_mutex\"",
			      "while holding lock \"static_spinlock"),
		 1);
}

static void turn_on(void)
{
	check(wq_lockdep_enable());
}

TEST_MAIN(TEST(turn_on), TEST(a_flush_under_a_mutex_that_an_item_takes_is_reported),
	  TEST(locks_of_one_init_are_one_class),
	  TEST(two_orders_of_mutex_and_spinlock_are_reported))
