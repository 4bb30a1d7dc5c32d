/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "No call is a cancellation point." A thread whose cancellation is pending makes the
 * process's first call, waits until the wait is reported as stalled, and takes CPUs: each
 * call returns, with its locks and lists as they should be, and then the thread ends.
 */
#include "child.h"
#include "items.h"

#include <linux/cpu.h>
#include <linux/notifier.h>

enum { STALL_MS = 20 };

static struct workqueue_struct *wq;
static struct item plugged;
static int returned;

/* What the thread does with its cancellation pending. */
typedef void (*call_fn)(void);

static void *call_while_cancelled(void *call)
{
	int former;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &former);
	pthread_cancel(pthread_self());
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &former);
	(*(call_fn *)call)();
	__atomic_store_n(&returned, 1, __ATOMIC_SEQ_CST);
	pthread_testcancel();
	return NULL;
}

static pthread_t start_cancelled(call_fn *call)
{
	returned = 0;
	return start_thread(call_while_cancelled, call);
}

static void check_ended(pthread_t thread)
{
	void *result = NULL;

	WAITING(pthread_join(thread, &result));
	check(result == PTHREAD_CANCELED);
	check_eq(returned, 1);
}

static void make_a_queue(void)
{
	wq = create_workqueue("first");
}

static void flush(void)
{
	flush_workqueue(wq);
}

static void cancel(void)
{
	cancel_work_sync(&plugged.work);
}

static void destroy(void)
{
	destroy_workqueue(wq);
}

static void rescan(void)
{
	wq_cpu_rescan();
}

static void make_a_queue_first(void)
{
	call_fn call = make_a_queue;

	check_ended(start_cancelled(&call));
	check(wq != NULL);
	destroy_workqueue(wq);
	wq = create_workqueue("second");
	check(wq != NULL);
	destroy_workqueue(wq);
}

static void it_may_make_the_processs_first_call(void)
{
	passes_in_a_child("make_a_queue_first");
}

static struct gate told;

static void on_report(int level, const char *text, void *ctx)
{
	(void)level;
	(void)text;
	(void)ctx;
	gate_stand(&told);
	pthread_testcancel(); /* the program's function may have cancellation points */
}

static void check_stalled(call_fn call)
{
	pthread_t thread;

	gate_init(&told);
	wq = create_singlethread_workqueue("stall");
	plug(wq, &plugged);
	thread = start_cancelled(&call);
	gate_wait_reached(&told, 1);
	gate_open(&told);
	check_eq(returned, 0);
	gate_open(&plugged.gate);
	check_ended(thread);
	check_eq(item_done(&plugged), 1);
	if (call != destroy)
		destroy_workqueue(wq);
}

static void a_reported_wait_goes_on(void)
{
	unsigned int usual = 30000;

	wq_set_stall_timeout_ms(STALL_MS);
	wq_set_log_handler(on_report, NULL);
	check_stalled(flush);
	check_stalled(cancel);
	check_stalled(destroy);
	wq_set_log_handler(NULL, NULL);
	wq_set_stall_timeout_ms(usual);
}

/* The default handler writes: standard error is a pipe meanwhile, to see when it has. */
static void so_it_does_when_the_report_is_written(void)
{
	static const call_fn calls[] = { flush, cancel, destroy };
	int saved = dup(2), ends[2];

	wq_set_log_handler(NULL, NULL);
	wq_set_stall_timeout_ms(STALL_MS);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		call_fn call = calls[i];
		pthread_t thread;
		char byte;

		wq = create_singlethread_workqueue("stall");
		plug(wq, &plugged);
		check_eq(pipe(ends), 0);
		dup2(ends[1], 2);
		thread = start_cancelled(&call);
		WAITING(check_eq(read(ends[0], &byte, 1), 1));
		dup2(saved, 2);
		gate_open(&plugged.gate);
		check_ended(thread);
		close(ends[0]);
		close(ends[1]);
		if (call != destroy)
			destroy_workqueue(wq);
	}
	close(saved);
	wq_set_stall_timeout_ms(30000);
}

static int on_cpu(struct notifier_block *block, unsigned long action, void *cpu)
{
	(void)block;
	(void)action;
	(void)cpu;
	pthread_testcancel();
	return NOTIFY_OK;
}

static void down_and_up(void)
{
	wq_cpu_down(1);
	wq_cpu_up(1);
}

static void it_may_take_cpus(void)
{
	static struct notifier_block block = { .notifier_call = on_cpu };
	call_fn call = rescan, other = down_and_up;

	wq = create_workqueue("cpus");
	check_eq(register_cpu_notifier(&block), 0);
	check_ended(start_cancelled(&call));
	check_ended(start_cancelled(&other));
	unregister_cpu_notifier(&block);
	check(wq_cpu_rescan() >= 0);
	destroy_workqueue(wq);
}

TEST_MAIN(TEST(it_may_make_the_processs_first_call), TEST(a_reported_wait_goes_on),
	  TEST(so_it_does_when_the_report_is_written), TEST(it_may_take_cpus), CHILD(make_a_queue_first))
