/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header serves C++: initialisers, macros and calls compile and link, and a
 * C++ object with a work item in it is queued, run, flushed and cancelled.
 */
#include "test.h"

#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <atomic>
#include <memory>
#include <type_traits>

namespace {

struct Counter {
	std::atomic<int> runs{0};
	work_struct work;

	Counter() { INIT_WORK(&work, run); }

	static void run(work_struct *w) { container_of(w, Counter, work)->runs++; }
};

DECLARE_WORK(static_work, Counter::run);

static_assert(std::is_standard_layout<work_struct>::value, "C layout");
static_assert(std::is_trivial<work_struct>::value, "may lie in any storage");
static_assert(sizeof(execute_work) == sizeof(work_struct), "nothing but the item");

void an_object_runs_on_a_queue()
{
	workqueue_struct *wq = create_singlethread_workqueue("cxx");
	auto counter = std::make_unique<Counter>();

	if (!check(wq))
		return;
	check(queue_work(wq, &counter->work));
	flush_workqueue(wq);
	check_eq(counter->runs.load(), 1);
	check(!work_pending(&counter->work));
	check(!cancel_work_sync(&counter->work));
	destroy_workqueue(wq);
}

void initialisers_give_an_idle_item()
{
	check_eq(*work_data_bits(&static_work), WORK_DATA_INIT());
	check(static_work.entry.next == &static_work.entry);
	check(static_work.func == Counter::run);
	PREPARE_WORK(&static_work, nullptr);
	check(static_work.func == nullptr);
	work_clear_pending(&static_work);
	check(!work_pending(&static_work));
}

/* The create functions are macros with a static variable for each call site. */
workqueue_struct *before_main = create_singlethread_workqueue("global");

struct Owner {
	workqueue_struct *wq = create_workqueue("member");
};

template <typename T> workqueue_struct *from_a_template(T)
{
	return create_freezable_workqueue("template");
}

inline workqueue_struct *from_inline(const char *name = "inline")
{
	return create_freezeable_workqueue(name);
}

void a_queue_is_created_wherever_a_call_may_stand()
{
	workqueue_struct *(*pointer)(const char *) = create_workqueue;
	workqueue_struct *queues[] = {
		before_main,
		Owner().wq,
		from_a_template(1),
		from_a_template("text"),
		from_inline(),
		pointer("pointer"),
		(create_workqueue)("function"),
		::create_workqueue("qualified"),
		[] { return __create_workqueue("lambda", 1, 0); }(),
	};

	for (workqueue_struct *wq : queues) {
		check(wq);
		destroy_workqueue(wq);
	}
	check(!create_workqueue(NULL));
	check(!create_workqueue(nullptr));
}

DECLARE_WAIT_QUEUE_HEAD(queue);

int wait_to_be_stopped(void *data)
{
	wait_event(queue, kthread_should_stop());
	return *static_cast<int *>(data) + (wq_current()->kthread ? 0 : 1);
}

void a_thread_runs_and_is_stopped()
{
	int answer = 42, cpu, online = 0;
	task_struct *k = kthread_create(wait_to_be_stopped, &answer, "cxx/%d", 1);

	if (!check(!IS_ERR(k)))
		return;
	wake_up_process(k);
	while (!waitqueue_active(&queue))
		sched_yield();
	check_eq(WAITING(kthread_stop(k)), 42);
	for_each_online_cpu (cpu)
		online++;
	check_eq(online, num_online_cpus());
}

} // namespace

TEST_MAIN(TEST(an_object_runs_on_a_queue), TEST(initialisers_give_an_idle_item),
	  TEST(a_queue_is_created_wherever_a_call_may_stand), TEST(a_thread_runs_and_is_stopped))
