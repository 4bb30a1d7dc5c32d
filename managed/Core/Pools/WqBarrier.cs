// SPDX-License-Identifier: GPL-2.0-only
// A flush's own item: when it runs, what was queued on its pool before it has run.
//
// It lies on the flushing thread's stack, which sleeps until then. One that runs inside
// another item's function (the worker flushes its own queue) waits on for that item,
// which was queued before it. Locks: the pool's, around TryAddWaiter.
// Kernel counterparts: wq_barrier, insert_wq_barrier.

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

    private static WorkFunc Function => (WorkFunc)(delegate*<Work*, void>)&BarrierFunc;

    /// <summary>One in <paramref name="memory"/>, pending on <paramref name="pwq"/> and to be pushed there.</summary>
    public static WqBarrier* Init(byte* memory, PoolWorkqueue* pwq)
    {
        WqBarrier* barrier = (WqBarrier*)(((nuint)memory + CacheLine - 1) & ~(nuint)(CacheLine - 1));
        Work.InitPending(&barrier->Work, Function, pwq->Word);
        barrier->Waiter.Work = null;
        barrier->Waiter.Except = null;
        Completion.Init(&barrier->Waiter.Done);
        return barrier;
    }

    /// <summary>Is <paramref name="func"/> a barrier's?</summary>
    public static bool IsFunctionOfOne(void* func) => func == Function;

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
        WorkerPool.TryAddWaiter(pool, &barrier->Waiter); // Cannot be over: this function runs.
        FutexMutex.Unlock(&pool->Lock);
    }
}
