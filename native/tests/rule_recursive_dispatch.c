/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Items may queue and flush other queues, to any depth, while all workers are busy
 * doing the same. Chains of items on a row of queues each queue an item on the next
 * queue and wait for it; every item must run and every wait must end.
 */
#include "test.h"
#include "support/aim.h"

#include <linux/container_of.h>

enum { DEPTH = 8, CHAINS = 4 };

struct link_ {
	struct work_struct work;
	int chain, level;
	int runs;
};

static struct workqueue_struct *queues[DEPTH];
static struct link_ links[CHAINS][DEPTH];

static void run_link(struct work_struct *work)
{
	struct link_ *self = container_of(work, struct link_, work), *next;

	__atomic_fetch_add(&self->runs, 1, __ATOMIC_SEQ_CST);
	if (self->level + 1 == DEPTH)
		return;
	next = &links[self->chain][self->level + 1];
	check(queue_work(queues[self->level + 1], &next->work));
	WAITING(flush_workqueue(queues[self->level + 1]));
	/* Seen by the one that waited, whoever else uses the queue. */
	check(flag_get(&next->runs) == flag_get(&self->runs));
}

static bool make_queues(struct workqueue_struct *(*create)(const char *))
{
	bool made = true;

	for (int level = 0; level < DEPTH; level++) {
		queues[level] = create("chain");
		made = check(queues[level]) && made;
		for (int chain = 0; chain < CHAINS; chain++) {
			struct link_ *link = &links[chain][level];

			memset(link, 0, sizeof(*link));
			link->chain = chain;
			link->level = level;
			INIT_WORK(&link->work, run_link);
		}
	}
	return made;
}

static void run_chains(struct workqueue_struct *(*create)(const char *), int rounds)
{
	uint64_t random = test_state.seed;

	if (!make_queues(create))
		return;
	for (int i = 0; i < rounds; i++) {
		for (int chain = 0; chain < CHAINS; chain++) {
			check(queue_work(queues[0], &links[chain][0].work));
			jitter(&random, 500);
		}
		WAITING(flush_workqueue(queues[0]));
	}
	for (int chain = 0; chain < CHAINS; chain++)
		for (int level = 0; level < DEPTH; level++)
			check_eq(links[chain][level].runs, rounds);
	for (int level = 0; level < DEPTH; level++)
		destroy_workqueue(queues[level]);
}

static void chains_over_single_workers_end(void)
{
	run_chains(create_singlethread_workqueue, race_rounds(500));
}

static void chains_over_cpu_workers_end(void)
{
	run_chains(create_workqueue, race_rounds(500));
}

/* ---- A tree of items on one queue, flushed by its own worker ------------------- */

static struct work_struct root, leaves[CHAINS];
static int leaf_runs, leaves_seen;

static void run_leaf(struct work_struct *work)
{
	(void)work;
	leaf_runs++;
}

static void run_root(struct work_struct *work)
{
	(void)work;
	for (int i = 0; i < CHAINS; i++)
		check(queue_work(queues[0], &leaves[i]));
	WAITING(flush_workqueue(queues[0]));
	leaves_seen = leaf_runs;
}

static void a_worker_that_flushes_its_own_queue_runs_it(void)
{
	int rounds = race_rounds(10000);

	queues[0] = create_singlethread_workqueue("tree");
	if (!check(queues[0]))
		return;
	INIT_WORK(&root, run_root);
	for (int i = 0; i < CHAINS; i++)
		INIT_WORK(&leaves[i], run_leaf);
	for (int i = 1; i <= rounds; i++) {
		check(queue_work(queues[0], &root));
		WAITING(flush_workqueue(queues[0]));
		check_eq(leaves_seen, i * CHAINS);
	}
	destroy_workqueue(queues[0]);
}

TEST_MAIN(TEST(chains_over_single_workers_end), TEST(chains_over_cpu_workers_end),
	  TEST(a_worker_that_flushes_its_own_queue_runs_it))
