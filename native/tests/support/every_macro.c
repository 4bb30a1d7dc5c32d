/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Uses every macro of the linux/ headers that expands to code, in the way kernel
 * code does. Compiled by abi_headers.sh in strict C and by linux_headers.c, which
 * runs it.
 */
#define pr_fmt(fmt) "every_macro: " fmt
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct thing {
	int id;
	struct list_head link;
	struct hlist_node hash;
	struct work_struct work;
};

int every_macro_started, every_macro_ended, every_macro_run(void);

static void thing_work(struct work_struct *work)
{
	container_of(work, struct thing, work)->id++;
}

static DECLARE_WORK(static_work, thing_work);
static LIST_HEAD(things);
static DEFINE_SPINLOCK(things_lock);
static DEFINE_MUTEX(things_mutex);
static DECLARE_COMPLETION(things_done);
static atomic_t users = ATOMIC_INIT(0);

static int __init every_macro_init(void)
{
	every_macro_started++;
	return 0;
}

static int __init every_macro_late(void)
{
	return every_macro_started == 1 ? 0 : -EINVAL;
}

static void __exit every_macro_exit(void)
{
	every_macro_ended++;
}

late_initcall(every_macro_late);
module_init(every_macro_init);
module_exit(every_macro_exit);
EXPORT_SYMBOL(every_macro_run);
EXPORT_SYMBOL_GPL(every_macro_run);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("uses every macro");

static int walk_lists(struct thing *array, int n)
{
	struct thing *thing, *following;
	struct list_head *pos, *next;
	struct hlist_node *node;
	HLIST_HEAD(table);
	int sum = 0;

	for (int i = 0; i < n; i++) {
		array[i].id = i;
		list_add_tail(&array[i].link, &things);
		hlist_add_head(&array[i].hash, &table);
		INIT_WORK(&array[i].work, NULL);
		PREPARE_WORK(&array[i].work, thing_work);
	}
	list_for_each (pos, &things)
		sum += list_entry(pos, struct thing, link)->id;
	list_for_each_entry (thing, &things, link)
		sum += thing->id;
	list_for_each_entry_reverse (thing, &things, link)
		sum += thing->id;
	hlist_for_each_entry (thing, &table, hash)
		sum += thing->id;
	hlist_for_each_entry_safe (thing, node, &table, hash)
		hlist_del(&thing->hash);
	BUG_ON(!hlist_empty(&table));
	list_for_each_entry_safe (thing, following, &things, link)
		if (thing->id % 2)
			list_del_init(&thing->link);
	list_for_each_safe (pos, next, &things)
		list_del(pos);
	BUG_ON(!list_empty(&things));
	return sum;
}

static int splice_lists(struct thing *array)
{
	LIST_HEAD(other);

	list_add(&array[1].link, &things);
	list_add(&array[0].link, &other);
	list_splice_init(&other, &things);
	list_add_tail(&array[2].link, &other);
	list_splice_tail_init(&other, &things);
	BUG_ON(!list_empty(&other));
	BUG_ON(list_first_entry(&things, struct thing, link) != &array[0]);
	BUG_ON(list_last_entry(&things, struct thing, link) != &array[2]);
	list_cut_position(&other, &things, &array[1].link);
	BUG_ON(!list_is_singular(&things) || !list_is_last(&array[1].link, &other));
	list_rotate_left(&other);
	BUG_ON(list_first_entry(&other, struct thing, link) != &array[1]);
	list_move_tail(&array[1].link, &things);
	return list_first_entry_or_null(&things, struct thing, link)->id;
}

static int use_locks(void)
{
	struct mutex mutex;
	spinlock_t spinlock;
	unsigned long flags;
	int value;

	mutex_init(&mutex);
	spin_lock_init(&spinlock);
	BUG_ON(mutex_is_locked(&mutex) || spin_is_locked(&spinlock));
	mutex_destroy(&mutex);
	spin_lock_irqsave(&things_lock, flags);
	value = spin_is_locked(&things_lock);
	spin_unlock_irqrestore(&things_lock, flags);
	mutex_lock(&things_mutex);
	value += !mutex_trylock(&things_mutex);
	lockdep_assert_held(&things_mutex);
	mutex_unlock(&things_mutex);
	complete(&things_done);
	wait_for_completion(&things_done);
	value += !try_wait_for_completion(&things_done);
	complete_all(&things_done);
	wait_for_completion(&things_done);
	value += completion_done(&things_done);
	reinit_completion(&things_done);
	return value + !completion_done(&things_done);
}

static int use_queues(void)
{
	struct lockdep_map map = STATIC_LOCKDEP_MAP_INIT("map", NULL);
	struct workqueue_struct *wq[] = {
		create_workqueue("a"),
		create_singlethread_workqueue("b"),
		create_freezeable_workqueue("c"),
		create_freezable_workqueue("d"),
		__create_workqueue("e", 1, 0),
	};

	for (size_t i = 0; i < ARRAY_SIZE(wq); i++) {
		BUG_ON(!wq[i]);
		destroy_workqueue(wq[i]);
	}
	lock_map_acquire(&map);
	lock_map_release(&map);
	return (int)ARRAY_SIZE(wq);
}

static int use_numbers(void)
{
	unsigned long bits[2] = { 0, 0 };
	void *failed = ERR_PTR(-ENOMEM);
	u8 small = 200;
	int a = 3, b = 5;

	BUILD_BUG_ON(sizeof(u64) != 8);
	swap(a, b);
	set_bit(65, bits);
	BUG_ON(test_and_set_bit(0, bits) || !test_and_clear_bit(65, bits) || test_bit(65, bits));
	BUG_ON(!IS_ERR(failed) || PTR_ERR(failed) != -ENOMEM || IS_ERR(bits));
	BUG_ON(atomic_inc_return(&users) != 1 || !atomic_dec_and_test(&users));
	BUG_ON(atomic_inc_not_zero(&users) || atomic_cmpxchg(&users, 0, 7) != 0);
	BUG_ON(min(a, b) != 3 || max(a, b) != 5 || clamp(9, 1, 4) != 4);
	BUG_ON(min_t(u8, small, 255) != 200 || DIV_ROUND_UP(7, 2) != 4 || ALIGN(5, 8) != 8);
	WRITE_ONCE(a, READ_ONCE(a) + 1);
	smp_mb();
	return a + (int)ARRAY_SIZE(bits) + cond_resched();
}

static int use_memory(void)
{
	char *copy = kstrdup("text", GFP_KERNEL);
	int *zero = (int *)kcalloc(4, sizeof(*zero), GFP_ATOMIC);
	bool ok = copy && zero && copy[3] == 't' && zero[3] == 0;

	zero = (int *)krealloc(zero, 64, GFP_KERNEL);
	kfree(zero);
	kfree(copy);
	return ok && !kmalloc_array((size_t)-1, 16, GFP_KERNEL | __GFP_NOWARN);
}

static DECLARE_WAIT_QUEUE_HEAD(things_queue);

static int thread_function(void *data)
{
	wake_up(&things_queue);
	wake_up_interruptible_all(&things_queue);
	wait_event(things_queue, kthread_should_stop());
	return *(int *)data + (current->pid > 0);
}

static int use_threads(void)
{
	struct task_struct *thread;
	int data = 6, value = 0;
	DEFINE_WAIT(wait);

	thread = kthread_create(thread_function, &data, "macro/%d", 1);
	if (IS_ERR(thread))
		return 0;
	kthread_bind(thread, (unsigned int)smp_processor_id());
	wake_up_process(thread);
	value += kthread_stop(thread) == -EINTR; /* or 7, if it has begun */
	thread = kthread_run(thread_function, &data, "macro");
	prepare_to_wait(&things_queue, &wait, TASK_INTERRUPTIBLE);
	value += waitqueue_active(&things_queue);
	finish_wait(&things_queue, &wait);
	wait_event_interruptible(things_queue, value > 0);
	value += wait_event_interruptible(things_queue, value > 0);
	value += (int)wait_event_timeout(things_queue, value > 100, 1);
	value += (int)wait_event_interruptible_timeout(things_queue, value > 0, 0);
	schedule();
	kthread_stop(thread);
	return value;
}

static int cpu_event(struct notifier_block *nb, unsigned long action, void *hcpu)
{
	(void)nb;
	switch (action & ~CPU_TASKS_FROZEN) {
	case CPU_UP_PREPARE:
		return (long)hcpu < nr_cpu_ids ? NOTIFY_OK : NOTIFY_BAD;
	case CPU_DEAD:
		return notifier_from_errno(0);
	}
	return NOTIFY_DONE;
}

static int use_cpus(void)
{
	static struct notifier_block block = { .notifier_call = cpu_event, .priority = 10 };
	int cpu, online = 0, possible = 0;

	BUG_ON(register_hotcpu_notifier(&block));
	hotcpu_notifier(cpu_event, -1);
	get_online_cpus();
	for_each_online_cpu (cpu)
		online += cpu_online(cpu);
	for_each_possible_cpu (cpu)
		possible += cpu_possible(cpu);
	BUG_ON(online != num_online_cpus() || possible != num_possible_cpus());
	put_online_cpus();
	unregister_hotcpu_notifier(&block);
	BUG_ON(cpu_up(1u << 20) != -EINVAL || cpu_down(1u << 20) != -EINVAL);
	return notifier_to_errno(notifier_from_errno(-EBUSY));
}

int every_macro_run(void)
{
	struct thing array[4];
	int sum = walk_lists(array, 4) + splice_lists(array);

	pr_debug("not printed\n");
	pr_info("numbers %d\n", sum);
	pr_cont("no arguments\n");
	if (WARN_ON(sum != 24 + 2) || WARN_ON_ONCE(WARN(use_locks() != 5, "locks\n")))
		return 1;
	if (in_interrupt() || work_pending(&static_work))
		return 2;
	array[0].id = 41;
	array[0].work.func(&array[0].work);
	if (array[0].id != 42)
		return 3;
	if (use_threads() < 2 || use_cpus() != -EBUSY)
		return 5;
	return use_numbers() == 8 && use_memory() && use_queues() == 5 ? 0 : 4;
}

#ifndef EVERY_MACRO_NO_MAIN
int main(void)
{
	return every_macro_run();
}
#endif
