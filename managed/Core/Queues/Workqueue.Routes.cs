// SPDX-License-Identifier: GPL-2.0-only
// Which pool of a queue serves which CPU.
//
// Own[cpu] is the CPU's PoolWorkqueue: null until the CPU is online for the first time,
// then there until the queue goes, with or without a worker. Route[cpu] is the link that
// serves callers on that CPU: its own, or another's while the CPU is offline.
//
// Invariant: while the queue is Alive, Route[cpu] had a worker when it was stored,
// for every cpu in [0, NrPossible). When a CPU goes offline, Route leaves its link first
// and its worker ends later: so a caller whose push is refused looks at Route again.
// Queueing reads Life, Single and Route. It takes no lock, and makes no system call while
// the worker is awake and the caller's CPU has one. Kernel counterparts: wq_per_cpu,
// cpu_singlethread_map, cpu_populated_map.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct Workqueue
{
    /// <summary>Has the queue a link for each CPU?</summary>
    public static bool IsPerCpu(Workqueue* wq) => wq->_single == null;

    /// <summary>No CPU has a pool yet.</summary>
    public static void ClearRoutes(Workqueue* wq)
    {
        for (int cpu = 0; cpu < Cpus.NrPossible; cpu++)
        {
            OwnOf(wq)[cpu] = null;
            RouteOf(wq)[cpu] = 0;
        }
    }

    /// <summary>Routes one CPU to its link.</summary>
    public static void SetRoute(Workqueue* wq, int cpu, PoolWorkqueue* pwq) => Atomic.Store(RouteOf(wq) + cpu, (nuint)pwq);

    /// <summary>The link of <paramref name="cpu"/>, or null if the CPU was never online. Hotplug's lock held.</summary>
    public static PoolWorkqueue* OwnPwq(Workqueue* wq, int cpu) => OwnOf(wq)[cpu];

    /// <summary>Gives <paramref name="cpu"/>, which has none, its link. Hotplug's lock held.</summary>
    public static void SetOwnPwq(Workqueue* wq, int cpu, PoolWorkqueue* pwq)
    {
        Contract.Requires(OwnOf(wq)[cpu] == null);
        OwnOf(wq)[cpu] = pwq;
        pwq->Next = FirstOf(wq);
        Atomic.Store(&wq->_first, (nuint)pwq); // Before any Route leads there, so that a flush of all of them finds it.
    }

    /// <summary>Routes every CPU to its own worker, or while it is offline to another's. Hotplug's lock held.</summary>
    public static void SetRoutes(Workqueue* wq)
    {
        CpuMask online;
        Cpus.Online(&online);
        for (int cpu = 0; cpu < Cpus.NrPossible; cpu++)
        {
            Atomic.Store(RouteOf(wq) + cpu, (nuint)OwnOf(wq)[online.NextFrom(cpu)]);
        }
    }

    private static nuint* RouteOf(Workqueue* wq) => (nuint*)(wq + 1); // A: PoolWorkqueues

    private static PoolWorkqueue** OwnOf(Workqueue* wq) => (PoolWorkqueue**)(RouteOf(wq) + Cpus.NrPossible);

    /// <summary>The link that serves a caller on <paramref name="cpu"/>; null if a shared pool's is not made yet. The queue takes work.</summary>
    // A caller on a CPU that another's worker serves is a sign that the CPU may have come back.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PoolWorkqueue* LocalPwq(Workqueue* wq, int cpu)
    {
        if (wq->_single != null)
        {
            return wq->_single;
        }
        PoolWorkqueue* pwq = RoutedPwq(wq, cpu);
        if (pwq != null && pwq->Cpu != cpu)
        {
            CpuWatch.Suspect();
        }
        return pwq;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PoolWorkqueue* RoutedPwq(Workqueue* wq, int cpu) => (PoolWorkqueue*)Atomic.Load(RouteOf(wq) + cpu);

    /// <summary>The link that serves <paramref name="cpu"/>; null if a shared pool's is not made yet. The queue takes work.</summary>
    // An out-of-range CPU, as in a stale PoolWorkqueue, means the caller's.
    public static PoolWorkqueue* PwqOn(Workqueue* wq, int cpu) => wq->_single != null ? wq->_single
        : RoutedPwq(wq, (uint)cpu < (uint)Cpus.NrPossible ? cpu : Cpus.Current());
}
