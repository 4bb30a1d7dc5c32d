// SPDX-License-Identifier: GPL-2.0-only
// How a worker falls asleep, and how it is woken.
//
// It goes on its pool's idle stack under the pool's lock, and sleeps on a word of its own
// until the thread that takes it off the stack wakes it. Locks: the pool's.
// Kernel counterpart: the end of worker_thread, wake_up_worker, idle_worker_timeout.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct Worker
{
    /// <summary>The worker is about to sleep. Context: pool->Lock held, in which it goes on the idle stack.</summary>
    public static void BeginSleep(Worker* worker) => Atomic.Store(&worker->_asleep, 1);

    /// <summary>Has it go on, by the thread that took it off the idle stack.</summary>
    public static void Wake(Worker* worker)
    {
        Atomic.Store(&worker->_asleep, 0);
        Futex.Wake(&worker->_asleep, 1);
    }

    /// <summary>Sleeps until there is something to do. False if the pool is closed and the worker must end.</summary>
    private static bool SleepOrDie(Worker* worker)
    {
        WorkerPool* pool = worker->Pool;
        WorkerPool.LookForCpu(pool, worker);
        if (!worker->IsSurplus && worker->_linger.MeetsItem(pool, worker->Batch.NrAdded))
        {
            return true;
        }
        FutexMutex.Lock(&pool->Lock);
        bool stop = MustStop(worker);
        bool idle = stop ? WorkerPool.TryDie(pool) : WorkerPool.TryFallAsleep(pool, worker);
        WorkerPool.Unlock(pool);
        if (idle && !stop)
        {
            worker->_linger.BeforeSleep();
            bool isRetired = !WaitWhileAsleep(worker);
            WorkerPool.NoteCpu(pool);
            worker->_linger.AfterSleep(pool);
            return !isRetired;
        }
        return !(idle && stop);
    }

    // False if the worker has slept for so long that it is to end: then it has left its pool.
    private static bool WaitWhileAsleep(Worker* worker)
    {
        WorkerPool* pool = worker->Pool;
        long endNs = pool->IsShared ? WorkerPool.IdleEndNs() : Clock.Never;
        while (Atomic.Load(&worker->_asleep) != 0)
        {
            Futex.WaitUntil(&worker->_asleep, 1, endNs);
            if (endNs != Clock.Never && Clock.NowNs() >= endNs && WorkerPool.TryRetire(pool, worker))
            {
                return false;
            }
        }
        return true;
    }
}
