// SPDX-License-Identifier: GPL-2.0-only
// A flush's own item: it goes behind what was queued on its pool before, and tells when that
// has run.
//
// It lies on the flushing thread's stack, which sleeps until then. On a private pool it runs
// like any item. One that runs inside another item's function (the worker flushes its own
// queue) waits on for that item, which was queued before it. On a shared pool it never runs:
// when its turn comes to be handed out, all that is older has been handed out, and the flush
// waits until that is in flight no more. Locks: the pool's, around TryAddWaiter, and for
// what a shared pool does with it.
// Kernel counterparts: wq_barrier, insert_wq_barrier; flush_color of a pool_workqueue.

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
    [FieldOffset(32)] private uint _seq;         // L: of the colour that it ended
    [FieldOffset(36)] private bool _isOfOwnItem; // I: an item of this very link flushes
    [FieldOffset(37)] private byte _ownColour;   // I: of that item
    [FieldOffset(40)] private WqBarrier* _next;  // L: on the link's list of Flushers
    [FieldOffset(CacheLine)] public Waiter Waiter;

    private static WorkFunc Function => (WorkFunc)(delegate*<Work*, void>)&BarrierFunc;

    /// <summary>One in <paramref name="memory"/>, pending on <paramref name="pwq"/> and to be pushed there.</summary>
    public static WqBarrier* Init(byte* memory, PoolWorkqueue* pwq)
    {
        WqBarrier* barrier = (WqBarrier*)(((nuint)memory + CacheLine - 1) & ~(nuint)(CacheLine - 1));
        Work.InitPending(&barrier->Work, Function, pwq->Word);
        Waiter.Init(&barrier->Waiter, work: null);
        barrier->Waiter.Except = null;
        Worker* worker = Worker.CurrentWorker;
        barrier->_isOfOwnItem = worker != null && Worker.IsAtItemOf(worker, pwq);
        barrier->_ownColour = (byte)(barrier->_isOfOwnItem ? Worker.ColourOfRun(worker) : 0);
        return barrier;
    }

    /// <summary>Is <paramref name="func"/> a barrier's?</summary>
    public static bool IsFunctionOfOne(void* func) => func == Function;

    /// <summary>
    /// Its turn has come on a shared pool: what is handed out on the link from now on is newer than the flush. Context:
    /// pool->Lock held.
    /// </summary>
    /// <param name="worker">The one that hands out, and looks at its batch itself; or null.</param>
    public static void Reach(WqBarrier* barrier, PoolWorkqueue* pwq, Worker* worker)
    {
        barrier->_seq = PoolWorkqueue.EndColour(pwq);
        barrier->_next = pwq->Flushers;
        pwq->Flushers = barrier;
        CompleteFlushers(pwq);
        if (pwq->Flushers != null)
        {
            WorkerPool.CallAll(pwq->Pool, worker);
            CompleteFlushers(pwq);
        }
    }

    /// <summary>Lets the flushes return that have nothing left to wait for. Context: the lock of the link's pool held.</summary>
    public static void CompleteFlushers(PoolWorkqueue* pwq)
    {
        WqBarrier** link = &pwq->Flushers;
        while (*link != null)
        {
            WqBarrier* barrier = *link;
            if (IsThrough(pwq, barrier))
            {
                *link = barrier->_next;
                WorkerPool.AddCompleted(pwq->Pool, &barrier->Waiter);
            }
            else
            {
                link = &barrier->_next;
            }
        }
    }

    // An item that flushes its own queue does not wait for itself, nor for one whose flush waits for it.
    private static bool IsThrough(PoolWorkqueue* pwq, WqBarrier* barrier)
    {
        int nrOwn = 0;
        for (WqBarrier* other = pwq->Flushers; other != null && barrier->_isOfOwnItem; other = other->_next)
        {
            nrOwn += other->_isOfOwnItem && WaitsFor(pwq, barrier, other) && WaitsFor(pwq, other, barrier) ? 1 : 0;
        }
        return PoolWorkqueue.NrOlder(pwq, barrier->_seq) <= nrOwn;
    }

    // Both are of items of the link.
    private static bool WaitsFor(PoolWorkqueue* pwq, WqBarrier* barrier, WqBarrier* other) =>
        PoolWorkqueue.IsOlder(pwq, other->_ownColour, barrier->_seq);

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
