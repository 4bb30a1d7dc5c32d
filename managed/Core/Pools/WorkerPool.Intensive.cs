// SPDX-License-Identifier: GPL-2.0-only
// Items of WQ_CPU_INTENSIVE queues: they compute for long, and others need not wait for them.
//
// A worker takes such an item alone, and does not count as running from there until the item
// has ended; so its pool has another one at what is behind. That is decided where items are
// handed out, under the lock, so items of other queues pay nothing when they begin.
//
// Invariant: a worker whose batch has an intensive item has no other, is IsIntensive and
// blocked. A rescuer is not IsIntensive: it has one item at a time, and is blocked, in any
// case. Locks: the pool's, for everything here. Kernel counterparts: WORKER_CPU_INTENSIVE
// in process_one_work.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct WorkerPool
{
    // May the worker take an item of that link behind what it has?
    private static bool Fits(Worker* worker, PoolWorkqueue* pwq) =>
        worker->Batch.Room > 0 && !worker->IsIntensive && (!pwq->IsIntensive || worker->Batch.IsEmpty);

    // It fits.
    private static void Take(Worker* worker, Work* work, PoolWorkqueue* pwq, uint record)
    {
        Batch.Append(&worker->Batch, work, record, worker->Runner);
        worker->IsIntensive = pwq->IsIntensive;
    }
}
