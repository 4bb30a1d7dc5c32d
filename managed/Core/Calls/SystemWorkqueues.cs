// SPDX-License-Identifier: GPL-2.0-only
// The queues that every program has, and the calls that go with "events".
//
// Each is a queue of alloc_workqueue(). Its place is there from the loading on
// (Workqueue.System.cs); the first call that does something with it makes it, and it stays.
// Until then its Life is Dead, so the queueing path turns off where it would refuse; that is
// where it is made, and the path itself knows nothing of it.
//
// Locks: s_lock, around the making; the Freezer's and the shared pools' are taken inside.
// Kernel counterparts: workqueue_init_early, schedule_work, schedule_on_each_cpu.

using System;
using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class SystemWorkqueues
{
    // Of the numbers that the glue gives the symbols.
    private const int Unbound = 3;
    private const int UnboundLong = 9;

    private static FutexMutex s_lock;
    private static nuint s_events; // A: the address of number 0, once it was asked for

    /// <summary>The queue of schedule_work(), made or not. Null if there was no memory for it when the library was loaded.</summary>
    public static Workqueue* Events
    {
        get
        {
            nuint events = Atomic.Load(ref s_events);
            return events != 0 ? (Workqueue*)events : EventsSlow();
        }
    }

    /// <summary>Is it a queue that is made, or if it is a system queue, could be now? Reports it if not.</summary>
    public static bool IsUsable(Workqueue* wq) => !Workqueue.IsUnmade(wq) || TryMake(wq);

    /// <summary>Is it a system queue that takes work, now that it is made? It did not a moment ago.</summary>
    // If it was not made then, another thread may have made it by now.
    public static bool TakesNow(Workqueue* wq) =>
        Workqueue.SystemNumberOf(wq) >= 0 && IsUsable(wq) && Workqueue.TakesWork(wq);

    /// <summary>Makes a system queue unless another thread has done so.</summary>
    /// <returns>False, after a report and with errno set, if there is no memory.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool TryMake(Workqueue* wq)
    {
        if (!Engine.EnsureReady())
        {
            return false;
        }
        FutexMutex.LockStatic(ref s_lock);
        bool isThere = !Workqueue.IsUnmade(wq) || (Workqueue.FitsPlace && TryMakeLocked(wq));
        FutexMutex.UnlockStatic(ref s_lock);
        if (!isThere)
        {
            Bug.Refuse("workqueue: no memory to make a system queue"u8);
            Libc.Errno = Errno.ENOMEM;
        }
        return isThere;
    }

    /// <summary>Is the caller at an item of "events"?</summary>
    public static bool CurrentIsKeventd() => Worker.CurrentWorker != null && Worker.IsOf(Events);

    /// <summary>Runs <paramref name="func"/> on each online CPU's worker and waits for that. Blocks.</summary>
    /// <returns>None or ENOMEM.</returns>
    public static Errno ScheduleOnEachCpu(WorkFunc func)
    {
        if (!IsUp())
        {
            return Errno.ENOMEM;
        }
        Work* works = (Work*)Libc.calloc((nuint)Cpus.NrPossible, (nuint)sizeof(Work));
        if (works == null)
        {
            return Errno.ENOMEM;
        }
        int nr = 0;
        CpuHotplugLock.Get(); // So that each item runs on its own CPU.
        CpuMask online;
        Cpus.Online(&online);
        for (int cpu = 0; cpu < Cpus.NrPossible; cpu++)
        {
            if (online.Has(cpu))
            {
                Work.Init(&works[nr], func);
                Queue.QueueWorkOn(cpu, Events, &works[nr++]);
            }
        }
        CpuHotplugLock.Put();
        for (int i = 0; i < nr; i++)
        {
            Flush.FlushWork(&works[i], WaitCall.ScheduleOnEachCpu);
        }
        Libc.free(works);
        return Errno.None;
    }

    /// <summary>Calls <paramref name="fn"/>, or in interrupt context queues it as the item <paramref name="ew"/>.</summary>
    /// <param name="queued">Is it queued? It was called if neither that nor an error is the case.</param>
    /// <returns>None or ENOMEM.</returns>
    public static Errno ExecuteInProcessContext(WorkFunc fn, Work* ew, out bool queued)
    {
        queued = false;
        if (*ThreadLocals.InterruptDepth() == 0)
        {
            fn(ew);
            return Errno.None;
        }
        if (!IsUp())
        {
            return Errno.ENOMEM;
        }
        Work.Init(ew, fn);
        queued = Queue.QueueWork(Events, ew);
        return queued ? Errno.None : Errno.ENOMEM;
    }

    /// <summary>Makes "events" if need be. False, after a report and with errno set, if there is no memory.</summary>
    public static bool IsUp()
    {
        Fork.Settle();
        return Events != null && IsUsable(Events);
    }

    /// <summary>Waits for the items of "events", if it was ever needed. Blocks.</summary>
    public static void FlushScheduledWork()
    {
        Fork.Settle();
        if (Checks.IsOn(Checks.Debug))
        {
            WaitCheck.BeforeCall(WaitCall.FlushScheduledWork);
        }
        if (Events != null && Workqueue.IsThere(Events))
        {
            Flush.FlushWorkqueue(Events, WaitCall.FlushScheduledWork);
        }
    }

    /// <summary>In a forked child.</summary>
    public static void Abandon() => s_lock = default;

    private static Workqueue* EventsSlow()
    {
        Workqueue* events = Workqueue.SystemAt(0);
        Atomic.Store(ref s_events, (nuint)events);
        return events;
    }

    // Context: s_lock held.
    private static bool TryMakeLocked(Workqueue* wq)
    {
        int number = Workqueue.SystemNumberOf(wq);
        fixed (byte* name = NameOf(number))
        {
            Workqueue.Init(wq, name, FlagsOf(number) | WqFlags.Shared);
        }
        return Alloc.Begin(wq, number is Unbound or UnboundLong ? Alloc.MaxActive : 0) == Errno.None;
    }

    private static ReadOnlySpan<byte> NameOf(int number) => number switch
    {
        0 => "events"u8,
        1 => "events_highpri"u8,
        2 => "events_long"u8,
        Unbound => "events_unbound"u8,
        4 => "events_freezable"u8,
        5 => "events_power_efficient"u8,
        6 => "events_freezable_pwr_efficient"u8,
        7 => "events_bh"u8,
        UnboundLong => "events_dfl_long"u8,
        _ => "events_bh_highpri"u8,
    };

    private static WqFlags FlagsOf(int number) => number switch
    {
        0 or 2 => WqFlags.PerCpu,
        1 => WqFlags.PerCpu | WqFlags.HighPri,
        Unbound or UnboundLong => WqFlags.Unbound,
        4 => WqFlags.PerCpu | WqFlags.Freezable,
        5 => WqFlags.PerCpu | WqFlags.PowerEfficient,
        6 => WqFlags.PerCpu | WqFlags.Freezable | WqFlags.PowerEfficient,
        7 => WqFlags.PerCpu | WqFlags.Bh,
        _ => WqFlags.PerCpu | WqFlags.Bh | WqFlags.HighPri,
    };
}
