// SPDX-License-Identifier: GPL-2.0-only
// A pool's workers: how they start and end.
//
// One thread at a time starts or stops a pool's workers: the one that makes or ends a
// queue, or a transition of CPUs that has pinned the pool.
// Kernel counterparts: create_worker, destroy_worker.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct WorkerPool
{
    private const long NsPerMs = 1_000_000;
    private const long RetryNs = 10_000_000; // As the kernel's mayday.

    private const long NeverIdle = -1;

    private static long s_idleMs; // A plain word, read when a worker falls asleep; 0: nobody has set it.

#if WQ_SIM
    private const long DefaultIdleMs = 1; // So that runs see workers end.
#else
    private const long DefaultIdleMs = 300_000; // IDLE_WORKER_TIMEOUT
#endif

    /// <summary>Starts a worker, and opens the pool.</summary>
    /// <returns>None, or why there is no worker.</returns>
    // The new worker needs the lock before it can do anything, and then meets an open inbox. The inbox is not opened
    // earlier, as a caller that looked the pool up when it was last open may push at any moment.
    public static Errno Start(WorkerPool* pool)
    {
        Worker* worker = Worker.Alloc(pool);
        if (worker == null)
        {
            return Errno.ENOMEM;
        }
        FutexMutex.Lock(&pool->Lock);
        Errno error = Worker.Start(worker);
        if (error == Errno.None)
        {
            worker->NextInPool = pool->Workers;
            pool->Workers = worker;
            pool->NrRunning++;
            Inbox.Open(&pool->Inbox);
        }
        FutexMutex.Unlock(&pool->Lock);
        if (error != Errno.None)
        {
            Worker.Free(worker);
        }
        return error;
    }

    /// <summary>Makes a worker of a shared pool, which is counted as running already.</summary>
    // If that fails its work waits for the next look, for the workers there are, and for rescuers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeSlow(WorkerPool* pool)
    {
        Worker* worker = Worker.Alloc(pool);
        Errno error = worker != null ? StartShared(pool, worker) : Errno.ENOMEM;
        if (error == Errno.None)
        {
            Atomic.Add(&pool->NrStarted, 1);
            return;
        }
        FutexMutex.Lock(&pool->Lock);
        pool->NrRunning--;
        if (worker != null)
        {
            RemoveWorker(pool, worker);
        }
        CallRescuers(pool);
        UnlockAndComplete(pool);
        if (worker != null)
        {
            Worker.Free(worker);
        }
        ReportNoWorkerSlow(pool, error);
        PoolWatch.BeginSlow(pool);
    }

    // On the list first: from its first moment on it is there to be found. Context: takes pool->Lock.
    private static Errno StartShared(WorkerPool* pool, Worker* worker)
    {
        CpuMask cpus;
        FutexMutex.Lock(&pool->Lock);
        int id = pool->NrMade++;
        int nrBindings = worker->NrBindings = pool->_nrBindings;
        CpusOf(pool, &cpus);
        worker->NextInPool = pool->Workers;
        pool->Workers = worker;
        FutexMutex.Unlock(&pool->Lock);
        if (worker->Runner > WorkWord.MaxRunner)
        {
            return Errno.ENOMEM;
        }
        Errno error = Worker.StartShared(worker, id, &cpus);
        if (error == Errno.None)
        {
            BindAgainSince(pool, nrBindings);
        }
        return error;
    }

    /// <summary>Returns when a shared pool, which has work, has a worker: where none can be made, it is tried again. May sleep.</summary>
    /// <param name="done">What the caller waits for: a rescuer may bring it about, and leave others' work behind.</param>
    // One that another thread is making does not count: if that fails, nobody may be left to try again.
    public static void AwaitWorker(WorkerPool* pool, Completion* done)
    {
        while (pool->IsShared && Atomic.Load(&pool->NrStarted) == 0 && !Completion.IsDone(done))
        {
            FutexMutex.Lock(&pool->Lock);
            bool any = HasWork(pool);
            Unlock(pool);
            if (!any)
            {
                return;
            }
            Clock.Sleep(RetryNs);
        }
    }

    /// <summary>For workers that fall asleep from now on; 0 for workers that stay.</summary>
    public static void SetIdleTimeoutMs(uint ms) => s_idleMs = ms != 0 ? ms : NeverIdle;

    /// <summary>What the environment says, unless the program has said something else.</summary>
    public static void InitIdleTimeout()
    {
        uint ms = 0;
        if (s_idleMs == 0 && Environ.TryUInt("WQ_IDLE_TIMEOUT_MS"u8, ref ms))
        {
            SetIdleTimeoutMs(ms);
        }
    }

    /// <summary>When a worker that falls asleep now is to end, on Clock.</summary>
    public static long IdleEndNs()
    {
        long idleMs = s_idleMs != 0 ? s_idleMs : DefaultIdleMs;
        return idleMs == NeverIdle ? Clock.Never : Clock.NowNs() + (idleMs * NsPerMs);
    }

    /// <summary>The worker, which has slept long enough, leaves the pool. False if it is being woken. Context: takes pool->Lock.</summary>
    public static bool TryRetire(WorkerPool* pool, Worker* worker)
    {
        FutexMutex.Lock(&pool->Lock);
        Worker* above = null;
        Worker* idle = (Worker*)pool->_idle;
        while (idle != null && idle != worker)
        {
            above = idle;
            idle = idle->NextIdle;
        }
        if (idle != null)
        {
            if (above != null)
            {
                above->NextIdle = worker->NextIdle;
            }
            else
            {
                Atomic.Store(&pool->_idle, (nuint)worker->NextIdle);
            }
            Atomic.Add(&pool->NrStarted, -1);
            RemoveWorker(pool, worker);
        }
        FutexMutex.Unlock(&pool->Lock);
        return idle != null;
    }

    // Context: pool->Lock held.
    private static void RemoveWorker(WorkerPool* pool, Worker* worker)
    {
        Contract.RequiresHeld(&pool->Lock);
        Worker** link = &pool->Workers;
        while (*link != worker)
        {
            link = &(*link)->NextInPool;
        }
        *link = worker->NextInPool;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReportNoWorkerSlow(WorkerPool* pool, Errno error)
    {
        Report report = default;
        report.Text("workqueue: no new worker for "u8);
        report.Text(pool->Cpu >= 0 ? "CPU "u8 : "unbound work"u8);
        if (pool->Cpu >= 0)
        {
            report.Decimal(pool->Cpu);
        }
        report.Text(", errno "u8);
        report.Decimal((int)error);
        report.Text(": its work waits"u8);
        Bug.Warn(ref report);
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
        Worker* idle = PopIdle(pool); // Whatever the inbox says: what was pushed may be cancelled before its wake comes.
        FutexMutex.Unlock(&pool->Lock);
        if (idle != null)
        {
            Worker.Wake(idle);
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
        pool->NrRunning = 0;
        FutexMutex.Unlock(&pool->Lock);
        while (worker != null)
        {
            Worker* next = worker->NextInPool;
            Worker.Free(worker);
            worker = next;
        }
    }
}
