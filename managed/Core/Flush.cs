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

// The waiter looks at its half while the worker is at the other: they are in cache lines of their own.
[StructLayout(LayoutKind.Explicit, Size = 2 * CacheLine)]
internal unsafe struct WqBarrier
{
    private const int CacheLine = 64;

    /// <summary>Bytes of memory that have a barrier in them, wherever they begin.</summary>
    public const int Room = 3 * CacheLine;

    [FieldOffset(0)] public Work Work; // First: the item's address is the barrier's.
    [FieldOffset(CacheLine)] public Waiter Waiter;

    /// <summary>That in <paramref name="memory"/>.</summary>
    public static WqBarrier* In(byte* memory) => (WqBarrier*)(((nuint)memory + CacheLine - 1) & ~(nuint)(CacheLine - 1));
}

internal static unsafe class Flush
{
    /// <summary>Returns when all that was queued before has run. Blocks.</summary>
    /// <param name="call">What the program called, for reports.</param>
    public static void FlushWorkqueue(Workqueue* wq, WaitCall call)
    {
        if (Checks.IsOn(Checks.Lockdep))
        {
            Lockdep.BeforeFlush(wq, call);
        }
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            FlushPool(pwq, call);
        }
    }

    /// <summary>Is <paramref name="func"/> that of a flush's own item?</summary>
    public static bool IsBarrier(void* func) => func == BarrierFunction;

    private static WorkFunc BarrierFunction => (WorkFunc)(delegate*<Work*, void>)&BarrierFunc;

    private static void FlushPool(PoolWorkqueue* pwq, WaitCall call)
    {
        Worker* worker = Worker.CurrentWorker;
        if (worker != null && worker->Pool == pwq->Pool)
        {
            Worker.RunWorkqueueNested(worker);
        }
        else if (!WorkerPool.IsIdle(pwq->Pool))
        {
            WaitForBarrier(pwq, call);
        }
    }

    private static void WaitForBarrier(PoolWorkqueue* pwq, WaitCall call)
    {
        byte* memory = stackalloc byte[WqBarrier.Room];
        WqBarrier* barrier = WqBarrier.In(memory);
        Work.Init(&barrier->Work, BarrierFunction);
        barrier->Work.Data = (nuint)pwq | Work.WORK_STRUCT_PENDING;
        barrier->Waiter.Work = null;
        Completion.Init(&barrier->Waiter.Done);
        if (WorkerPool.InsertWork(pwq->Pool, &barrier->Work, Worker.CurrentWorker))
        {
            Stall.Wait(&barrier->Waiter.Done, pwq->Pool, call, func: null);
        }
    }

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
