// A worker that is marked by the Freezer stands still between two items, until the
// mark is gone.
//
// Attention is the futex. A worker says that it is parked, and then sleeps on the word
// with the mark in it; whoever changes the word wakes it. One that must end does so
// frozen if nothing is pending: it has nothing to begin.
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
        Atomic.And(&worker->_attention, ~Frozen);
        Futex.Wake(&worker->_attention, 1);
    }

    /// <summary>Is the worker parked, or asleep with nothing to do?</summary>
    public static bool IsResting(Worker* worker) =>
        Atomic.Load(&worker->_parked) != 0 || Inbox.IsAsleep(&worker->Pool->Inbox);

    /// <summary>Parks while the worker is marked; false if it was not. Only on the worker's thread.</summary>
    // Between items nothing is claimed, so what is in hand can be cancelled.
    public static bool TryToFreeze(Worker* worker)
    {
        bool parked = false;
        while ((Atomic.Load(&worker->_attention) & Frozen) != 0)
        {
            parked = true;
            Park(worker, Atomic.Load(&worker->_attention));
        }
        return parked;
    }

    /// <summary>TryToFreeze with nothing in hand. False if the worker must end, which it does frozen if nothing is pending.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool StandWhileFrozenSlow(Worker* worker)
    {
        int attention;
        while (((attention = Atomic.Load(&worker->_attention)) & Frozen) != 0)
        {
            if ((attention & Stop) != 0 && TryEnd(worker->Pool))
            {
                return false;
            }
            Park(worker, attention);
        }
        return true;
    }

    // Returns when the mark is gone, or attention changes, or for no reason.
    private static void Park(Worker* worker, int attention)
    {
        Atomic.Store(&worker->_parked, 1);
        if ((attention & Frozen) != 0)
        {
            Futex.Wait(&worker->_attention, attention);
        }
        Atomic.Exchange(&worker->_parked, 0); // Then look again: whoever marks us after it sees us up.
    }

    /// <summary>Closes the pool for good if it shall be and nothing is pending.</summary>
    private static bool TryEnd(WorkerPool* pool)
    {
        FutexMutex.Lock(&pool->Lock);
        bool ended = pool->ShouldStop && ListHead.IsEmpty(&pool->Worklist) && Inbox.TryDie(&pool->Inbox);
        FutexMutex.Unlock(&pool->Lock);
        return ended;
    }
}
