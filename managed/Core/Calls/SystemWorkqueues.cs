// SPDX-License-Identifier: GPL-2.0-only
// The global queue "events" and the calls that go with it.
//
// Started by the first call that needs it; once there, it stays. Kernel
// counterparts: keventd_wq, schedule_work, schedule_on_each_cpu, init_workqueues.

using System.Runtime.InteropServices;
using Tmds.Linux;
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
    public static Workqueue* EnsureKeventd(int* error)
    {
        Fork.Settle();
        Workqueue* keventd = Keventd;
        return keventd != null ? keventd : CreateSlow(error);
    }

    /// <summary>Is the caller a worker of the global queue?</summary>
    public static bool CurrentIsKeventd()
    {
        Worker* worker = Worker.CurrentWorker;
        return worker != null && IsUp && Worker.IsOf(Keventd);
    }

    /// <summary>Runs <paramref name="func"/> on each online CPU's worker and waits for the whole queue. Blocks.</summary>
    /// <returns>0, -ENOMEM, or what starting the queue failed with.</returns>
    public static int ScheduleOnEachCpu(WorkFunc func)
    {
        int error;
        Workqueue* keventd = EnsureKeventd(&error);
        if (keventd == null)
        {
            return -error;
        }
        Work* works = (Work*)Libc.calloc((nuint)Cpus.NrPossible, (nuint)sizeof(Work));
        if (works == null)
        {
            return -LibC.ENOMEM;
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
        return 0;
    }

    /// <summary>Calls <paramref name="fn"/>, or in interrupt context queues it as the item <paramref name="ew"/>.</summary>
    /// <returns>0 if it was called, 1 if it is queued, or a negative errno value.</returns>
    public static int ExecuteInProcessContext(WorkFunc fn, Work* ew)
    {
        if (*ThreadLocals.InterruptDepth() == 0)
        {
            fn(ew);
            return 0;
        }
        int error;
        Workqueue* keventd = EnsureKeventd(&error);
        if (keventd == null)
        {
            return -error;
        }
        Work.Init(ew, fn);
        Queue.QueueWork(keventd, ew);
        return 1;
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

    private static Workqueue* CreateSlow(int* error)
    {
        if (!Engine.EnsureReady())
        {
            *error = LibC.ENOMEM;
            return null;
        }
        *error = 0;
        Workqueue* failed = null;
        FutexMutex.LockStatic(ref s_lock);
        if (s_keventd == 0)
        {
            fixed (byte* name = "events"u8)
            {
                Workqueue* wq = Create.Start(name, WqFlags.None, error);
                failed = *error != 0 ? wq : null;
                Atomic.Store(ref s_keventd, *error != 0 ? 0 : (nuint)wq);
            }
        }
        FutexMutex.UnlockStatic(ref s_lock);
        if (*error != 0)
        {
            Create.Abort(failed); // Not under the lock: it waits for workers, whose start hook may want the queue.
            Bug.Refuse("workqueue: cannot start the global queue \"events\""u8);
        }
        return Keventd;
    }
}
