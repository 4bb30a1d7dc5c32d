// SPDX-License-Identifier: GPL-2.0-only
// A pool that cannot make the worker it lacks calls the rescuers of those queues that have
// work here. Worker.Rescue.cs has what they do.
//
// The call is made when a try to make a worker has failed, and PoolWatch tries again every
// two milliseconds. So the call need not be remembered: a rescuer that finds nothing to
// take, or somebody else about to make a worker, is called again.
// Locks: the pool's. Kernel counterparts: send_mayday, pool_mayday_timeout,
// worker_attach_to_pool, worker_detach_from_pool, assign_rescuer_work.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct WorkerPool
{
    /// <summary>A link of a queue that has a rescuer leads here from now on. Takes pool->Lock.</summary>
    public static void AddRescued(WorkerPool* pool)
    {
        FutexMutex.Lock(&pool->Lock);
        pool->NrRescued++;
        FutexMutex.Unlock(&pool->Lock);
    }

    /// <summary>The rescuer joins the pool, with an item of its queue in hand, if the pool lacks a worker and has such an item. Takes pool->Lock.</summary>
    public static bool TryJoin(WorkerPool* pool, Worker* rescuer)
    {
        FutexMutex.Lock(&pool->Lock);
        bool joins = LacksWorker(pool) && TryTakeOwn(pool, rescuer);
        if (joins)
        {
            rescuer->Pool = pool;
            rescuer->NextInPool = pool->Workers;
            pool->Workers = rescuer;
        }
        Unlock(pool);
        return joins;
    }

    /// <summary>After an item: the rescuer has the next one in hand, or has left the pool. Takes pool->Lock.</summary>
    public static bool TryStay(WorkerPool* pool, Worker* rescuer)
    {
        FutexMutex.Lock(&pool->Lock);
        Settle(pool, rescuer);
        bool stays = LacksWorker(pool) && TryTakeOwn(pool, rescuer);
        if (!stays)
        {
            RemoveWorker(pool, rescuer);
        }
        Unlock(pool);
        return stays;
    }

    /// <summary>A worker could not be made. Context: pool->Lock held, and the worker does not count any more.</summary>
    private static void CallRescuers(WorkerPool* pool)
    {
        Contract.RequiresHeld(&pool->Lock);
        if (pool->NrRescued == 0)
        {
            return;
        }
        HandOutAll(pool);
        for (ListHead* entry = pool->Worklist.Next; entry != &pool->Worklist; entry = entry->Next)
        {
            Worker* rescuer = PoolWorkqueue.Of(Work.WordOf(Work.OfEntry(entry)))->Wq->Rescuer;
            if (rescuer != null)
            {
                Worker.CallRescuer(rescuer);
            }
        }
        if (pool->NrNewlyParked != 0)
        {
            CallHolders(pool, except: null);
        }
    }

    // A worker that is being woken or made counts as running.
    private static bool LacksWorker(WorkerPool* pool) => pool->NrRunning < pool->Target && pool->_idle == 0;

    // The oldest listed item of its queue goes to the rescuer's hand, which is empty and settled. It brings its unit along.
    private static bool TryTakeOwn(WorkerPool* pool, Worker* rescuer)
    {
        Contract.RequiresHeld(&pool->Lock);
        HandOutAll(pool);
        ListHead* before = &pool->Worklist;
        while (before->Next != &pool->Worklist)
        {
            Work* work = Work.OfEntry(before->Next);
            PoolWorkqueue* pwq = PoolWorkqueue.Of(Work.WordOf(work));
            if (pwq->Wq != rescuer->Rescues)
            {
                before = before->Next;
                continue;
            }
            Worker* runner = RunnerOf(pool, work);
            uint record = RecordOf(work);
            ItemCheck.Unlink(pool, work);
            if (runner == null)
            {
                Batch.Append(&rescuer->Batch, work, record, rescuer->Runner);
                Batch.EndAssign(&rescuer->Batch);
                return true;
            }
            List(pool, work, runner, record); // To that worker; or, if it is through with it, to the end, where we come to it.
        }
        return false;
    }
}
