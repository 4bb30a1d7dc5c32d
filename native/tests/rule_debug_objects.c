/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "WQ_DEBUG=1 changes nothing for a program without faults": items queued, cancelled,
 * flushed, delayed, requeued and reused at random are never reported, in the child of
 * a fork neither; any number of them is kept track of, and without memory for more the
 * check says so and stands aside.
 */
#include "items.h"
#include "support/debug.h"
#include "support/delayed.h"

#include <sys/resource.h>

enum { ITEMS = 64, MANY_ITEMS = 50000, OVERFULL = 200000 };

static struct delayed_item delayed[ITEMS];

static void *churn(void *arg)
{
	struct workqueue_struct *wq = (struct workqueue_struct *)arg;
	uint64_t seed = test_state.seed ^ (uint64_t)(uintptr_t)&seed;

	for (int i = 0; i < (test_slow() ? 500 : 20000); i++) {
		struct delayed_item *d = &delayed[test_random(&seed) % ITEMS];

		switch (test_random(&seed) % 6) {
		case 0:
		case 1:
			queue_work(wq, &d->dwork.work);
			break;
		case 2:
			queue_delayed_work(wq, &d->dwork, test_random(&seed) % 3);
			break;
		case 3:
			cancel_delayed_work_sync(&d->dwork);
			break;
		case 4:
			cancel_delayed_work(&d->dwork);
			break;
		default:
			schedule_work(&d->dwork.work);
		}
	}
	return NULL;
}

static void nothing_is_reported_of_items_that_are_used_well(void)
{
	struct workqueue_struct *wq = create_workqueue("fine");
	pthread_t threads[2];

	for (int i = 0; i < ITEMS; i++)
		delayed_init(&delayed[i], wq, i % 2 ? delayed_count : delayed_rearm);
	for (int i = 0; i < 2; i++)
		threads[i] = start_thread(churn, wq);
	for (int i = 0; i < 2; i++)
		WAITING(pthread_join(threads[i], NULL));
	for (int i = 0; i < ITEMS; i++) {
		WAITING(cancel_delayed_work_sync(&delayed[i].dwork));
		INIT_DELAYED_WORK(&delayed[i].dwork, delayed_count);
		check(queue_delayed_work(wq, &delayed[i].dwork, 0));
	}
	WAITING((destroy_workqueue(wq), 0));
	WAITING((flush_scheduled_work(), 0));
}

static void a_child_starts_with_nothing_pending(void)
{
	struct workqueue_struct *wq = create_singlethread_workqueue("fine");
	struct item busy, a;
	int status = -1;
	pid_t pid;

	plug(wq, &busy);
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	pid = fork();
	if (pid == 0) {
		struct workqueue_struct *mine = create_singlethread_workqueue("child");

		alarm(20);
		item_init(&a, mine, item_count); /* as the header says, before it is queued here */
		queue_work(mine, &a.work);
		destroy_workqueue(mine);
		_exit(item_runs(&a) == 1 ? 0 : 1);
	}
	WAITING(waitpid(pid, &status, 0));
	check_eq(status, 0);
	gate_open(&busy.gate);
	WAITING((destroy_workqueue(wq), 0));
	check_eq(item_runs(&a), 1);
}

static int many_ran;

static void count_many(struct work_struct *work)
{
	(void)work;
	many_ran++;
}

/* How many bytes of address space the process has, by the kernel's word. */
static rlim_t address_space(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fscanf(f, "%lu", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void any_number_of_items_is_kept_track_of(void)
{
	struct work_struct *works = (struct work_struct *)calloc(MANY_ITEMS, sizeof(*works));
	struct workqueue_struct *wq = create_singlethread_workqueue("many");
	struct item busy;
	int queued = 0;

	many_ran = 0;
	plug(wq, &busy);
	for (int i = 0; i < MANY_ITEMS; i++) {
		INIT_WORK(&works[i], count_many);
		queued += queue_work(wq, &works[i]);
	}
	check_eq(queued, MANY_ITEMS);
	gate_open(&busy.gate);
	WAITING((destroy_workqueue(wq), 0));
	check_eq(many_ran, MANY_ITEMS);
	free(works);
}

static void without_memory_for_more_it_says_so_and_stands_aside(void)
{
	struct rlimit former, now;
	struct work_struct *works = (struct work_struct *)calloc(OVERFULL, sizeof(*works));
	struct workqueue_struct *wq = create_singlethread_workqueue("many");
	struct item busy;
	int queued = 0;

	many_ran = 0;
	plug(wq, &busy);
	check(getrlimit(RLIMIT_AS, &former) == 0);
	now = former;
	now.rlim_cur = address_space();
	check(setrlimit(RLIMIT_AS, &now) == 0);
	for (int i = 0; i < OVERFULL; i++) {
		INIT_WORK(&works[i], count_many);
		queued += queue_work(wq, &works[i]);
	}
	check(setrlimit(RLIMIT_AS, &former) == 0);
	check_eq(queued, OVERFULL);
	check_eq(expect_report("ODEBUG disabled"), 1);
	gate_open(&busy.gate);
	WAITING((flush_workqueue(wq), 0));
	check_eq(many_ran, OVERFULL);
	destroy_workqueue(wq);
	free(works);
}

TEST_MAIN(TEST(nothing_is_reported_of_items_that_are_used_well),
	  TEST(a_child_starts_with_nothing_pending),
	  TEST(any_number_of_items_is_kept_track_of), TEST(without_memory_for_more_it_says_so_and_stands_aside))
