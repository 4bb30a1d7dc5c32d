/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Queues of alloc_workqueue() on the pools of the CPUs. Where one worker is asked for, it is
 * that of the CPU on which the queue is made.
 */
#define DRIVER "alloc-percpu"
#define QUEUE_TO_ONE_CPU
#define make_queue(kind) ((void)(kind), alloc_workqueue("bench", WQ_PERCPU, 0))
#include "pool_workqueue.h"
