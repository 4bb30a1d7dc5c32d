/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * This library's classic queues. Only of a worker bound to the caller's CPU does the library
 * know where it is: so a worker that shares the producer's CPU is a per-CPU queue's.
 */
#define DRIVER "workqueue"
#define make_queue(kind) \
	((kind) == POOL_ONE ? create_singlethread_workqueue("bench") : create_workqueue("bench"))
#include "pool_workqueue.h"
