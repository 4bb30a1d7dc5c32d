/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small driver in the kernel's idiom, for kernel_module.c: a thread takes samples
 * from a list, work items convert them, readers wait for results, a delayed work beats.
 */
#include <linux/cpu.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct sample {
	struct list_head link;
	struct work_struct work;
	int value;
};

struct sampler {
	spinlock_t lock; /* fed */
	struct list_head fed;
	wait_queue_head_t feed_wait;
	struct mutex results_lock; /* results */
	struct list_head results;
	wait_queue_head_t results_wait;
	struct workqueue_struct *wq;
	struct task_struct *thread;
	struct delayed_work beat;
	atomic_t beats;
	atomic_t cpus;
};

static struct sampler sampler;

static void sampler_convert(struct work_struct *work)
{
	struct sample *sample = container_of(work, struct sample, work);

	sample->value += 1000;
	mutex_lock(&sampler.results_lock);
	list_add_tail(&sample->link, &sampler.results);
	mutex_unlock(&sampler.results_lock);
	wake_up_interruptible(&sampler.results_wait);
}

static struct sample *sampler_take(void)
{
	struct sample *sample = NULL;
	unsigned long flags;

	spin_lock_irqsave(&sampler.lock, flags);
	if (!list_empty(&sampler.fed)) {
		sample = list_first_entry(&sampler.fed, struct sample, link);
		list_del(&sample->link);
	}
	spin_unlock_irqrestore(&sampler.lock, flags);
	return sample;
}

static bool sampler_has_input(void)
{
	bool any;

	spin_lock(&sampler.lock);
	any = !list_empty(&sampler.fed);
	spin_unlock(&sampler.lock);
	return any;
}

static int sampler_thread(void *data)
{
	struct workqueue_struct *wq = data;
	struct sample *sample;

	while (!kthread_should_stop()) {
		wait_event_interruptible(sampler.feed_wait,
					 sampler_has_input() || kthread_should_stop());
		while ((sample = sampler_take()) != NULL) {
			INIT_WORK(&sample->work, sampler_convert);
			queue_work(wq, &sample->work);
		}
	}
	return 0;
}

static void sampler_beat(struct work_struct *work)
{
	struct sampler *s = container_of(to_delayed_work(work), struct sampler, beat);

	atomic_inc(&s->beats);
	queue_delayed_work(s->wq, &s->beat, msecs_to_jiffies(2));
}

static int sampler_feed(int value)
{
	struct sample *sample = kzalloc(sizeof(*sample), GFP_KERNEL);

	if (!sample)
		return -ENOMEM;
	sample->value = value;
	spin_lock(&sampler.lock);
	list_add_tail(&sample->link, &sampler.fed);
	spin_unlock(&sampler.lock);
	wake_up(&sampler.feed_wait);
	return 0;
}

static struct sample *sampler_result(void)
{
	struct sample *sample = NULL;

	mutex_lock(&sampler.results_lock);
	if (!list_empty(&sampler.results)) {
		sample = list_first_entry(&sampler.results, struct sample, link);
		list_del(&sample->link);
	}
	mutex_unlock(&sampler.results_lock);
	return sample;
}

static int sampler_read(void)
{
	struct sample *sample;
	int value;

	if (wait_event_interruptible(sampler.results_wait, (sample = sampler_result()) != NULL))
		return -ERESTARTSYS;
	value = sample->value;
	kfree(sample);
	return value;
}

static int sampler_beats(void)
{
	return atomic_read(&sampler.beats);
}

static int sampler_cpus(void)
{
	return atomic_read(&sampler.cpus);
}

static bool sampler_is_up(void)
{
	return sampler.thread != NULL;
}

static int sampler_cpu_callback(struct notifier_block *nb, unsigned long action, void *hcpu)
{
	(void)nb;
	(void)hcpu;
	switch (action & ~CPU_TASKS_FROZEN) {
	case CPU_ONLINE:
		atomic_inc(&sampler.cpus);
		break;
	case CPU_DEAD:
		atomic_dec(&sampler.cpus);
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block sampler_cpu_notifier = {
	.notifier_call = sampler_cpu_callback,
};

static int __init sampler_init(void)
{
	int err;

	spin_lock_init(&sampler.lock);
	mutex_init(&sampler.results_lock);
	INIT_LIST_HEAD(&sampler.fed);
	INIT_LIST_HEAD(&sampler.results);
	init_waitqueue_head(&sampler.feed_wait);
	init_waitqueue_head(&sampler.results_wait);
	INIT_DELAYED_WORK(&sampler.beat, sampler_beat);

	sampler.wq = create_singlethread_workqueue("sampler");
	if (!sampler.wq)
		return -ENOMEM;

	sampler.thread = kthread_create(sampler_thread, sampler.wq, "ksampler/%d", 0);
	if (IS_ERR(sampler.thread)) {
		err = PTR_ERR(sampler.thread);
		goto out_queue;
	}
	register_hotcpu_notifier(&sampler_cpu_notifier);
	get_online_cpus();
	atomic_set(&sampler.cpus, num_online_cpus());
	put_online_cpus();
	wake_up_process(sampler.thread);
	queue_delayed_work(sampler.wq, &sampler.beat, HZ / 500);
	pr_debug("sampler: up\n");
	return 0;

out_queue:
	destroy_workqueue(sampler.wq);
	return err;
}

static void __exit sampler_exit(void)
{
	struct sample *sample, *next;

	unregister_hotcpu_notifier(&sampler_cpu_notifier);
	kthread_stop(sampler.thread);
	cancel_rearming_delayed_workqueue(sampler.wq, &sampler.beat);
	destroy_workqueue(sampler.wq);
	list_splice_init(&sampler.fed, &sampler.results);
	list_for_each_entry_safe(sample, next, &sampler.results, link) {
		list_del(&sample->link);
		kfree(sample);
	}
}

module_init(sampler_init);
module_exit(sampler_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("samples, converts, beats");
