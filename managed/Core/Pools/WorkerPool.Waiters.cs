// SPDX-License-Identifier: GPL-2.0-only
// Threads that wait for runs to end, on whichever of the pool's workers they are.
//
// A waiter is on the pool's list, and each worker that it waits for has Waited in its
// Attention. A worker stores Current = 0 before it looks at Attention, and a waiter
// marks the worker before a heavy fence and another look at Current: so either the
// worker sees the mark, or the waiter sees that the run is over. A mark that nobody
// needs any more goes with the worker's next look at the list.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

/// <summary>A thread that waits for runs to end; on that thread's stack.</summary>
internal unsafe struct Waiter
{
    public Work* Work;     // The item whose runs must end; null: every run that is under way.
    public Worker* Except; // Its runs are not waited for: it is the thread that waits.
    public Waiter* Next;
    public Completion Done;
}

internal unsafe partial struct WorkerPool
{
    /// <summary>
    /// Puts <paramref name="waiter"/> on the list completed when its runs have ended.
    /// False if they have already. Context: pool->Lock held.
    /// </summary>
    public static bool TryAddWaiter(WorkerPool* pool, Waiter* waiter)
    {
        Contract.RequiresHeld(&pool->Lock);
        if (IsOver(pool, waiter))
        {
            return false;
        }
        waiter->Next = pool->Waiters;
        pool->Waiters = waiter;
        for (Worker* worker = pool->Workers; worker != null; worker = worker->NextInPool)
        {
            Worker.MarkWaited(worker);
        }
        Membarrier.Heavy(); // Pairs with Light in ProcessOneWork.
        if (!IsOver(pool, waiter))
        {
            return true;
        }
        pool->Waiters = waiter->Next;
        return false;
    }

    /// <summary>Completes every waiter whose runs have ended, by a worker that is marked. Context: takes pool->Lock.</summary>
    public static void CompleteWaiters(WorkerPool* pool, Worker* worker)
    {
        FutexMutex.Lock(&pool->Lock);
        Waiter** link = &pool->Waiters;
        while (*link != null)
        {
            Waiter* waiter = *link;
            if (IsOver(pool, waiter))
            {
                *link = waiter->Next; // Before Complete: the waiter's stack goes with it.
                Completion.Complete(&waiter->Done);
            }
            else
            {
                link = &waiter->Next;
            }
        }
        if (pool->Waiters == null)
        {
            Worker.ClearWaited(worker);
        }
        FutexMutex.Unlock(&pool->Lock);
    }

    /// <summary>The worker that a waiter waits for, or one of those: for reports. Context: pool->Lock held, or no item asked for.</summary>
    public static Worker* HolderOf(WorkerPool* pool, Work* work)
    {
        Worker* worker = pool->Workers;
        while (worker != null && work != null && !Worker.IsRunning(worker, work))
        {
            worker = worker->NextInPool;
        }
        return worker != null ? worker : pool->Workers;
    }

    // Context: pool->Lock held.
    private static bool IsOver(WorkerPool* pool, Waiter* waiter)
    {
        Contract.RequiresHeld(&pool->Lock);
        for (Worker* worker = pool->Workers; worker != null; worker = worker->NextInPool)
        {
            if (worker != waiter->Except && !Worker.IsOver(worker, waiter->Work))
            {
                return false;
            }
        }
        return true;
    }
}
