// SPDX-License-Identifier: GPL-2.0-only
// Waiting for what was queued.
//
// A flush pushes a WqBarrier behind what is pending on each of the queue's pools, and
// waits until that has run. A pool whose worker sleeps, or is idle, has run all that was
// pushed before. From a private pool's own worker the pending items are run by hand.
// Kernel counterparts: flush_workqueue, flush_cpu_workqueue.

using Wq.Os;

namespace Wq.Core;

internal static unsafe partial class Flush
{
    /// <summary>Returns when all that was queued before has run. Blocks.</summary>
    /// <param name="call">What the program called, for reports.</param>
    public static void FlushWorkqueue(Workqueue* wq, WaitCall call)
    {
        if (Checks.IsOn(Checks.Waits))
        {
            WaitCheck.BeforeFlush(wq, call);
        }
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            FlushPool(pwq, call);
        }
    }

    private static void FlushPool(PoolWorkqueue* pwq, WaitCall call)
    {
        Worker* worker = Worker.CurrentWorker;
        if (worker != null && worker->Pool == pwq->Pool && !pwq->Pool->IsShared)
        {
            Worker.RunWorkqueueNested(worker);
        }
        else if (!WorkerPool.IsIdle(pwq, out Worker* holder))
        {
            WaitForBarrier(pwq, holder, call);
        }
        Watcher.Acquire(pwq->Pool);
    }

    private static void WaitForBarrier(PoolWorkqueue* pwq, Worker* holder, WaitCall call)
    {
        byte* memory = stackalloc byte[WqBarrier.Room];
        Watcher.Ignore(memory, WqBarrier.Room);
        WqBarrier* barrier = WqBarrier.Init(memory, pwq);
        if (Queue.InsertWork(pwq, &barrier->Work, worker: null)) // Not behind what the caller runs: by the inbox, which ends a colour.
        {
            WorkerPool.AwaitWorker(pwq->Pool, &barrier->Waiter.Done);
            holder = holder != null ? holder : WorkerPool.HolderOf(pwq->Pool, work: null);
            Stall.Wait(&barrier->Waiter.Done, pwq->Pool, holder, call, func: null);
        }
    }
}
