// SPDX-License-Identifier: GPL-2.0-only
// What was taken from a shared pool's inbox, and not handed out yet.
//
// The barrier of a flush has its turn here, too, and goes no further.
//
// An item that is handed out gets a colour, is counted in flight, and has a place: a batch,
// the worklist, or its link's Parked. That is done when its turn comes, not when it is
// taken: so a worker passes over a long chain once, and what it takes goes straight to its
// batch. Items of one link in a row, as a program queues them that fills a queue, go together.
//
// Nothing passes what is older: while anything is on the worklist, what is incoming waits.
// Everything here needs the pool's lock. Kernel counterpart: the half of __queue_work under
// the lock.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct WorkerPool
{
    /// <summary>Hands out to the worker what it has room for, unless something is listed before.</summary>
    private static void HandOut(WorkerPool* pool, Worker* worker)
    {
        if (!HasIncoming(pool))
        {
            CollectInbox(pool); // Once, and not while there is something: its cache line is the producers'.
        }
        while (HasIncoming(pool) && ListHead.IsEmpty(&pool->Worklist) && worker->Batch.Room > 0 && !worker->IsIntensive)
        {
            if (!TryTakeRun(pool, worker))
            {
                AdmitFirst(pool, worker);
            }
        }
    }

    /// <summary>Hands out everything, to the worklist and to what is parked.</summary>
    private static void HandOutAll(WorkerPool* pool)
    {
        CollectInbox(pool);
        while (HasIncoming(pool))
        {
            AdmitFirst(pool, worker: null);
        }
    }

    private static bool HasIncoming(WorkerPool* pool) => !ListHead.IsEmpty(&pool->Incoming);

    // The first items of one link that nothing is special about. One cut of the list: the links between them need no mending.
    private static bool TryTakeRun(WorkerPool* pool, Worker* worker)
    {
        ListHead* head = &pool->Incoming;
        Work* work = Work.OfEntry(head->Next);
        WorkWord word = Work.WordOf(work);
        PoolWorkqueue* pwq = PoolWorkqueue.Of(word);
        if (pwq == null || !IsPlain(worker, work) || pwq->IsDead || pwq->IsIntensive || !TryHold(pool, pwq))
        {
            return false;
        }
        uint record = PoolWorkqueue.RecordOf(pwq);
        WorkWord scheduled = word.At(Place.Scheduled).With(worker->Runner).Coloured(PoolWorkqueue.ColourOf(record));
        ListHead* last = head;
        ListHead* entry = head->Next;
        int nr = 0;
        for (int room = worker->Batch.Room; nr < room && entry != head; nr++)
        {
            work = Work.OfEntry(entry);
            if (!Work.WordOf(work).IsAlike(word) || !IsPlain(worker, work))
            {
                break;
            }
            ListHead* next = ItemCheck.NextOf(pool, entry, last);
            ListHead.Init(entry);
            Batch.Put(&worker->Batch, nr, work, record, scheduled);
            last = entry;
            entry = next;
        }
        ItemCheck.NextOf(pool, entry, last);
        head->Next = entry;
        entry->Prev = head;
        Batch.EndPut(&worker->Batch, nr, record);
        PoolWorkqueue.Enter(pwq, record, nr);
        return true;
    }

    // Is it no barrier, and nobody inside its function?
    private static bool IsPlain(Worker* worker, Work* work) =>
        !WqBarrier.IsFunctionOfOne(work->Func)
            && Worker.MayRun(worker, work);

    // Any item.
    private static void AdmitFirst(WorkerPool* pool, Worker* worker)
    {
        Work* work = Work.OfEntry(pool->Incoming.Next);
        PoolWorkqueue* pwq = PoolWorkqueue.Of(Work.WordOf(work));
        ItemCheck.Unlink(pool, work);
        if (pwq->IsDead)
        {
            ListHead.Add(&work->Entry, &pool->Late);
        }
        else if (WqBarrier.IsFunctionOfOne(work->Func))
        {
            if (worker != null)
            {
                Batch.EndAssign(&worker->Batch); // Its worker is settled with the others.
            }
            WqBarrier.Reach((WqBarrier*)work, pwq, worker);
        }
        else
        {
            uint record = PoolWorkqueue.RecordOf(pwq);
            PoolWorkqueue.Enter(pwq, record, nr: 1);
            Offer(pool, worker, work, pwq, record);
        }
    }
}
