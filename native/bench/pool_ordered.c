/* SPDX-License-Identifier: GPL-2.0-only */
/* Queues that run one item at a time, in order. */
#define DRIVER "alloc-ordered"
#define make_queue(kind) ((void)(kind), alloc_ordered_workqueue("bench", 0))
#include "pool_workqueue.h"
