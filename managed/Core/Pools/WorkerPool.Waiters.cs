// SPDX-License-Identifier: GPL-2.0-only
// Threads that wait for runs to end, on whichever of the pool's workers they are.
//
// A waiter is on the pool's list, and each worker that it waits for has Waited in its
// Attention. A worker stores Current = 0 before it looks at Attention, and a waiter
// marks the worker before a heavy fence and another look at Current: so either the
// worker sees the mark, or the waiter sees that the run is over. A mark that nobody
// needs any more goes with the worker's next look at the list.
//
// A thread that waits for the run to come of a pending item turns WAITERS on in the item's
// word, under the lock. So the worker that claims the item knows: before it calls the
// function it makes the run its own for those waiters (BindWaiters). A canceller that takes
// the item sees the bit too, and lets them go. The item itself is not looked at again, as
// its function may free it.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

/// <summary>A thread that waits for runs to end; on that thread's stack.</summary>
internal unsafe struct Waiter
{
    public Work* Work;     // The item whose runs must end; null: every run that is under way.
    public Worker* Except; // Its runs are not waited for: it is the thread that waits.
    public Worker* Only;   // The one whose run is waited for; null: whoever is at it.
    public bool IsForNext; // The run has not begun: no worker has claimed the item.
    public Waiter* Next;
    public Completion Done;

    /// <summary>For the runs of <paramref name="work"/>, or for all if it is null, that are under way; but the caller's.</summary>
    public static void Init(Waiter* waiter, Work* work)
    {
        waiter->Work = work;
        waiter->Except = Worker.CurrentWorker;
        waiter->Only = null;
        waiter->IsForNext = false;
        Completion.Init(&waiter->Done);
    }
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

    /// <summary>The same for the run to come of an item whose word has WAITERS on. Context: pool->Lock held since before that.</summary>
    public static void AddWaiterForNext(WorkerPool* pool, Waiter* waiter)
    {
        Contract.RequiresHeld(&pool->Lock);
        waiter->IsForNext = true;
        waiter->Next = pool->Waiters;
        pool->Waiters = waiter;
    }

    /// <summary>The worker is about to call the function of <paramref name="work"/>, whose word had WAITERS on. Takes pool->Lock.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void BindWaiters(WorkerPool* pool, Worker* worker, Work* work)
    {
        FutexMutex.Lock(&pool->Lock);
        for (Waiter* waiter = pool->Waiters; waiter != null; waiter = waiter->Next)
        {
            if (waiter->IsForNext && waiter->Work == work)
            {
                waiter->IsForNext = false;
                waiter->Only = worker;
                Worker.MarkWaited(worker);
            }
        }
        FutexMutex.Unlock(&pool->Lock);
    }

    /// <summary>The run to come of <paramref name="work"/> does not come: it was taken back. Context: pool->Lock held.</summary>
    public static void DropWaiters(WorkerPool* pool, Work* work)
    {
        Contract.RequiresHeld(&pool->Lock);
        Waiter** link = &pool->Waiters;
        while (*link != null)
        {
            Waiter* waiter = *link;
            if (waiter->IsForNext && waiter->Work == work)
            {
                EndWait(pool, link);
            }
            else
            {
                link = &waiter->Next;
            }
        }
    }

    /// <summary>Completes every waiter whose runs have ended, by a worker that is marked. Context: takes pool->Lock.</summary>
    public static void CompleteWaiters(WorkerPool* pool, Worker* worker)
    {
        FutexMutex.Lock(&pool->Lock);
        Waiter** link = &pool->Waiters;
        while (*link != null)
        {
            if (IsOver(pool, *link))
            {
                EndWait(pool, link);
            }
            else
            {
                link = &(*link)->Next;
            }
        }
        if (pool->Waiters == null)
        {
            Worker.ClearWaited(worker);
        }
        Unlock(pool);
    }

    /// <summary>Is one of the workers inside the function of <paramref name="work"/>? Context: takes pool->Lock.</summary>
    public static bool IsRunning(WorkerPool* pool, Work* work)
    {
        FutexMutex.Lock(&pool->Lock);
        Worker* worker = pool->Workers;
        while (worker != null && !Worker.IsRunning(worker, work))
        {
            worker = worker->NextInPool;
        }
        FutexMutex.Unlock(&pool->Lock);
        return worker != null;
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

    /// <summary>A worker, other than the caller, that is at an item of the link; null if none is. Context: pool->Lock held.</summary>
    private static Worker* HolderOf(WorkerPool* pool, PoolWorkqueue* pwq)
    {
        Worker* worker = pool->Workers;
        while (worker != null
            && (worker == Worker.CurrentWorker || Worker.WorkAtHand(worker) == null || !Worker.IsAtItemOf(worker, pwq)))
        {
            worker = worker->NextInPool;
        }
        return worker;
    }

    private static void EndWait(WorkerPool* pool, Waiter** link)
    {
        Waiter* waiter = *link;
        *link = waiter->Next;
        AddCompleted(pool, waiter);
    }

    /// <summary>The waiter, which is on no list any more, is completed by Unlock. Context: pool->Lock held.</summary>
    public static void AddCompleted(WorkerPool* pool, Waiter* waiter)
    {
        Contract.RequiresHeld(&pool->Lock);
        waiter->Next = pool->Completed;
        pool->Completed = waiter;
    }

    // The rest of Unlock. Each waiter's stack goes with its Complete.
    private static void UnlockAndComplete(WorkerPool* pool, Worker* idle = null)
    {
        Waiter* waiter = pool->Completed;
        pool->Completed = null;
        FutexMutex.Unlock(&pool->Lock);
        if (idle != null)
        {
            Worker.Wake(idle);
        }
        while (waiter != null)
        {
            Waiter* next = waiter->Next;
            Completion.Complete(&waiter->Done);
            waiter = next;
        }
    }

    // Context: pool->Lock held.
    private static bool IsOver(WorkerPool* pool, Waiter* waiter)
    {
        Contract.RequiresHeld(&pool->Lock);
        if (waiter->IsForNext)
        {
            return false;
        }
        for (Worker* worker = pool->Workers; worker != null; worker = worker->NextInPool)
        {
            bool isAsked = worker != waiter->Except && (waiter->Only == null || waiter->Only == worker);
            if (isAsked && !Worker.IsOver(worker, waiter->Work))
            {
                return false;
            }
        }
        return true;
    }
}
