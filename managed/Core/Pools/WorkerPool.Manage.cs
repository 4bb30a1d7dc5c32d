// SPDX-License-Identifier: GPL-2.0-only
// A pool's workers: how they start and end.
//
// One thread at a time starts or stops a pool's workers: the one that makes or ends a
// queue, or a transition of CPUs that has pinned the pool.
// Kernel counterparts: create_worker, destroy_worker.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct WorkerPool
{
    /// <summary>Starts a worker, and opens the pool.</summary>
    /// <returns>0 or an errno value.</returns>
    // The new worker needs the lock before it can do anything, and then meets an open inbox. The inbox is not opened
    // earlier, as a caller that looked the pool up when it was last open may push at any moment.
    public static int Start(WorkerPool* pool)
    {
        Worker* worker = Worker.Alloc(pool);
        if (worker == null)
        {
            return Tmds.Linux.LibC.ENOMEM;
        }
        FutexMutex.Lock(&pool->Lock);
        int error = Worker.Start(worker);
        if (error == 0)
        {
            worker->NextInPool = pool->Workers;
            pool->Workers = worker;
            Inbox.Open(&pool->Inbox);
        }
        FutexMutex.Unlock(&pool->Lock);
        if (error != 0)
        {
            Worker.Free(worker);
        }
        return error;
    }

    /// <summary>Has every worker run on <paramref name="cpus"/>.</summary>
    public static void Bind(WorkerPool* pool, CpuMask* cpus)
    {
        for (Worker* worker = pool->Workers; worker != null; worker = worker->NextInPool)
        {
            Worker.Bind(worker, cpus);
        }
    }

    /// <summary>Tells the workers to end when nothing is pending. Does not wait.</summary>
    public static void RequestStop(WorkerPool* pool)
    {
        FutexMutex.Lock(&pool->Lock); // A worker looks for it under the lock before it falls asleep.
        for (Worker* worker = pool->Workers; worker != null; worker = worker->NextInPool)
        {
            Worker.RequestStop(worker);
        }
        FutexMutex.Unlock(&pool->Lock);
        if (pool->Workers != null)
        {
            Inbox.Kick(&pool->Inbox);
        }
    }

    /// <summary>
    /// Waits until the workers have run what is left and ended, after RequestStop; the pool has none then.
    /// Blocks. One caller at a time.
    /// </summary>
    public static void WaitForStop(WorkerPool* pool, WaitCall call)
    {
        Join(pool, call);
        Reap(pool);
    }

    /// <summary>The first half of WaitForStop: the workers have ended, and are still to be found.</summary>
    public static void Join(WorkerPool* pool, WaitCall call)
    {
        for (Worker* worker = pool->Workers; worker != null; worker = worker->NextInPool)
        {
            Worker.Join(worker, call);
        }
        Watcher.Acquire(pool);
    }

    /// <summary>The second half.</summary>
    public static void Reap(WorkerPool* pool)
    {
        FutexMutex.Lock(&pool->Lock); // Cancellers look into the workers' batches.
        Worker* worker = pool->Workers;
        pool->Workers = null;
        pool->_idle = 0;
        FutexMutex.Unlock(&pool->Lock);
        while (worker != null)
        {
            Worker* next = worker->NextInPool;
            Worker.Free(worker);
            worker = next;
        }
    }
}
