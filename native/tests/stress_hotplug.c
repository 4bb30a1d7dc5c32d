/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs are taken from the process and given back at random, by request and by binding
 * all of its threads, while four threads queue, flush, cancel and delay, and create and
 * destroy queues. Every accepted queueing runs once or is cancelled once, and no thread
 * is left over. Ten seconds, or WQ_SECONDS.
 */
#include "items.h"
#include "support/process_cpus.h"

enum { NR_THREADS = 4, NR_QUEUES = 3, NR_ITEMS = 32 };

struct booked {
	struct delayed_work dwork;
	struct workqueue_struct *home;
	int accepted, ran, cancelled;
} __attribute__((aligned(64)));

static struct workqueue_struct *queues[NR_QUEUES]; /* the last has a single worker */
static struct booked items[NR_ITEMS];
static int stop;
static long changes;

static void run_item(struct work_struct *work)
{
	struct booked *b = container_of(work, struct booked, dwork.work);

	__atomic_fetch_add(&b->ran, 1, __ATOMIC_SEQ_CST);
}

/* Counted first: the run must never be ahead of the books. */
static void count_accepted(struct booked *b, bool accepted)
{
	if (!accepted)
		__atomic_fetch_sub(&b->accepted, 1, __ATOMIC_SEQ_CST);
}

static void queue_item(struct booked *b, uint64_t *random)
{
	int cpu = allowed_cpu((int)(test_random(random) % (unsigned int)allowed_cpus()));

	__atomic_fetch_add(&b->accepted, 1, __ATOMIC_SEQ_CST);
	switch (test_random(random) % 4) {
	case 0:
		pin_to_cpu(cpu);
		count_accepted(b, queue_work(b->home, &b->dwork.work));
		unpin();
		break;
	case 1:
		count_accepted(b, queue_work(b->home, &b->dwork.work));
		break;
	case 2:
		count_accepted(b, queue_delayed_work(b->home, &b->dwork, test_random(random) % 3));
		break;
	default:
		count_accepted(b, queue_delayed_work_on(cpu, b->home, &b->dwork,
							test_random(random) % 3));
		break;
	}
}

static void use_own_queue(uint64_t *random)
{
	struct workqueue_struct *wq = create_workqueue("own");
	struct booked b;

	memset(&b, 0, sizeof(b));
	b.home = wq;
	INIT_DELAYED_WORK(&b.dwork, run_item);
	for (int i = 0; i < 4; i++)
		queue_item(&b, random);
	if (WAITING(cancel_delayed_work_sync(&b.dwork)))
		b.cancelled++;
	check_eq(b.accepted, b.ran + b.cancelled);
	WAITING(destroy_workqueue(wq));
}

static void one_call(uint64_t *random)
{
	struct booked *b = &items[test_random(random) % NR_ITEMS];
	unsigned int choice = (unsigned int)(test_random(random) % 1000);

	if (choice < 800)
		queue_item(b, random);
	else if (choice < 900)
		__atomic_fetch_add(&b->cancelled, WAITING(cancel_delayed_work_sync(&b->dwork)),
				   __ATOMIC_SEQ_CST);
	else if (choice < 930)
		__atomic_fetch_add(&b->cancelled, WAITING(cancel_delayed_work(&b->dwork)),
				   __ATOMIC_SEQ_CST);
	else if (choice < 990)
		WAITING(flush_workqueue(b->home));
	else
		use_own_queue(random);
}

static void *caller(void *number)
{
	uint64_t random = test_state.seed + 1000 * (uintptr_t)number;

	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
		one_call(&random);
	return NULL;
}

static void change_cpus(uint64_t *random)
{
	int cpu = allowed_cpu((int)(test_random(random) % (unsigned int)allowed_cpus()));
	int result = 0;

	switch (test_random(random) % 6) {
	case 0:
	case 1:
		result = WAITING(wq_cpu_down(cpu));
		check(result == 0 || result == -EBUSY);
		break;
	case 2:
	case 3:
		result = WAITING(wq_cpu_up(cpu));
		check(result == 0 || result == -ENODEV);
		break;
	case 4:
		confine_process_to(test_random(random) % 2 ? cpu : -1);
		break;
	default:
		result = WAITING(wq_cpu_rescan());
		check(result >= 0);
		break;
	}
	changes++;
}

static void *changer(void *unused)
{
	uint64_t random = test_state.seed ^ 0xc0ffee;

	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		change_cpus(&random);
		jitter(&random, 20000);
	}
	return unused;
}

/* Every CPU has its timer thread from here on, so that threads can be counted. */
static void start_timers(void)
{
	struct booked b;

	memset(&b, 0, sizeof(b));
	INIT_DELAYED_WORK(&b.dwork, run_item);
	for (int i = 0; i < allowed_cpus(); i++) {
		check(queue_delayed_work_on(allowed_cpu(i), queues[0], &b.dwork, 1000));
		check(WAITING(cancel_delayed_work_sync(&b.dwork)));
	}
}

static void set_up(void)
{
	for (int i = 0; i < NR_QUEUES; i++)
		queues[i] = i + 1 < NR_QUEUES ? create_workqueue("hot")
					      : create_singlethread_workqueue("hot");
	for (int i = 0; i < NR_ITEMS; i++) {
		INIT_DELAYED_WORK(&items[i].dwork, run_item);
		items[i].home = queues[i % NR_QUEUES];
	}
	start_timers();
}

/* Delayed work may still be armed: taking it back is a cancellation like another. */
static long balance_books(void)
{
	long calls = 0;

	for (int i = 0; i < NR_ITEMS; i++) {
		items[i].cancelled += WAITING(cancel_delayed_work_sync(&items[i].dwork));
		check_eq(items[i].accepted, items[i].ran + items[i].cancelled);
		check(!delayed_work_pending(&items[i].dwork));
		calls += items[i].accepted;
	}
	return calls;
}

static void nothing_is_lost_while_cpus_come_and_go(void)
{
	const char *text = getenv("WQ_SECONDS");
	int seconds = text ? atoi(text) : 10;
	struct timespec duration = { seconds, 0 };
	pthread_t threads[NR_THREADS + 1];
	int before;
	long calls;

	if (!need_two_cpus())
		return;
	set_up();
	before = nr_threads();
	within(seconds + 60, "random calls");
	for (uintptr_t i = 0; i < NR_THREADS; i++)
		threads[i] = start_thread(caller, (void *)i);
	threads[NR_THREADS] = start_thread(changer, NULL);
	nanosleep(&duration, NULL);
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	for (int i = 0; i <= NR_THREADS; i++)
		join_thread(threads[i]);
	confine_process_to(-1);
	for (int i = 0; i < allowed_cpus(); i++)
		check_eq(WAITING(wq_cpu_up(allowed_cpu(i))), 0);
	calls = balance_books();
	check(nr_threads_becomes(before));
	for (int i = 0; i < NR_QUEUES; i++)
		WAITING(destroy_workqueue(queues[i]));
	check(nr_threads_becomes(before - (NR_QUEUES - 1) * allowed_cpus() - 1));
	printf("  %ld accepted queueings, %ld changes of CPUs\n", calls, changes);
	check(calls > 1000 && changes > 100);
}

TEST_MAIN(TEST(nothing_is_lost_while_cpus_come_and_go))
