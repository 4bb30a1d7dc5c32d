/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * work_on_cpu() calls a function on the worker of a CPU, waits, and returns its value. It
 * may be called from items, and from such a function, of the same CPU too.
 */
#include "support/lockdep.h"

#include <errno.h>

struct question {
	int cpu;   /* where it was asked */
	long depth;
	long value;
	struct gate gate;
};

static long answer(void *arg)
{
	struct question *q = (struct question *)arg;

	q->cpu = sched_getcpu();
	return q->value;
}

static void the_function_runs_there_and_its_value_comes_back(void)
{
	struct question q;

	for (int from = 0; from < allowed_cpus(); from++)
		for (int to = 0; to < allowed_cpus(); to++) {
			pin_to_cpu(allowed_cpu(from));
			q.value = 0x123456789abcdefL - to;
			check_eq(WAITING(work_on_cpu(allowed_cpu(to), answer, &q)), q.value);
			check_eq(q.cpu, allowed_cpu(to));
			q.value = -7;
			check_eq(WAITING(work_on_cpu(allowed_cpu(to), answer, &q)), -7);
			unpin();
		}
}

static long ask_deeper(void *arg)
{
	struct question *q = (struct question *)arg;

	check_eq(sched_getcpu(), q->cpu);
	check(current_work() != NULL);
	return --q->depth == 0 ? 1 : 1 + work_on_cpu(q->cpu, ask_deeper, q);
}

static void calls_nest_on_one_cpu(void)
{
	struct question q;

	for (int n = 0; n < allowed_cpus(); n++) {
		q.cpu = allowed_cpu(n);
		q.depth = 20;
		check_eq(WAITING(work_on_cpu(q.cpu, ask_deeper, &q)), 20);
	}
}

static struct question of_item;
static long value_in_item;

static void ask_from_item(struct work_struct *work)
{
	value_in_item = WAITING(work_on_cpu(sched_getcpu(), answer, &of_item));
	item_count(work);
}

static void an_item_may_call_it_for_its_own_cpu(void)
{
	struct workqueue_struct *kinds[] = { create_workqueue("classic"), alloc_workqueue("shared", 0, 1),
					     alloc_ordered_workqueue("ordered", 0) };
	struct item a;

	for (int k = 0; k < 3; k++) {
		of_item.value = 40 + k;
		item_init(&a, kinds[k], ask_from_item);
		check(queue_work(kinds[k], &a.work));
		WAITING(flush_workqueue(kinds[k]));
		check_eq(value_in_item, 40 + k);
		destroy_workqueue(kinds[k]);
	}
	value_in_item = 0;
	of_item.value = 50;
	item_init(&a, NULL, ask_from_item);
	check(schedule_work(&a.work));
	WAITING(flush_scheduled_work());
	check_eq(value_in_item, 50);
}

static long stand(void *arg)
{
	struct question *q = (struct question *)arg;

	gate_wait(&q->gate);
	return q->value;
}

static void ask_at_once(struct call *c)
{
	c->result = WAITING(work_on_cpu(allowed_cpu(0), stand, c->arg)) == ((struct question *)c->arg)->value;
}

static void many_threads_ask_at_once(void)
{
	static struct question q;
	static struct call calls[20];

	gate_init(&q.gate);
	q.value = 99;
	for (int i = 0; i < 20; i++)
		call_start(&calls[i], ask_at_once, &q);
	gate_wait_reached(&q.gate, 20);
	gate_open(&q.gate);
	for (int i = 0; i < 20; i++)
		check(call_join(&calls[i]));
}

static void cpus_that_cannot_are_refused(void)
{
	struct question q = { 0 };
	int last = allowed_cpu(allowed_cpus() - 1);

	check_eq(work_on_cpu(-1, answer, &q), -EINVAL);
	check_eq(work_on_cpu(wq_nr_cpu_ids(), answer, &q), -EINVAL);
	check_eq(work_on_cpu(WORK_CPU_UNBOUND, answer, &q), -EINVAL);
	check_eq(work_on_cpu(allowed_cpu(0), NULL, &q), -EINVAL);
	if (allowed_cpus() < 2)
		return;
	check_eq(WAITING(wq_cpu_down(last)), 0);
	check_eq(work_on_cpu(last, answer, &q), -ENODEV);
	check_eq(WAITING(wq_cpu_up(last)), 0);
	q.value = 5;
	check_eq(WAITING(work_on_cpu(last, answer, &q)), 5);
}

long answer_slowly(void *arg);

long answer_slowly(void *arg)
{
	return stand(arg);
}

static void ask_slowly(struct call *c)
{
	c->result = WAITING(work_on_cpu(allowed_cpu(0), answer_slowly, c->arg)) == 3;
}

static bool reported_soon_(const char *const *parts)
{
	while (!match_parts(parts))
		sched_yield();
	return true;
}

static void a_long_wait_is_reported_with_the_function(void)
{
	static struct question q;
	static struct call call;

	gate_init(&q.gate);
	q.value = 3;
	wq_set_stall_timeout_ms(20);
	call_start(&call, ask_slowly, &q);
	gate_wait_reached(&q.gate, 1);
	check(WAITING(reported_soon_(
		(const char *const[]){ "stall: ", " in work_on_cpu() of answer_slowly for kworker/", NULL })));
	gate_open(&q.gate);
	check(call_join(&call));
	wq_set_stall_timeout_ms(0);
	allow_report("stall: ");
}

static void a_forked_child_may_call_it(void)
{
	struct question q = { 0 };
	int status = 0;
	pid_t pid;

	q.value = 11;
	check_eq(WAITING(work_on_cpu(allowed_cpu(0), answer, &q)), 11);
	pid = fork();
	if (pid == 0)
		_exit((int)work_on_cpu(allowed_cpu(0), answer, &q));
	WAITING(waitpid(pid, &status, 0));
	check(WIFEXITED(status));
	check_eq(WEXITSTATUS(status), 11);
}

TEST_MAIN(TEST(the_function_runs_there_and_its_value_comes_back), TEST(calls_nest_on_one_cpu),
	  TEST(an_item_may_call_it_for_its_own_cpu), TEST(many_threads_ask_at_once),
	  TEST(cpus_that_cannot_are_refused), TEST(a_long_wait_is_reported_with_the_function),
	  TEST(a_forked_child_may_call_it))
