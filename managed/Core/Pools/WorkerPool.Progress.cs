// SPDX-License-Identifier: GPL-2.0-only
// That a pool's work goes on: which worker is woken, made, or lies down.
//
// A pool wants Target workers running while it has work: one in a CPU's pool, one for each
// CPU in an unbound one. A worker that waits inside an item does not count as running, if
// the pool knows: the library's own waits tell it, and wq_blocking_begin(); else the Watch
// finds out. Nor does one at an item of a WQ_CPU_INTENSIVE queue (WorkerPool.Intensive.cs).
//
// Invariant, while the lock is free: if a list or the inbox has an item, then Target workers
// are running or being woken or made, or there is none that could be, and the rescuers of
// the queues that have some were called; the inbox says Asleep only if fewer than Target
// are running, and nothing is listed or incoming. Whoever changes one of these holds the
// lock, and lets it go by Unlock, which looks.
//
// A shared pool's worker ends when it has slept for the idle time. Kernel counterparts:
// need_more_worker, kick_pool, wq_worker_running, wq_worker_sleeping, idle_worker_timeout.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct WorkerPool
{
    /// <summary>
    /// Lets go of the lock, when the lists or the counts have changed: calls, wakes or makes the worker that is needed now, and
    /// completes the waiters whose runs have ended.
    /// </summary>
    // Not under the lock: a thread that wakes on this CPU would run into it at once.
    public static void Unlock(WorkerPool* pool)
    {
        Contract.RequiresHeld(&pool->Lock);
        if (pool->NrNewlyParked != 0)
        {
            CallHolders(pool, except: null);
        }
        Worker* idle = null;
        bool isToMake = false;
        if (pool->NrRunning < pool->Target && HasWorkOrRests(pool))
        {
            idle = PopIdle(pool);
            isToMake = idle == null && pool->IsShared;
            if (isToMake)
            {
                CountRunning(pool);
            }
        }
        UnlockAndComplete(pool, idle);
        if (isToMake)
        {
            MakeSlow(pool);
        }
    }

    /// <summary>By the thread whose push found the inbox Asleep.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void WakeSlow(WorkerPool* pool)
    {
        int cpu = Cpus.Current();
        Atomic.Store(&pool->_feederCpu, cpu);
        if (IsAway(pool) && cpu == pool->Cpu)
        {
            CpuWatch.Suspect(); // The CPU is back, or was only taken from us.
        }
        FutexMutex.Lock(&pool->Lock);
        Unlock(pool);
    }

    /// <summary>The worker falls asleep if it is not needed. Context: pool->Lock held.</summary>
    public static bool TryFallAsleep(WorkerPool* pool, Worker* worker)
    {
        Contract.RequiresHeld(&pool->Lock);
        Contract.Requires(!worker->IsBlocked && !worker->IsIntensive);
        if (pool->IsShared)
        {
            Settle(pool, worker);
        }
        if (pool->NrRunning <= pool->Target && !TryRest(pool, worker))
        {
            return false;
        }
        pool->NrRunning--;
        Worker.BeginSleep(worker);
        worker->NextIdle = (Worker*)pool->_idle;
        Atomic.Store(&pool->_idle, (nuint)worker);
        return true;
    }

    /// <summary>The calling worker is about to wait inside its item: it does not run, and another goes on with what it has in hand.</summary>
    public static void BeginBlock(WorkerPool* pool, Worker* worker)
    {
        FutexMutex.Lock(&pool->Lock);
        PutBack(pool, worker, Batch.Head(&worker->Batch));
        SetBlocked(pool, worker);
        Unlock(pool);
    }

    /// <summary>It goes on.</summary>
    public static void EndBlock(WorkerPool* pool, Worker* worker)
    {
        FutexMutex.Lock(&pool->Lock);
        if (!worker->IsIntensive)
        {
            SetRunning(pool, worker);
        }
        Unlock(pool);
    }

    /// <summary>By a worker that was called: settles, goes on to count as running, and gives up what it was told to. Context: takes pool->Lock.</summary>
    public static void AfterItem(WorkerPool* pool, Worker* worker)
    {
        FutexMutex.Lock(&pool->Lock);
        Contract.Requires(pool->Completed == null);
        Settle(pool, worker);
        SetRunning(pool, worker);
        ReleaseScheduled(pool, worker);
        if (pool->NrRunning > pool->Target)
        {
            PutBack(pool, worker, Batch.Head(&worker->Batch)); // It lies down.
        }
        else if (Batch.HoldsParked(&worker->Batch) || Batch.HoldsFlushed(&worker->Batch))
        {
            Worker.Call(worker);
        }
        Unlock(pool);
    }

    /// <summary>
    /// The worker, not the caller, is in an item and does not get on: it does not count as running until that has ended,
    /// and others go on with what it has in hand. Context: pool->Lock held.
    /// </summary>
    public static void PassBy(WorkerPool* pool, Worker* worker)
    {
        Contract.RequiresHeld(&pool->Lock);
        if (Raid(pool, worker))
        {
            SetBlocked(pool, worker);
        }
    }

    /// <summary>The worker gives up what it has in hand, if more workers should run. Context: pool->Lock held.</summary>
    public static void Unburden(WorkerPool* pool, Worker* worker)
    {
        Contract.RequiresHeld(&pool->Lock);
        if (pool->NrRunning < pool->Target && Batch.First(&worker->Batch) != null)
        {
            Raid(pool, worker);
        }
    }

    /// <summary>Does anything wait? Context: pool->Lock held.</summary>
    public static bool HasBacklog(WorkerPool* pool)
    {
        Contract.RequiresHeld(&pool->Lock);
        bool any = HasWork(pool);
        for (Worker* worker = pool->Workers; worker != null && !any; worker = worker->NextInPool)
        {
            any = Batch.First(&worker->Batch) != null;
        }
        return any;
    }

    // What follows needs the lock.

    // Takes what another worker has in hand. True if it is inside a function: then that is all it had. If it is between two
    // items it may come to one more, which is left to it.
    private static bool Raid(WorkerPool* pool, Worker* worker)
    {
        Contract.RequiresHeld(&pool->Lock);
        Worker.Call(worker);
        Membarrier.Heavy(); // Pairs with Light in ProcessOneWork.
        bool isInFunction = Worker.IsInFunction(worker);
        PutBack(pool, worker, Batch.Head(&worker->Batch) + (isInFunction ? 0u : 1u));
        return isInFunction;
    }

    private static void SetBlocked(WorkerPool* pool, Worker* worker)
    {
        if (!worker->IsBlocked)
        {
            worker->IsBlocked = true;
            pool->NrRunning--;
            Inbox.TryFallAsleep(&pool->Inbox); // If it is not empty Unlock sees that.
        }
    }

    // A rescuer never counts.
    private static void SetRunning(WorkerPool* pool, Worker* worker)
    {
        worker->IsIntensive = false;
        if (worker->IsBlocked && worker->Rescues == null)
        {
            worker->IsBlocked = false;
            CountRunning(pool);
        }
    }

    // One more is up, or will be in a moment.
    private static void CountRunning(WorkerPool* pool)
    {
        if (++pool->NrRunning >= pool->Target)
        {
            Inbox.TryKick(&pool->Inbox); // A push need not wake another.
        }
    }

    private static bool HasWork(WorkerPool* pool) =>
        !ListHead.IsEmpty(&pool->Worklist) || HasIncoming(pool) || !Inbox.HasNoItem(&pool->Inbox);

    // A canceller may have taken the inbox of a pool whose worker sleeps, and emptied the list. Not before that does the inbox say
    // Asleep again: a flush takes that for "all has run".
    private static bool HasWorkOrRests(WorkerPool* pool)
    {
        bool hasWork;
        do
        {
            hasWork = HasWork(pool);
        }
        while (!hasWork && !Inbox.TryRest(&pool->Inbox));
        return hasWork;
    }

    // The inbox says Asleep, unless there is work, or others are up and will look into it: a worker that has just found
    // nothing but what must wait for another is not to be woken for the next of that kind.
    private static bool TryRest(WorkerPool* pool, Worker* worker)
    {
        if (!ListHead.IsEmpty(&pool->Worklist) || HasIncoming(pool))
        {
            return false;
        }
        return (worker->WasFruitless && pool->NrRunning > 1) || Inbox.TryFallAsleep(&pool->Inbox);
    }

    private static Worker* PopIdle(WorkerPool* pool)
    {
        Worker* idle = (Worker*)pool->_idle;
        if (idle != null)
        {
            Atomic.Store(&pool->_idle, (nuint)idle->NextIdle);
            CountRunning(pool);
        }
        return idle;
    }

    // A link has come to have parked items: workers that hold one of that kind are to let go of it as soon as they are
    // through with it. After the fence each has been called, or is settled as far as it is.
    private static void CallHolders(WorkerPool* pool, Worker* except)
    {
        pool->NrNewlyParked = 0;
        CallAll(pool, except);
    }

    /// <summary>
    /// Has every worker that holds a link with parked items, or one whose flush waits, tell when it is through with an
    /// item; and settles what they have run. Context: pool->Lock held.
    /// </summary>
    /// <param name="except">The worker that hands out, and looks at its batch when it is through with that; or null.</param>
    public static void CallAll(WorkerPool* pool, Worker* except)
    {
        Contract.RequiresHeld(&pool->Lock);
        bool any = false;
        for (Worker* worker = pool->Workers; worker != null; worker = worker->NextInPool)
        {
            if (worker != except && (Batch.HoldsParked(&worker->Batch) || Batch.HoldsFlushed(&worker->Batch)))
            {
                Worker.Call(worker);
                any = true;
            }
        }
        if (!any)
        {
            return;
        }
        Membarrier.Heavy(); // Pairs with Light in ProcessOneWork.
        SettleAll(pool);
    }
}
