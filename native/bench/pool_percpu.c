/* SPDX-License-Identifier: GPL-2.0-only */
/* Queues of alloc_workqueue() on the pool of the CPU. */
#define DRIVER "alloc-percpu"
#define make_queue(kind) ((void)(kind), alloc_workqueue("bench", WQ_PERCPU, 0))
#include "pool_workqueue.h"
