// SPDX-License-Identifier: GPL-2.0-only
// A worker that is marked by the Freezer stands still between two items, until the
// mark is gone.
//
// Attention is the futex:
//
//   1. the worker stores that it is parked;
//   2. it sleeps on the word while the mark is in it;
//   3. the thread that changes the word wakes it.
//
// It looks for the mark when it has taken items into its batch, and after each item. So an
// item that is queued after the mark was set meets it. A worker parks only with an item in
// its batch; a marked one that has none sleeps as ever, and ends if it must.
//
// A worker of a shared pool is never marked. It stands still only where its item says so, and
// then waits inside it as it may wait for anything else.
// Kernel counterparts: try_to_freeze, refrigerator.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct Worker
{
    /// <summary>Has the worker park before its next item, or go on.</summary>
    public static void MarkFrozen(Worker* worker, bool frozen)
    {
        if (frozen)
        {
            Atomic.Or(&worker->_attention, Frozen);
            return;
        }
        Watcher.Release(&worker->_attention);
        Atomic.And(&worker->_attention, ~Frozen);
        Futex.Wake(&worker->_attention, 1);
    }

    /// <summary>Is the worker parked, or asleep with nothing to do?</summary>
    public static bool IsResting(Worker* worker) =>
        Atomic.Load(&worker->_parked) != 0 || Inbox.IsAsleep(&worker->Pool->Inbox);

    /// <summary>Parks while the worker is marked, in the middle of its item; false if it was not. Only on its thread.</summary>
    public static bool TryToFreeze(Worker* worker)
    {
        bool parked = false;
        int attention;
        while (((attention = Atomic.Load(&worker->_attention)) & Frozen) != 0)
        {
            parked = true;
            Park(worker, attention);
        }
        return parked;
    }

    /// <summary>The worker of a shared pool, which is the caller, is about to stand still in an item of that link.</summary>
    public static void BeginStand(Worker* worker, PoolWorkqueue* pwq)
    {
        Atomic.Store(&worker->_parked, 1);
        BeginBlock();
        WorkerPool.CountStanding(pwq, 1);
    }

    /// <summary>It goes on, or looks again: from here on its queue is busy.</summary>
    public static void EndStand(Worker* worker, PoolWorkqueue* pwq)
    {
        WorkerPool.CountStanding(pwq, -1);
        EndBlock();
        Atomic.Store(&worker->_parked, 0);
    }

    // Between two items nothing is claimed, so what is in hand can be cancelled. With nothing in hand the worker goes
    // on, to sleep or to end: if it finds more to run after all, it comes here again before it does.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StandWhileFrozenSlow(Worker* worker)
    {
        int attention;
        while (((attention = Atomic.Load(&worker->_attention)) & Frozen) != 0
            && !IsNested(worker) && HoldsItem(worker))
        {
            Park(worker, attention);
        }
    }

    // A flush's own item does not count: it only says that all before it has run.
    private static bool HoldsItem(Worker* worker)
    {
        FutexMutex.Lock(&worker->Pool->Lock); // A canceller empties the slot under it, and has the item until then.
        Work* next = Batch.First(&worker->Batch);
        bool holds = next != null && !WqBarrier.IsFunctionOfOne(next->Func);
        FutexMutex.Unlock(&worker->Pool->Lock);
        return holds;
    }

    // Returns when attention is not what it was, with the mark in it, or for no reason.
    private static void Park(Worker* worker, int attention)
    {
        Watcher.Release(worker->Pool);
        Atomic.Store(&worker->_parked, 1);
        Futex.Wait(&worker->_attention, attention);
        Atomic.Exchange(&worker->_parked, 0); // Then look again: a freezer that marks us after this sees us up.
        Watcher.Acquire(&worker->_attention);
    }
}
