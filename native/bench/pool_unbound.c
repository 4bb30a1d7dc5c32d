/* SPDX-License-Identifier: GPL-2.0-only */
/* Queues of alloc_workqueue() on the unbound pool. */
#define DRIVER "alloc-unbound"
#define POOL_MANY_WORKERS
#define make_queue(kind) ((void)(kind), alloc_workqueue("bench", WQ_UNBOUND, 0))
#include "pool_workqueue.h"
