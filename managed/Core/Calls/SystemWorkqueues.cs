// SPDX-License-Identifier: GPL-2.0-only
// The global queue "events" and the calls that go with it.
//
// Started by the first call that needs it; once there, it stays. Kernel
// counterparts: keventd_wq, schedule_work, schedule_on_each_cpu, init_workqueues.

using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class SystemWorkqueues
{
    private static FutexMutex s_lock;
    private static nuint s_keventd; // A: a Workqueue, stored under s_lock once

    public static bool IsUp => Keventd != null;

    private static Workqueue* Keventd => (Workqueue*)Atomic.Load(ref s_keventd);

    /// <summary>The global queue, started if need be. Null with <paramref name="error"/> set if that failed.</summary>
    public static Workqueue* EnsureKeventd(out Errno error)
    {
        Fork.Settle();
        Workqueue* keventd = Keventd;
        error = Errno.None;
        return keventd != null ? keventd : CreateSlow(out error);
    }

    /// <summary>Is the caller a worker of the global queue?</summary>
    public static bool CurrentIsKeventd()
    {
        Worker* worker = Worker.CurrentWorker;
        return worker != null && IsUp && Worker.IsOf(Keventd);
    }

    /// <summary>Runs <paramref name="func"/> on each online CPU's worker and waits for the whole queue. Blocks.</summary>
    /// <returns>None, ENOMEM, or what starting the queue failed with.</returns>
    public static Errno ScheduleOnEachCpu(WorkFunc func)
    {
        Workqueue* keventd = EnsureKeventd(out Errno error);
        if (keventd == null)
        {
            return error;
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
                Queue.QueueWorkOn(cpu, keventd, &works[nr++]);
            }
        }
        CpuHotplugLock.Put();
        Flush.FlushWorkqueue(keventd, WaitCall.ScheduleOnEachCpu);
        Libc.free(works);
        return Errno.None;
    }

    /// <summary>Calls <paramref name="fn"/>, or in interrupt context queues it as the item <paramref name="ew"/>.</summary>
    /// <param name="queued">Is it queued? It was called if neither that nor an error is the case.</param>
    /// <returns>None, or what starting the global queue failed with.</returns>
    public static Errno ExecuteInProcessContext(WorkFunc fn, Work* ew, out bool queued)
    {
        queued = false;
        if (*ThreadLocals.InterruptDepth() == 0)
        {
            fn(ew);
            return Errno.None;
        }
        Workqueue* keventd = EnsureKeventd(out Errno error);
        if (keventd == null)
        {
            return error;
        }
        Work.Init(ew, fn);
        Queue.QueueWork(keventd, ew);
        queued = true;
        return Errno.None;
    }

    /// <summary>Waits for the items of the global queue, if it was ever needed. Blocks.</summary>
    public static void FlushScheduledWork()
    {
        Fork.Settle();
        Workqueue* keventd = Keventd;
        if (keventd != null)
        {
            Flush.FlushWorkqueue(keventd, WaitCall.FlushScheduledWork);
        }
    }

    /// <summary>In a forked child: the global queue is still to be started.</summary>
    public static void Abandon()
    {
        s_lock = default;
        s_keventd = 0;
    }

    private static Workqueue* CreateSlow(out Errno error)
    {
        if (!Engine.EnsureReady())
        {
            error = Errno.ENOMEM;
            return null;
        }
        error = Errno.None;
        Workqueue* failed = null;
        FutexMutex.LockStatic(ref s_lock);
        if (s_keventd == 0)
        {
            fixed (byte* name = "events"u8)
            {
                Workqueue* wq = Create.Start(name, WqFlags.None, out error);
                failed = error != Errno.None ? wq : null;
                Atomic.Store(ref s_keventd, error != Errno.None ? 0 : (nuint)wq);
            }
        }
        FutexMutex.UnlockStatic(ref s_lock);
        if (error != Errno.None)
        {
            Create.Abort(failed); // Not under the lock: it waits for workers, whose start hook may want the queue.
            Bug.Refuse("workqueue: cannot start the global queue \"events\""u8);
        }
        return Keventd;
    }
}
