// Waiting for what was queued.
//
// A flush pushes a barrier, itself a work item on the caller's stack, behind
// what is pending on each of the queue's pools, and waits for it to run. A pool
// whose worker sleeps, or is idle, has run all that was pushed before. From
// the pool's own worker the pending items are run by hand instead.
//
// A barrier that runs inside another item's function (the worker flushes its own
// queue) waits on for that item, which was queued before it.
// Kernel counterparts: flush_workqueue, flush_cpu_workqueue, wq_barrier.

using System.Runtime.InteropServices;
using Wq.Os;

namespace Wq.Core;

internal unsafe struct WqBarrier
{
    public Work Work; // First: the item's address is the barrier's.
    public Waiter Waiter;
}

internal static unsafe class Flush
{
    /// <summary>Returns when all that was queued before has run. Blocks.</summary>
    public static void FlushWorkqueue(Workqueue* wq)
    {
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            FlushPool(pwq);
        }
    }

    private static void FlushPool(PoolWorkqueue* pwq)
    {
        Worker* worker = Worker.CurrentWorker;
        if (worker != null && worker->Pool == pwq->Pool)
        {
            Worker.RunWorkqueueNested(worker);
        }
        else if (!WorkerPool.IsIdle(pwq->Pool))
        {
            WaitForBarrier(pwq);
        }
    }

    private static void WaitForBarrier(PoolWorkqueue* pwq)
    {
        WqBarrier barrier;
        Work.Init(&barrier.Work, &BarrierFunc);
        barrier.Work.Data = (nuint)pwq | Work.WORK_STRUCT_PENDING;
        barrier.Waiter.Work = null;
        Completion.Init(&barrier.Waiter.Done);
        if (WorkerPool.InsertWork(pwq->Pool, &barrier.Work))
        {
            Completion.Wait(&barrier.Waiter.Done);
        }
    }

    [UnmanagedCallersOnly]
    private static void BarrierFunc(Work* work)
    {
        WqBarrier* barrier = (WqBarrier*)work;
        Worker* worker = Worker.CurrentWorker;
        if (!Worker.IsNested(worker))
        {
            Completion.Complete(&barrier->Waiter.Done);
            return;
        }
        WorkerPool* pool = worker->Pool;
        FutexMutex.Lock(&pool->Lock);
        Worker.TryAddWaiter(worker, &barrier->Waiter); // Cannot be over: this function runs.
        FutexMutex.Unlock(&pool->Lock);
    }
}
