/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queue of userspace-rcu (wfcqueue), used as that library uses it for its own
 * deferred work: wait-free push, the worker splices all of it off, and sleeps on a
 * futex. The order of tail and sleeping is as in pool_mpsc.c; the fence is for the
 * library's loads, which are not ordered. A batch whose links are not all stored is
 * not empty: its dequeue waits for them.
 */
#define DRIVER	     "c-urcu"
#define _LGPL_SOURCE /* the queue inline, not by calls */
#include "bench.h"

#include <urcu/wfcqueue.h>

struct task {
	struct cds_wfcq_node node;
	void (*fn)(struct task *task);
	uint32_t pending;
};

typedef struct task *task_arg;

struct inbox {
	struct cds_wfcq_tail tail;
	uint32_t sleeping;
	_Alignas(64) struct __cds_wfcq_head head;
	/* the worker's own */
	struct __cds_wfcq_head batch;
	struct cds_wfcq_tail batch_tail;
};

#include "floor.h"

static void inbox_init(struct inbox *inbox)
{
	__cds_wfcq_init(&inbox->head, &inbox->tail);
	__cds_wfcq_init(&inbox->batch, &inbox->batch_tail);
}

static inline void inbox_push(struct inbox *inbox, struct task *task)
{
	cds_wfcq_node_init(&task->node);
	cds_wfcq_enqueue(&inbox->head, &inbox->tail, &task->node);
	race_point();
	if (__atomic_load_n(&inbox->sleeping, __ATOMIC_SEQ_CST) &&
	    __atomic_exchange_n(&inbox->sleeping, 0, __ATOMIC_SEQ_CST))
		futex_wake(&inbox->sleeping);
}

static void sleep_if_empty(struct inbox *inbox)
{
	__atomic_store_n(&inbox->sleeping, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	race_point();
	if (cds_wfcq_empty(&inbox->head, &inbox->tail))
		futex_wait(&inbox->sleeping, 1);
	__atomic_store_n(&inbox->sleeping, 0, __ATOMIC_SEQ_CST);
}

static inline struct task *inbox_take(struct inbox *inbox)
{
	struct cds_wfcq_node *node;

	while (!(node = __cds_wfcq_dequeue_blocking(&inbox->batch, &inbox->batch_tail))) {
		if (cds_wfcq_empty(&inbox->head, &inbox->tail))
			sleep_if_empty(inbox);
		__cds_wfcq_splice_blocking(&inbox->batch, &inbox->batch_tail, &inbox->head,
					   &inbox->tail);
	}
	return caa_container_of(node, struct task, node);
}

#include "pool.h"
