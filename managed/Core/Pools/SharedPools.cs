// SPDX-License-Identifier: GPL-2.0-only
// The pools that queues share: two for each CPU, and two that are bound to no CPU; one of
// each pair has high priority.
//
// A pool is made when a link to it is, and stays. It has no worker then: its inbox says
// Asleep, so the first push makes one. A queue's link to a CPU's pool is made when that CPU
// first queues on it; a queue has one at least from the start, which serves where no
// other can be made.
//
// Locks: s_lock, for making pools and links. Kernel counterparts: cpu_worker_pools,
// get_unbound_pool, alloc_and_link_pwqs.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class SharedPools
{
    private const int Unbound = -1;

    private static FutexMutex s_lock;
    private static WorkerPool** s_pools; // L: s_lock, stored once; normal and high priority, by CPU, then unbound
    private static int s_nrUnbound;      // L: s_lock

    /// <summary>False if there is no memory.</summary>
    public static bool Init()
    {
        s_pools = (WorkerPool**)Libc.calloc((nuint)(2 * (Cpus.NrPossible + 1)), (nuint)sizeof(WorkerPool*));
        return s_pools != null;
    }

    /// <summary>
    /// The link of the queue that serves <paramref name="cpu"/>, or if there is no room for it, another of the queue; null if the
    /// queue has ended.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static PoolWorkqueue* LinkSlow(Workqueue* wq, int cpu)
    {
        PoolWorkqueue* pwq = TryLink(wq, cpu);
        return pwq != null ? pwq : Workqueue.FirstOf(wq);
    }

    // Null also if there is no room.
    private static PoolWorkqueue* TryLink(Workqueue* wq, int cpu)
    {
        FutexMutex.LockStatic(ref s_lock);
        PoolWorkqueue* pwq = Workqueue.OwnPwq(wq, cpu);
        if (pwq == null && MayLink(wq))
        {
            pwq = LinkCpu(wq, cpu);
        }
        FutexMutex.UnlockStatic(ref s_lock);
        return pwq;
    }

    /// <summary>When it returns, a link that is being made is there, and the queue, which takes no work any more, gets no other.</summary>
    public static void EndLinking()
    {
        FutexMutex.LockStatic(ref s_lock);
        FutexMutex.UnlockStatic(ref s_lock);
    }

    /// <summary>Gives a new queue its first link, or the only one if it is unbound. False if there is no room.</summary>
    public static bool TryBegin(Workqueue* wq)
    {
        FutexMutex.LockStatic(ref s_lock);
        PoolWorkqueue* pwq = (wq->Flags & WqFlags.Unbound) != 0 ? Link(wq, Unbound) : LinkCpu(wq, Cpus.Current());
        if (pwq != null && pwq->Cpu < 0)
        {
            Workqueue.SetSingle(wq, pwq);
        }
        FutexMutex.UnlockStatic(ref s_lock);
        return pwq != null;
    }

    /// <summary>Sets how much of each of the queue's links may be active, also of those made later.</summary>
    public static void SetMaxActive(Workqueue* wq, int limit)
    {
        FutexMutex.LockStatic(ref s_lock);
        wq->Limit = limit;
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            WorkerPool.SetMaxActive(pwq->Pool, pwq, limit);
        }
        FutexMutex.UnlockStatic(ref s_lock);
    }

    /// <summary>A queue that was to end goes on: its links have their limit again.</summary>
    public static void Unseal(Workqueue* wq)
    {
        FutexMutex.LockStatic(ref s_lock);
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            WorkerPool.Unseal(pwq->Pool, pwq, wq->Limit);
        }
        FutexMutex.UnlockStatic(ref s_lock);
    }

    /// <summary>All pools follow what is online now. Context: in a transition.</summary>
    // A pool that is made after the first look here sees what is online. None goes.
    public static void FollowCpus()
    {
        FutexMutex.LockStatic(ref s_lock);
        for (int i = 0; i < 2 * (Cpus.NrPossible + 1); i++)
        {
            if (s_pools[i] != null)
            {
                FutexMutex.UnlockStatic(ref s_lock); // It may make a worker, and report that it cannot.
                WorkerPool.FollowCpus(s_pools[i]);
                FutexMutex.LockStatic(ref s_lock);
            }
        }
        FutexMutex.UnlockStatic(ref s_lock);
    }

    /// <summary>In a forked child: the pools have no workers, and nothing in them.</summary>
    public static void Abandon()
    {
        s_lock = default;
        for (int i = 0; i < 2 * (Cpus.NrPossible + 1); i++)
        {
            s_pools[i] = null; // Their slots are not used again.
        }
    }

    private static bool MayLink(Workqueue* wq) =>
        Workqueue.TakesWork(wq) || (QueueLife.IsDraining(&wq->Life) && Worker.IsOf(wq));

    // Context: s_lock held.
    private static PoolWorkqueue* LinkCpu(Workqueue* wq, int cpu)
    {
        PoolWorkqueue* pwq = Link(wq, cpu);
        if (pwq != null)
        {
            Workqueue.SetOwnPwq(wq, cpu, pwq);
            Workqueue.SetRoute(wq, cpu, pwq);
        }
        return pwq;
    }

    // Context: s_lock held.
    private static PoolWorkqueue* Link(Workqueue* wq, int cpu)
    {
        WorkerPool* pool = Pool(cpu, (wq->Flags & (WqFlags.HighPri | WqFlags.Bh)) != 0);
        PoolWorkqueue* pwq = pool != null ? PoolWorkqueue.Create(wq, pool, cpu, wq->Limit) : null;
        if (pwq != null && Workqueue.HasRescuer(wq))
        {
            WorkerPool.AddRescued(pool);
        }
        return pwq;
    }

    // Context: s_lock held.
    private static WorkerPool* Pool(int cpu, bool isHighPri)
    {
        WorkerPool** place = s_pools + (2 * (cpu + 1)) + (isHighPri ? 1 : 0);
        if (*place == null)
        {
            *place = WorkerPool.CreateShared(cpu, isHighPri, cpu < 0 ? s_nrUnbound++ : 0);
        }
        return *place;
    }
}
