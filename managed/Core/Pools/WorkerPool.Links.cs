// SPDX-License-Identifier: GPL-2.0-only
// A link of a shared pool is limited, ends, or is freed.
//
// A queue that ends lets nothing run any more when all its links are empty. What is pushed
// after that stays parked, and its caller takes it back, as it sees that the queue has
// ended. Locks: the pool's, taken here.
// Kernel counterparts: pwq_adjust_max_active, drain_workqueue's look, pwq_release_workfn.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct WorkerPool
{
    /// <summary>
    /// Sets how much of the link may be active, unless its queue may have ended. If that is nothing, what is active and not
    /// running is parked again. Takes pool->Lock.
    /// </summary>
    public static void SetMaxActive(WorkerPool* pool, PoolWorkqueue* pwq, int limit)
    {
        FutexMutex.Lock(&pool->Lock);
        if (!pwq->IsSealed)
        {
            SetLimit(pool, pwq, limit);
        }
        UnlockWatched(pool);
    }

    /// <summary>The link's queue has not ended: it may have so much active again. Takes pool->Lock.</summary>
    public static void Unseal(WorkerPool* pool, PoolWorkqueue* pwq, int limit)
    {
        FutexMutex.Lock(&pool->Lock);
        pwq->IsSealed = false;
        SetLimit(pool, pwq, limit);
        UnlockWatched(pool);
    }

    // What has become active may be behind a worker that waits, which nobody has noticed: while all was parked, nobody looked.
    private static void UnlockWatched(WorkerPool* pool)
    {
        bool isToWatch = HasBacklog(pool);
        Unlock(pool);
        if (isToWatch && Atomic.Load(&pool->IsWatched) == 0)
        {
            PoolWatch.BeginSlow(pool);
        }
    }

    // Context: pool->Lock held.
    private static void SetLimit(WorkerPool* pool, PoolWorkqueue* pwq, int limit)
    {
        Contract.RequiresHeld(&pool->Lock);
        pwq->MaxActive = limit;
        if (limit == 0)
        {
            ParkListed(&pool->Worklist, pool, pwq);
            for (Worker* worker = pool->Workers; worker != null; worker = worker->NextInPool)
            {
                ParkListed(&worker->Scheduled, pool, pwq); // The worker may stand still before it would.
                if (Batch.HoldsLinkOf(&worker->Batch, PoolWorkqueue.RecordOf(pwq)))
                {
                    Raid(pool, worker);
                }
            }
        }
        Activate(pool, pwq);
    }

    /// <summary>Is any of the queue's items running or about to run, and does not stand still? Takes the pools' locks.</summary>
    public static bool IsActive(Workqueue* wq)
    {
        bool any = false;
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            WorkerPool* pool = pwq->Pool;
            FutexMutex.Lock(&pool->Lock);
            SettleAll(pool);
            any |= pwq->NrActive > pwq->NrStanding;
            Unlock(pool);
        }
        return any;
    }

    /// <summary>So many more workers stand still in an item of the link, which has nothing else in hand. Takes the pool's Lock.</summary>
    public static void CountStanding(PoolWorkqueue* pwq, int nr)
    {
        WorkerPool* pool = pwq->Pool;
        FutexMutex.Lock(&pool->Lock);
        pwq->NrStanding += nr;
        FutexMutex.Unlock(&pool->Lock);
    }

    /// <summary>Is an item of the link parked? Takes pool->Lock.</summary>
    // Those that hold the link are called before they are settled, so that the counts are those of this moment.
    public static bool IsCongested(WorkerPool* pool, PoolWorkqueue* pwq)
    {
        FutexMutex.Lock(&pool->Lock);
        HandOutAll(pool);
        if (pool->NrNewlyParked != 0)
        {
            CallHolders(pool, except: null);
        }
        SettleAll(pool);
        bool isCongested = PoolWorkqueue.HasParked(pwq);
        Unlock(pool);
        return isCongested;
    }

    private static void SettleAll(WorkerPool* pool)
    {
        for (Worker* worker = pool->Workers; worker != null; worker = worker->NextInPool)
        {
            Settle(pool, worker);
        }
    }

    // From the end of the list to the front of what is parked, so that the order stays.
    private static void ParkListed(ListHead* list, WorkerPool* pool, PoolWorkqueue* pwq)
    {
        ListHead* entry = list->Prev;
        while (entry != list)
        {
            ListHead* before = entry->Prev;
            Work* work = Work.OfEntry(entry);
            if (PoolWorkqueue.Of(Work.WordOf(work)) == pwq)
            {
                ItemCheck.Unlink(pool, work);
                pwq->NrActive--;
                ParkFirst(work, pwq, Work.WordOf(work).Runner);
            }
            entry = before;
        }
    }

    /// <summary>
    /// Lets nothing of a queue that takes no work run any more, if nothing of it is in its pools; else it goes on. Takes the
    /// pools' locks.
    /// </summary>
    // One link after another is sealed: what comes there is parked. So if all are empty once more when all are sealed,
    // nothing has gone from one that was not yet looked at to one that was.
    public static bool TryEndLinks(Workqueue* wq)
    {
        bool isEmpty = true;
        for (int look = 0; look < 2 && isEmpty; look++)
        {
            for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null && isEmpty; pwq = pwq->Next)
            {
                isEmpty = TrySeal(pwq->Pool, pwq, mustBeSealed: look != 0);
            }
        }
        if (!isEmpty)
        {
            SharedPools.Unseal(wq);
        }
        return isEmpty;
    }

    /// <summary>Is nothing of the queue in its pools, link for link? Takes the pools' locks.</summary>
    /// <param name="nr">How many items its links were ever given; wraps.</param>
    public static bool TryCountEmpty(Workqueue* wq, out uint nr)
    {
        bool isEmpty = true;
        nr = 0;
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null && isEmpty; pwq = pwq->Next)
        {
            WorkerPool* pool = pwq->Pool;
            if (pool->IsShared)
            {
                isEmpty = IsLinkEmpty(pool, pwq);
                nr += pwq->NrEver;
                continue;
            }
            isEmpty = IsPrivateEmpty(pool, ref nr);
        }
        return isEmpty;
    }

    // But for a barrier, which may be that of the flush that has just returned.
    private static bool IsPrivateEmpty(WorkerPool* pool, ref uint nr)
    {
        FutexMutex.Lock(&pool->Lock);
        bool isEmpty = Inbox.HasNoItem(&pool->Inbox) && ListHead.IsEmpty(&pool->Worklist);
        for (Worker* worker = pool->Workers; worker != null; worker = worker->NextInPool)
        {
            isEmpty &= Worker.IsIdleButForBarrier(worker);
            nr += Batch.Tail(&worker->Batch);
        }
        FutexMutex.Unlock(&pool->Lock);
        return isEmpty;
    }

    // What a worker has not settled counts still; and so does the item that put into its batch what is not counted yet.
    private static bool IsLinkEmpty(WorkerPool* pool, PoolWorkqueue* pwq)
    {
        FutexMutex.Lock(&pool->Lock);
        HandOutAll(pool);
        bool isEmpty = pwq->NrInFlight == 0;
        Unlock(pool);
        return isEmpty;
    }

    private static bool TrySeal(WorkerPool* pool, PoolWorkqueue* pwq, bool mustBeSealed)
    {
        FutexMutex.Lock(&pool->Lock);
        HandOutAll(pool);
        SettleAll(pool);
        bool isEmpty = pwq->NrInFlight == 0 && (pwq->IsSealed || !mustBeSealed);
        pwq->IsSealed |= isEmpty;
        pwq->MaxActive = isEmpty ? 0 : pwq->MaxActive;
        Unlock(pool);
        return isEmpty;
    }

    /// <summary>Takes an item that the caller has pushed back, if it still waits. Takes pool->Lock.</summary>
    /// <returns>False if it runs, or has run, or was cancelled. True: it is the caller's, pending.</returns>
    public static bool TryTakeBack(PoolWorkqueue* pwq, Work* work)
    {
        WorkerPool* pool = pwq->Pool;
        FutexMutex.Lock(&pool->Lock);
        HandOutAll(pool);
        bool isParked = IsOn(&pwq->Parked, work);
        bool isThere = isParked || IsOn(&pool->Late, work);
        if (isThere)
        {
            ItemCheck.Unlink(pool, work);
            DropWaiters(pool, work);
        }
        if (isParked)
        {
            PoolWorkqueue.Leave(pwq, PoolWorkqueue.RecordOf(pwq, Work.WordOf(work).Colour), nr: 1);
            Work.SetPlace(work, Work.WordOf(work).At(Place.Queued));
            WqBarrier.CompleteFlushers(pwq);
        }
        Unlock(pool);
        return isThere;
    }

    private static bool IsOn(ListHead* list, Work* work)
    {
        ListHead* entry = list->Next;
        while (entry != list && Work.OfEntry(entry) != work)
        {
            entry = entry->Next;
        }
        return entry != list;
    }

    /// <summary>Frees a link whose queue has ended. What was pushed too late there its callers take back. Takes pool->Lock.</summary>
    public static void FreeLink(PoolWorkqueue* pwq)
    {
        WorkerPool* pool = pwq->Pool;
        FutexMutex.Lock(&pool->Lock);
        HandOutAll(pool);
        pwq->IsDead = true;
        pool->NrRescued -= Workqueue.HasRescuer(pwq->Wq) ? 1 : 0;
        while (PoolWorkqueue.HasParked(pwq))
        {
            Work* work = Work.OfEntry(pwq->Parked.Next);
            ItemCheck.Unlink(pool, work);
            Work.SetPlace(work, Work.WordOf(work).At(Place.Queued));
            ListHead.Add(&work->Entry, &pool->Late);
        }
        Unlock(pool);
        PoolWorkqueue.Free(pwq);
    }
}
