// SPDX-License-Identifier: GPL-2.0-only
// Stopping the process's freezeable queues, and letting them go on.
//
// Freezing sets a mark on the worker of every freezeable queue. A worker that meets
// its mark with an item in hand parks before the item until the mark is gone. What is
// pending stays pending, and may be cancelled; a flush or destroy of a frozen queue
// with something pending waits for the thaw.
//
// Invariant: the mark is on a worker exactly while s_freezing is set and its queue
// is on the list; both change under s_lock. A queue on shared pools has no worker to mark: its
// max_active is 0 meanwhile, and it is busy while one of its units is not a worker that
// stands still in the middle of an item. Kernel counterparts:
// freeze_workqueues_begin, freeze_workqueues_busy, thaw_workqueues, try_to_freeze.
// Other threads are never frozen from outside: such a thread stands still only where it
// calls TryToFreeze itself.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class Freezer
{
    private static FutexMutex s_lock;
    private static bool s_freezing;   // L: s_lock
    private static int s_still;       // A: 1 while s_freezing, for workers of shared pools and threads that are no workers: a futex
    private static HlistHead s_list;  // L: s_lock: freezeable queues

    // For those that sleep on s_still: freezing and thawing come before they go on.
    private static void* Key => Address.Of(ref s_still);

    /// <summary>Marks every freezeable queue, and those made before Thaw. Does not wait.</summary>
    public static void Begin() => SetFreezing(true);

    /// <summary>Lets every worker go on.</summary>
    public static void Thaw() => SetFreezing(false);

    /// <summary>Is a worker of a marked queue still at an item?</summary>
    public static bool IsBusy()
    {
        bool busy = false;
        FutexMutex.LockStatic(ref s_lock);
        for (HlistNode* node = s_list.First; node != null && s_freezing; node = node->Next)
        {
            busy |= IsBusy(Workqueue.OfFreezeable(node));
        }
        FutexMutex.UnlockStatic(ref s_lock);
        return busy;
    }

    /// <summary>
    /// Stands still while queues are frozen: a worker if its queue is, in the middle of its item; any other
    /// thread. Blocks.
    /// </summary>
    /// <returns>True if it did.</returns>
    public static bool TryToFreeze()
    {
        Worker* worker = Worker.CurrentWorker;
        if (worker != null && !worker->Pool->IsShared)
        {
            return Worker.TryToFreeze(worker);
        }
        PoolWorkqueue* pwq = worker != null ? Worker.CurrentPwq(worker) : null;
        if (worker != null && (pwq == null || (pwq->Wq->Flags & WqFlags.Freezable) == 0))
        {
            return false;
        }
        bool stood = false;
        while (Atomic.Load(ref s_still) != 0) // Again when it counts as up: what is frozen after that has it busy.
        {
            stood = true;
            StandStill(worker, pwq);
        }
        Watcher.Acquire(Key);
        return stood;
    }

    /// <summary>Puts a new queue on the list.</summary>
    public static void Add(Workqueue* wq)
    {
        FutexMutex.LockStatic(ref s_lock);
        HlistNode.AddHead(&wq->Freezeable, Address.Of(ref s_list));
        Mark(wq, s_freezing);
        FutexMutex.UnlockStatic(ref s_lock);
    }

    /// <summary>Takes a queue off the list that has nothing left to run.</summary>
    public static void Remove(Workqueue* wq)
    {
        FutexMutex.LockStatic(ref s_lock);
        HlistNode.Del(&wq->Freezeable);
        Mark(wq, frozen: false); // The links of one on shared pools are sealed, and stay still.
        FutexMutex.UnlockStatic(ref s_lock);
    }

    /// <summary>Sets max_active of a queue of shared pools; while the queue is frozen, for when it is thawed.</summary>
    public static void SetMaxActive(Workqueue* wq, int maxActive)
    {
        FutexMutex.LockStatic(ref s_lock);
        wq->MaxActive = maxActive;
        if (!s_freezing || (wq->Flags & WqFlags.Freezable) == 0)
        {
            SharedPools.SetMaxActive(wq, maxActive);
        }
        FutexMutex.UnlockStatic(ref s_lock);
    }

    /// <summary>In a forked child: there are no queues to freeze.</summary>
    public static void Abandon()
    {
        s_lock = default;
        s_list = default;
        s_freezing = false;
        s_still = 0;
    }

    // The worker, which may be null, is in an item of that link.
    private static void StandStill(Worker* worker, PoolWorkqueue* pwq)
    {
        if (worker != null)
        {
            Worker.BeginStand(worker, pwq);
        }
        while (Atomic.Load(ref s_still) != 0)
        {
            Futex.WaitStatic(ref s_still, 1);
        }
        if (worker != null)
        {
            Worker.EndStand(worker, pwq);
        }
    }

    // The queue's workers are there while it is on the list.
    private static void Mark(Workqueue* wq, bool frozen)
    {
        if (Workqueue.IsShared(wq))
        {
            SharedPools.SetMaxActive(wq, frozen ? 0 : wq->MaxActive);
            return;
        }
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            for (Worker* worker = pwq->Pool->Workers; worker != null; worker = worker->NextInPool)
            {
                Worker.MarkFrozen(worker, frozen);
            }
        }
    }

    private static bool IsBusy(Workqueue* wq)
    {
        bool busy = Workqueue.IsShared(wq) && WorkerPool.IsActive(wq);
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            for (Worker* worker = pwq->Pool->Workers; worker != null && !pwq->Pool->IsShared; worker = worker->NextInPool)
            {
                busy |= !Worker.IsResting(worker);
            }
            Watcher.Acquire(pwq->Pool);
        }
        return busy;
    }

    private static void SetFreezing(bool freezing)
    {
        FutexMutex.LockStatic(ref s_lock);
        s_freezing = freezing;
        Watcher.Release(Key);
        Atomic.Store(ref s_still, freezing ? 1 : 0);
        for (HlistNode* node = s_list.First; node != null; node = node->Next)
        {
            Mark(Workqueue.OfFreezeable(node), freezing);
        }
        FutexMutex.UnlockStatic(ref s_lock);
        Futex.WakeStatic(ref s_still, int.MaxValue); // The threads that sleep there look again.
    }
}
