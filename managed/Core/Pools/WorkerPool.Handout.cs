// SPDX-License-Identifier: GPL-2.0-only
// How the items of a shared pool get from the inbox to its workers.
//
//   inbox ──CollectInbox──► Incoming ──HandOut──► the batch of the worker that holds the
//                      lock; what that may not take: worklist, or the link's Parked
//   worklist ──TakeListed──► batch
//   batch ──PutBack──► Parked ──Activate──► worklist: what a blocked worker had in hand
//
// What a worker has run is settled when it next takes the lock, and before that by any
// thread that holds the lock and must know. PoolWorkqueue.Active.cs counts.
//
// An item whose function still runs may be run by that worker only. If its turn comes
// meanwhile, it goes to that worker's Scheduled, and the worker is called.
//
// Everything here needs the pool's lock. Kernel counterparts: the half of __queue_work
// under the lock, assign_work, move_linked_works, find_worker_executing_work.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct WorkerPool
{
    /// <summary>Counts what the worker has run since it was last settled, and lets go of the links it is through with.</summary>
    public static void Settle(WorkerPool* pool, Worker* worker)
    {
        Contract.RequiresHeld(&pool->Lock);
        Batch* batch = &worker->Batch;
        uint end = Worker.EndOfRuns(worker); // First: then all up to there has been appended, and is counted next.
        while (Batch.TryCount(batch, out uint appended, out int nrAppended))
        {
            PoolWorkqueue.Enter(PoolWorkqueue.OfRecord(appended), appended, nrAppended);
        }
        while (Batch.TrySettle(batch, end, out uint record, out int nr))
        {
            LetGo(pool, worker, record, nr);
        }
    }

    // So that the worker, which is inside an item, may append to its batch. It does not wait for the lock: then the item goes by
    // the inbox.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool SettlesSlotSlow(Worker* worker)
    {
        WorkerPool* pool = worker->Pool;
        if (!FutexMutex.TryLock(&pool->Lock))
        {
            return false;
        }
        Settle(pool, worker);
        Unlock(pool);
        return !Batch.IsToSettle(&worker->Batch) && HasNothingWaiting(pool);
    }

    private static bool RefillShared(WorkerPool* pool, Worker* worker)
    {
        bool isRunning = !worker->IsBlocked && !worker->IsIntensive;
        if (isRunning && HasNothingWaiting(pool) && !HasIncoming(pool) && !Batch.HoldsParked(&worker->Batch))
        {
            return false; // It settles before it sleeps, as nothing seems to wait for what it holds: a guess, without the lock.
        }
        FutexMutex.Lock(&pool->Lock);
        Settle(pool, worker);
        SetRunning(pool, worker); // If it had an intensive item.
        worker->IsSurplus = pool->NrRunning > pool->Target; // Then it lies down.
        bool any = !worker->IsSurplus && Assign(pool, worker);
        if (!any)
        {
            Inbox.TryKick(&pool->Inbox); // It is up for a moment yet.
        }
        if (pool->NrNewlyParked != 0)
        {
            CallHolders(pool, worker);
        }
        bool leavesSome = worker->Batch.HasSeveral || HasIncoming(pool) || !ListHead.IsEmpty(&pool->Worklist);
        Contract.Requires(!pool->IsLooking || pool->IsWatched != 0);
        bool isToWatch = leavesSome && !pool->IsLooking && Atomic.Load(&pool->IsWatched) == 0;
        Unlock(pool);
        if (isToWatch)
        {
            PoolWatch.BeginSlow(pool);
        }
        return any;
    }

    /// <summary>Gives the worker, whose batch is empty and settled, items to run.</summary>
    /// <returns>False if there was nothing for it.</returns>
    private static bool Assign(WorkerPool* pool, Worker* worker)
    {
        pool->NrRefills++;
        TakeListed(pool, worker);
        bool hadWork = HasWork(pool);
        HandOut(pool, worker);
        worker->WasFruitless = hadWork && worker->Batch.IsEmpty;
        Batch.EndAssign(&worker->Batch);
        if (Batch.HasLeftParked(&worker->Batch) || Batch.HoldsFlushed(&worker->Batch))
        {
            Worker.Call(worker); // To let go of a link before it is through with the others.
        }
        if (worker->IsIntensive)
        {
            SetBlocked(pool, worker);
        }
        return !worker->Batch.IsEmpty;
    }

    // Where an item goes that was counted. While something is parked there is no room, so nothing goes before that.
    private static void Offer(WorkerPool* pool, Worker* worker, Work* work, PoolWorkqueue* pwq, uint record)
    {
        Worker* runner = RunnerOf(pool, work);
        if (runner == null && worker != null && Fits(worker, pwq) && TryHold(pool, pwq))
        {
            Take(worker, work, pwq, record);
        }
        else if (PoolWorkqueue.TryActivate(pwq))
        {
            List(pool, work, runner, record);
        }
        else
        {
            Park(pool, work, pwq, record);
        }
    }

    // What is listed of a link is older than what is parked there.
    private static void TakeListed(WorkerPool* pool, Worker* worker)
    {
        uint first = worker->Batch.NrAdded;
        while (worker->Batch.Room > 0 && !ListHead.IsEmpty(&pool->Worklist))
        {
            Work* work = Work.OfEntry(pool->Worklist.Next);
            Worker* runner = RunnerOf(pool, work);
            uint record = RecordOf(work);
            PoolWorkqueue* pwq = PoolWorkqueue.Of(Work.WordOf(work));
            if (runner == null && !Fits(worker, pwq))
            {
                break;
            }
            ItemCheck.Unlink(pool, work);
            if (runner != null)
            {
                List(pool, work, runner, record);
                continue;
            }
            JoinHold(pool, pwq);
            Take(worker, work, pwq, record);
        }
        uint last = 0;
        for (uint at = first, end = worker->Batch.NrAdded; at != end; at++)
        {
            uint record = Batch.RecordOf(&worker->Batch, at);
            if (record != last && record != 0)
            {
                last = record;
                TakeParked(pool, worker, PoolWorkqueue.OfRecord(record));
            }
        }
    }

    // The worker holds the link: what is parked there it may run too. If its unit has joined another, there is room.
    private static void TakeParked(WorkerPool* pool, Worker* worker, PoolWorkqueue* pwq)
    {
        while (Fits(worker, pwq) && PoolWorkqueue.HasParked(pwq) && pwq->MaxActive > 0)
        {
            Work* work = Work.OfEntry(pwq->Parked.Next);
            if (RunnerOf(pool, work) != null)
            {
                break;
            }
            uint record = RecordOf(work);
            ItemCheck.Unlink(pool, work);
            Batch.Append(&worker->Batch, work, record, worker->Runner);
        }
        Activate(pool, pwq);
    }

    /// <summary>Puts what is parked on the list, as far as there is room.</summary>
    public static void Activate(WorkerPool* pool, PoolWorkqueue* pwq)
    {
        Contract.RequiresHeld(&pool->Lock);
        while (PoolWorkqueue.HasParked(pwq))
        {
            Work* work = Work.OfEntry(pwq->Parked.Next);
            uint record = RecordOf(work);
            if (!PoolWorkqueue.TryActivate(pwq))
            {
                return;
            }
            ItemCheck.Unlink(pool, work);
            List(pool, work, RunnerOf(pool, work), record);
        }
    }

    /// <summary>
    /// Takes what the worker has in hand from slot <paramref name="first"/> on, and parks or lists it again, in order. It
    /// will take the lock before it comes to that slot.
    /// </summary>
    private static void PutBack(WorkerPool* pool, Worker* worker, uint first)
    {
        Contract.RequiresHeld(&pool->Lock);
        Settle(pool, worker);
        PoolWorkqueue* touched = null;
        Work* work;
        while ((work = Batch.TakeLast(&worker->Batch, first, out uint record)) != null)
        {
            PoolWorkqueue* pwq = PoolWorkqueue.Of(Work.WordOf(work));
            ParkFirst(work, pwq, Worker.AtItem(worker->Runner, work) != null ? worker->Runner : 0);
            pwq->NrActive -= record != 0 && !Batch.HoldsLinkOf(&worker->Batch, record) ? 1 : 0;
            if (pwq->NextTouched == null)
            {
                pwq->NextTouched = touched != null ? touched : pwq; // The last one leads to itself.
                touched = pwq;
            }
        }
        while (touched != null)
        {
            PoolWorkqueue* pwq = touched;
            touched = pwq->NextTouched != pwq ? pwq->NextTouched : null;
            pwq->NextTouched = null;
            Activate(pool, pwq);
        }
    }

    /// <summary>An item that was handed out is taken off its list by a canceller: it has ended.</summary>
    /// <param name="word">Its word before.</param>
    public static void LeaveList(WorkerPool* pool, PoolWorkqueue* pwq, WorkWord word)
    {
        Contract.RequiresHeld(&pool->Lock);
        if (word.IsAt(Place.Queued))
        {
            return; // Not handed out yet, or of a private pool.
        }
        pwq->NrActive -= word.IsAt(Place.Listed) ? 1 : 0;
        PoolWorkqueue.Leave(pwq, PoolWorkqueue.RecordOf(pwq, word.Colour), nr: 1);
        Activate(pool, pwq);
        WqBarrier.CompleteFlushers(pwq);
    }

    /// <summary>Items of one record have ended in the worker's hand, or were taken out of it.</summary>
    public static void LetGo(WorkerPool* pool, Worker* worker, uint record, int nr)
    {
        Contract.RequiresHeld(&pool->Lock);
        if (record == 0)
        {
            return; // Of a private pool, or it was not counted yet.
        }
        PoolWorkqueue* pwq = PoolWorkqueue.OfRecord(record);
        PoolWorkqueue.Leave(pwq, record, nr);
        if (!Batch.HoldsLinkOf(&worker->Batch, record))
        {
            pwq->NrActive--;
            Activate(pool, pwq);
        }
        WqBarrier.CompleteFlushers(pwq);
    }

    // To the end of the list; or if the item's function still runs, to that worker.
    private static void List(WorkerPool* pool, Work* work, Worker* runner, uint record)
    {
        Work.SetPlace(work, Work.WordOf(work).At(Place.Listed).Coloured(PoolWorkqueue.ColourOf(record)));
        if (runner != null && Worker.TrySchedule(runner, work))
        {
            return;
        }
        ListHead.Add(&work->Entry, pool->Worklist.Prev);
    }

    // A worker that holds the link and is through with it must let go of it: from now on it is to look after each item.
    private static void Park(WorkerPool* pool, Work* work, PoolWorkqueue* pwq, uint record)
    {
        bool isFirst = !PoolWorkqueue.HasParked(pwq);
        Work.SetPlace(work, Work.WordOf(work).At(Place.Parked).Coloured(PoolWorkqueue.ColourOf(record)));
        ListHead.Add(&work->Entry, pwq->Parked.Prev);
        if (isFirst)
        {
            pool->NrNewlyParked++;
        }
    }

    // Before what is parked already.
    private static void ParkFirst(Work* work, PoolWorkqueue* pwq, nuint runner)
    {
        Work.SetPlace(work, Work.WordOf(work).At(Place.Parked).With(runner));
        ListHead.Add(&work->Entry, &pwq->Parked);
    }

    /// <summary>What waited for the worker, which has ended its run, may run anywhere. Context: pool->Lock held.</summary>
    private static void ReleaseScheduled(WorkerPool* pool, Worker* worker)
    {
        while (!ListHead.IsEmpty(&worker->Scheduled))
        {
            Work* work = Work.OfEntry(worker->Scheduled.Next);
            PoolWorkqueue* pwq = PoolWorkqueue.Of(Work.WordOf(work));
            ItemCheck.Unlink(pool, work);
            pwq->NrActive--;
            ParkFirst(work, pwq, runner: 0);
            Activate(pool, pwq);
        }
    }

    // The first item of the link in this refill brings its unit along; that of a later one is free.
    private static void JoinHold(WorkerPool* pool, PoolWorkqueue* pwq)
    {
        pwq->NrActive -= pwq->Refill == pool->NrRefills ? 1 : 0;
        pwq->Refill = pool->NrRefills;
    }

    private static bool TryHold(WorkerPool* pool, PoolWorkqueue* pwq)
    {
        if (pwq->Refill == pool->NrRefills)
        {
            return pwq->MaxActive > 0 && !PoolWorkqueue.HasParked(pwq); // One may be parked that runs elsewhere.
        }
        if (!PoolWorkqueue.TryActivate(pwq))
        {
            return false;
        }
        pwq->Refill = pool->NrRefills;
        return true;
    }

    // The record that an item on a list has.
    private static uint RecordOf(Work* work)
    {
        WorkWord word = Work.WordOf(work);
        return PoolWorkqueue.RecordOf(PoolWorkqueue.Of(word), word.Colour);
    }

    // The pool's worker that is inside the item's function, or null. Another pool's is in it for another queue, or the item
    // would have gone there: it may run here too.
    private static Worker* RunnerOf(WorkerPool* pool, Work* work)
    {
        nuint runner = Work.WordOf(work).Runner;
        Worker* worker = runner == 0 ? null : Worker.AtItem(runner, work);
        return worker != null && worker->Pool == pool ? worker : null;
    }
}
