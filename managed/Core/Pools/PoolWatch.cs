// SPDX-License-Identifier: GPL-2.0-only
// Looks whether the work of a shared pool goes on, while something waits behind an item
// that runs.
//
// Nothing tells the pool that a worker has blocked in a system call of the program. So
// while there is a backlog, a timer looks every two milliseconds:
//
//   1. a worker that is at the same item as at the last look, has run for less than half
//      the time since, and sleeps now, is blocked: it does not count as running, and
//      what it has in hand is put back. One that waits for a CPU does not sleep;
//   2. one that has run for too long at its item is left alone with it likewise;
//   3. one that still runs at it gives up what it has in hand, if more workers should run;
//   4. Unlock then wakes or makes the worker that is missing. If none could be made
//      before, it is tried again.
//
// The look begins with the push that finds the inbox empty and the workers up, with a worker
// that leaves something behind, or with an item that queues into its worker's hand. It ends when a look finds no backlog.
// Locks: the pool's. Kernel counterparts: wq_worker_tick, pool_mayday_timeout,
// and what the scheduler tells the kernel's workqueue.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

/// <summary>What the last look saw of a worker.</summary>
internal struct LastLook
{
    public uint Head;    // L: how far it was in its batch
    public long CpuNs;   // L: how long its thread had run
    public long SinceNs; // L: how long when it was first seen at this item
}

internal enum LookResult
{
    GetsOn,  // It is between two items, or at another than at the last look.
    IsAtIt,  // It runs at the same.
    IsStuck, // It does not, or for too long.
}

internal static unsafe class PoolWatch
{
    public const int PeriodNs = 2_000_000;

    /// <summary>Begins to look, if nobody does.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void BeginSlow(WorkerPool* pool)
    {
        if (Atomic.CompareExchange(&pool->IsWatched, 1, 0) == 0)
        {
            Arm(pool);
        }
    }

    /// <summary>Of a new pool.</summary>
    public static void Init(WorkerPool* pool) => pool->Watch.Function = (delegate*<TimerList*, void>)&Look;

    // On a timer's thread.
    private static void Look(TimerList* watch)
    {
        WorkerPool* pool = WorkerPool.OfWatch(watch);
        FutexMutex.Lock(&pool->Lock);
        for (Worker* worker = pool->Workers; worker != null; worker = worker->NextInPool)
        {
            LookResult result = worker->IsBlocked ? LookResult.IsAtIt : Worker.LookAt(worker); // It may have queued into its hand as it was passed by.
            if (result == LookResult.IsStuck)
            {
                WorkerPool.PassBy(pool, worker);
            }
            else if (result == LookResult.IsAtIt)
            {
                WorkerPool.Unburden(pool, worker);
            }
        }
        bool goesOn = WorkerPool.HasBacklog(pool);
        pool->IsLooking = goesOn;
        if (!goesOn)
        {
            Atomic.Store(&pool->IsWatched, 0); // Under the lock: who lists something after this begins anew.
        }
        WorkerPool.Unlock(pool);
        if (goesOn)
        {
            Arm(pool);
            return;
        }
        Membarrier.Heavy(); // What was pushed, or queued by an item into its worker's hand, by a thread that saw us look is seen now.
        FutexMutex.Lock(&pool->Lock);
        goesOn = WorkerPool.HasBacklog(pool);
        WorkerPool.Unlock(pool);
        if (goesOn)
        {
            BeginSlow(pool);
        }
    }

    private static void Arm(WorkerPool* pool)
    {
        TimerBase* timerBase = TimerBase.Ensure(pool->Cpu, out _);
        bool armed = timerBase != null
            && TimerCalls.ModTimer(&pool->Watch, Deadline.InNs(PeriodNs), timerBase) != TimerCalls.NoThread;
        if (!armed)
        {
            FutexMutex.Lock(&pool->Lock);
            pool->IsLooking = false;
            Atomic.Store(&pool->IsWatched, 0); // The next push tries again.
            FutexMutex.Unlock(&pool->Lock);
        }
    }
}
