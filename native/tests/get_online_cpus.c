/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Until the same thread's put_online_cpus() no CPU comes online or goes offline ...
 * Queues may be created and destroyed." One thread holds the CPUs, another wants one.
 */
#include "items.h"
#include "support/aim.h"

#include <linux/cpu.h>
#include <linux/workqueue.h>

#include <sys/wait.h>

static int second;

static bool two_cpus(void)
{
	if (!need_two_cpus())
		return false;
	second = allowed_cpu(1);
	return check(wq_cpu_online(second));
}

static void call_down(struct call *c)
{
	c->result = WAITING(wq_cpu_down(second)) == 0;
}

static void a_cpu_stays_until_the_last_put(void)
{
	struct call down;

	if (!two_cpus())
		return;
	get_online_cpus();
	get_online_cpus();
	call_start(&down, call_down, NULL);
	check(call_sleeps(&down));
	get_online_cpus(); /* also while somebody waits for us */
	put_online_cpus();
	put_online_cpus();
	check(call_sleeps(&down));
	check(wq_cpu_online(second));
	check_eq(num_online_cpus(), allowed_cpus());
	put_online_cpus();
	check(call_join(&down));
	check(!wq_cpu_online(second));
	check_eq(num_online_cpus(), allowed_cpus() - 1);
	check_eq(WAITING(wq_cpu_up(second)), 0);
}

static void queues_may_be_made_and_used_meanwhile(void)
{
	struct workqueue_struct *wq;
	struct call down;
	struct item item;

	if (!two_cpus())
		return;
	get_online_cpus();
	call_start(&down, call_down, NULL);
	check(call_sleeps(&down));
	wq = WAITING(create_workqueue("used"));
	item_init(&item, wq, item_count);
	check(queue_on(second, wq, &item.work));
	WAITING(flush_workqueue(wq));
	check_eq(item.cpu, second);
	WAITING(destroy_workqueue(wq));
	put_online_cpus();
	check(call_join(&down));
	check_eq(WAITING(wq_cpu_up(second)), 0);
}

static void who_holds_them_may_not_take_one(void)
{
	get_online_cpus();
	check_eq(wq_cpu_rescan(), -EDEADLK);
	check_eq(wq_cpu_down(0), -EDEADLK);
	check_eq(wq_cpu_up(0), -EDEADLK);
	put_online_cpus();
	check(WAITING(wq_cpu_rescan()) >= 0);
}

static void a_put_too_many_is_reported(void)
{
	put_online_cpus();
	expect_report("put_online_cpus() without get_online_cpus()");
	check(WAITING(wq_cpu_rescan()) >= 0);
}

/* An item that the CPU's going waits for. */
static void hold_cpus(struct work_struct *work)
{
	item_started(item_of(work));
	gate_wait(&item_of(work)->gate);
	WAITING((get_online_cpus(), 0));
	put_online_cpus();
	item_finished(item_of(work));
}

static void an_item_of_a_cpu_that_goes_may_hold_them(void)
{
	struct workqueue_struct *wq;
	struct call down;
	struct item item;

	if (!two_cpus())
		return;
	wq = create_workqueue("used");
	item_init(&item, wq, hold_cpus);
	check(queue_on(second, wq, &item.work));
	gate_wait_reached(&item.gate, 1);
	call_start(&down, call_down, NULL);
	check(call_sleeps(&down));
	check(!wq_cpu_online(second));
	gate_open(&item.gate);
	check(call_join(&down));
	check_eq(item_done(&item), 1);
	destroy_workqueue(wq);
	check_eq(WAITING(wq_cpu_up(second)), 0);
}

/* ---- Many holders against many changes ----------------------------------------------------- */

static int changing = 1, wrong, holds;

static int note_change(struct notifier_block *nb, unsigned long code, void *hcpu)
{
	(void)nb;
	(void)hcpu;
	if (code == CPU_DYING)
		flag_set(&changing, flag_get(&changing) + 1);
	return NOTIFY_OK;
}

static void *holder(void *stop)
{
	while (!flag_get((int *)stop)) {
		int n, changes;

		get_online_cpus();
		n = num_online_cpus();
		changes = flag_get(&changing);
		for (volatile int i = 0; i < 20000; i++)
			;
		if (n != num_online_cpus() || changes != flag_get(&changing))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&holds, 1, __ATOMIC_SEQ_CST);
		put_online_cpus();
		sched_yield(); /* a change waits until nobody holds */
	}
	return NULL;
}

static void nothing_changes_under_any_holder(void)
{
	static struct notifier_block nb;
	pthread_t threads[2];
	int stop = 0, rounds = 0;

	if (!two_cpus())
		return;
	nb.notifier_call = note_change;
	check_eq(register_cpu_notifier(&nb), 0);
	for (int i = 0; i < 2; i++)
		threads[i] = start_thread(holder, &stop);
	for (; race_goes_on(rounds, 300) || (flag_get(&holds) < race_rounds(3000) && !test_is_late()); rounds++) {
		check_eq(WAITING(wq_cpu_down(second)), 0);
		check_eq(WAITING(wq_cpu_up(second)), 0);
	}
	flag_set(&stop, 1);
	for (int i = 0; i < 2; i++)
		join_thread(threads[i]);
	check_eq(wrong, 0);
	check_eq(changing, 1 + rounds);
	check_eq(unregister_cpu_notifier(&nb), 0);
}

/* ---- Fork ------------------------------------------------------------------------------- */

/* Run in a child: the parent's other holders and its transition are not the child's. */
static bool cpus_come_and_go(void)
{
	bool held = wq_cpu_rescan() == -EDEADLK;

	put_online_cpus();
	return held && wq_cpu_down(second) == 0 && wq_cpu_up(second) == 0;
}

static void a_forked_child_has_its_own_hold_only(void)
{
	int status = -1, stop = 0;
	pthread_t other;
	pid_t pid;

	if (!two_cpus())
		return;
	other = start_thread(holder, &stop);
	for (int i = 0; i < 20; i++) {
		get_online_cpus();
		pid = fork();
		if (pid == 0) {
			alarm(20); /* a hang ends the child by SIGALRM */
			_exit(cpus_come_and_go() ? 0 : 1);
		}
		put_online_cpus();
		WAITING(waitpid(pid, &status, 0));
		check_eq(status, 0);
	}
	flag_set(&stop, 1);
	join_thread(other);
}

/* ---- linux/cpumask.h --------------------------------------------------------------------- */

static void the_ways_to_go_through_cpus_agree(void)
{
	unsigned int cpu, n = 0;
	int last = -1;

	for_each_online_cpu (cpu) {
		check(cpu_online(cpu) && cpu_possible(cpu) && (int)cpu > last);
		last = (int)cpu;
		n++;
	}
	check_eq(n, num_online_cpus());
	check_eq(n, allowed_cpus());
	n = 0;
	for_each_possible_cpu (cpu)
		n++;
	check_eq(n, num_possible_cpus());
	check_eq(n, nr_cpu_ids);
	check(!cpu_possible(-1) && !cpu_possible(nr_cpu_ids) && !cpu_online(nr_cpu_ids));
}

TEST_MAIN(TEST(a_cpu_stays_until_the_last_put), TEST(queues_may_be_made_and_used_meanwhile),
	  TEST(who_holds_them_may_not_take_one), TEST(a_put_too_many_is_reported),
	  TEST(an_item_of_a_cpu_that_goes_may_hold_them), TEST(nothing_changes_under_any_holder),
	  TEST(a_forked_child_has_its_own_hold_only), TEST(the_ways_to_go_through_cpus_agree))
