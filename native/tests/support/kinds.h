/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One queue of each kind: classic ones, and those of alloc_workqueue(), which have one
 * item active at most. Include after test.h.
 */
#ifndef WQ_TEST_KINDS_H
#define WQ_TEST_KINDS_H

typedef struct workqueue_struct *(*make_queue)(void);

static inline struct workqueue_struct *one(void) { return create_singlethread_workqueue("one"); }
static inline struct workqueue_struct *cpus(void) { return create_workqueue("cpus"); }
static inline struct workqueue_struct *shared(void) { return alloc_workqueue("shared", WQ_PERCPU, 1); }
static inline struct workqueue_struct *unbound(void) { return alloc_workqueue("unbound", WQ_UNBOUND, 1); }
static inline struct workqueue_struct *ordered(void) { return alloc_ordered_workqueue("ordered", 0); }

static const make_queue queues[] = { one, cpus, shared, unbound, ordered };

#define for_each_kind(k) for (size_t k = 0; k < sizeof(queues) / sizeof(queues[0]); k++)

#endif /* WQ_TEST_KINDS_H */
