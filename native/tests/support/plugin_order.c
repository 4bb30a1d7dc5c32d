/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plug-in with locks, a queue and an item of its own, all of them classes of
 * lockdep's. Compiled twice, into two files, it is two plug-ins of one size.
 */
#define CONFIG_LOCKDEP
#include <workqueue.h>

struct plugin_order {
	void (*nest)(int backwards);
	void (*run_item)(int takes_the_lock);
	void (*flush_under_the_lock)(void);
	void (*init_map)(struct lockdep_map *map);
	struct workqueue_struct *(*make_queue)(void);
};

static struct lock_class_key keys[3];
static struct lockdep_map inner = STATIC_LOCKDEP_MAP_INIT("inner", &keys[0]);
static struct lockdep_map outer = STATIC_LOCKDEP_MAP_INIT("outer", &keys[1]);
static int item_takes_the_lock;

static void item(struct work_struct *work)
{
	(void)work;
	if (!item_takes_the_lock)
		return;
	lock_map_acquire(&inner);
	lock_map_release(&inner);
}

static void nest(int backwards)
{
	struct lockdep_map *first = backwards ? &inner : &outer;
	struct lockdep_map *second = backwards ? &outer : &inner;

	lock_map_acquire(first);
	lock_map_acquire(second);
	lock_map_release(second);
	lock_map_release(first);
}

static struct workqueue_struct *make_queue(void)
{
	return create_singlethread_workqueue("plug-in");
}

/* The queue leads to the item, and the item to the lock if it takes it. */
static void run_item(int takes_the_lock)
{
	struct workqueue_struct *wq = make_queue();
	struct work_struct work;

	item_takes_the_lock = takes_the_lock;
	INIT_WORK(&work, item);
	queue_work(wq, &work);
	destroy_workqueue(wq);
}

static void flush_under_the_lock(void)
{
	struct workqueue_struct *wq = make_queue();

	lock_map_acquire(&inner);
	flush_workqueue(wq);
	lock_map_release(&inner);
	destroy_workqueue(wq);
}

static void init_map(struct lockdep_map *map)
{
	lockdep_init_map(map, "of the plug-in", &keys[2], 0);
}

struct plugin_order plugin_order = { nest, run_item, flush_under_the_lock, init_map, make_queue };
