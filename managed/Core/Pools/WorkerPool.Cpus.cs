// SPDX-License-Identifier: GPL-2.0-only
// Which CPUs a pool's workers run on.
//
// A private pool's worker ends when its CPU goes (Hotplug). A shared pool stays. While its
// CPU is offline it is as an unbound one: its workers, and those made meanwhile, may run on
// all online CPUs, and one for each of them should run. Its links and its inbox are what
// they were, so nothing moves and no push is refused. An unbound pool follows the
// online CPUs in the same way.
//
// Invariant, while the lock is free: a worker that has arrived may run where the last
// FollowCpus said, or if there was none where it was made to, unless others have bound it.
// A worker that is being made has chosen its CPUs under the lock, and when it arrives it
// sees whether they are still right. It is bound under the lock, and leaves its pool under
// it, so its thread is there. Kernel counterparts: unbind_workers, rebind_workers,
// worker_attach_to_pool, POOL_DISASSOCIATED.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct WorkerPool
{
    private static bool IsAway(WorkerPool* pool) => pool->IsShared && Atomic.Load(&pool->_isAway) != 0;

    /// <summary>Notes whether the calling worker is where it should not be.</summary>
    // Somebody has bound it elsewhere, or its CPU is gone, or is back. One that is ending was sent away.
    public static void LookForCpu(WorkerPool* pool, Worker* worker)
    {
        if (pool->Cpu >= 0 && (Cpus.Current() == pool->Cpu) == IsAway(pool) && !Worker.MustStop(worker))
        {
            Atomic.Store(&pool->IsAstray, 1);
            CpuWatch.Suspect();
        }
    }

    /// <summary>A shared pool and its workers follow what is online now. Context: takes pool->Lock; one caller at a time.</summary>
    public static void FollowCpus(WorkerPool* pool)
    {
        FutexMutex.Lock(&pool->Lock);
        LookWhatIsOnline(pool);
        pool->_nrBindings++;
        BindAll(pool);
        if (pool->NrRunning >= pool->Target)
        {
            Inbox.TryKick(&pool->Inbox); // Fewer should run than before: those that do look into it.
        }
        Unlock(pool);
    }

    /// <summary>By a new worker of a shared pool, before it does anything. Context: takes pool->Lock.</summary>
    public static void Arrive(WorkerPool* pool, Worker* worker)
    {
        FutexMutex.Lock(&pool->Lock);
        worker->HasArrived = true;
        if (worker->NrBindings != pool->_nrBindings)
        {
            BindSlow(pool, worker);
        }
        FutexMutex.Unlock(&pool->Lock);
    }

    /// <summary>By a rescuer that has joined the pool. Context: takes pool->Lock.</summary>
    public static void BindRescuer(WorkerPool* pool, Worker* rescuer)
    {
        FutexMutex.Lock(&pool->Lock);
        BindSlow(pool, rescuer);
        FutexMutex.Unlock(&pool->Lock);
    }

    // Apart: masks would use a page of every new thread's stack. Context: pool->Lock held.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void BindSlow(WorkerPool* pool, Worker* worker)
    {
        CpuMask cpus;
        CpusOf(pool, &cpus);
        Worker.Bind(worker, &cpus);
    }

    // By the thread that has made a worker. If it did so while the workers were bound anew, it may have bound that worker to what
    // was right before. Context: takes pool->Lock.
    private static void BindAgainSince(WorkerPool* pool, int nrBindings)
    {
        FutexMutex.Lock(&pool->Lock);
        if (pool->_nrBindings != nrBindings)
        {
            BindAll(pool);
        }
        FutexMutex.Unlock(&pool->Lock);
    }

    // Context: pool->Lock held, or the pool is new.
    private static void LookWhatIsOnline(WorkerPool* pool)
    {
        bool isAway = pool->Cpu >= 0 && !Cpus.IsOnline(pool->Cpu);
        Atomic.Store(&pool->_isAway, isAway ? 1 : 0);
        pool->Target = pool->Cpu >= 0 && !isAway ? 1 : Cpus.NrOnline;
    }

    // Context: pool->Lock held.
    private static void BindAll(WorkerPool* pool)
    {
        Contract.RequiresHeld(&pool->Lock);
        CpuMask cpus;
        CpusOf(pool, &cpus);
        Atomic.Store(&pool->IsAstray, 0);
        for (Worker* worker = pool->Workers; worker != null; worker = worker->NextInPool)
        {
            if (worker->HasArrived)
            {
                Worker.Bind(worker, &cpus);
            }
        }
    }

    // Where workers of a shared pool may run. Context: pool->Lock held.
    private static void CpusOf(WorkerPool* pool, CpuMask* cpus)
    {
        Contract.RequiresHeld(&pool->Lock);
        *cpus = default;
        if (pool->Cpu >= 0 && !IsAway(pool))
        {
            cpus->Add(pool->Cpu);
            return;
        }
        CpuMask allowed;
        CpuWatch.Allowed(&allowed); // The process may have lost some that still count as online.
        for (int cpu = 0; cpu < Cpus.NrPossible; cpu++)
        {
            if (allowed.Has(cpu) && Cpus.IsOnline(cpu))
            {
                cpus->Add(cpu);
            }
        }
        if (cpus->Count == 0)
        {
            *cpus = allowed;
        }
    }
}
