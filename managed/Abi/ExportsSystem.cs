// The library's entry points for the global queue and the process's set-up.
// See Exports.cs for the rules.

using System;
using System.Runtime.InteropServices;
using Tmds.Linux;
using Wq.Core;
using Wq.Os;

namespace Wq.Abi;

internal static unsafe class ExportsSystem
{
    private const uint AbiVersion = 1;

    [UnmanagedCallersOnly(EntryPoint = "schedule_work")]
    private static byte ScheduleWork(Work* work)
    {
        if (work == null)
        {
            return Exports.RefuseNull("workqueue: schedule_work() of NULL"u8);
        }
        Workqueue* keventd = KeventdOrErrno();
        return Exports.Bool(keventd != null && Workqueue.QueueWork(keventd, work));
    }

    /// <summary>The global queue, or null with errno set.</summary>
    internal static Workqueue* KeventdOrErrno()
    {
        int error;
        Workqueue* keventd = SystemWorkqueues.EnsureKeventd(&error);
        if (keventd == null)
        {
            Libc.Errno = error;
        }
        return keventd;
    }

    [UnmanagedCallersOnly(EntryPoint = "schedule_on_each_cpu")]
    private static int ScheduleOnEachCpu(delegate* unmanaged<Work*, void> func) =>
        func == null ? -LibC.EINVAL : SystemWorkqueues.ScheduleOnEachCpu(func);

    [UnmanagedCallersOnly(EntryPoint = "execute_in_process_context")]
    private static int ExecuteInProcessContext(delegate* unmanaged<Work*, void> fn, Work* ew)
    {
        if (fn == null || ew == null)
        {
            return -LibC.EINVAL;
        }
        if (*ThreadLocals.InterruptDepth() == 0)
        {
            fn(ew);
            return 0;
        }
        int error;
        Workqueue* keventd = SystemWorkqueues.EnsureKeventd(&error);
        if (keventd == null)
        {
            return -error;
        }
        Work.Init(ew, fn);
        Workqueue.QueueWork(keventd, ew);
        return 1;
    }

    [UnmanagedCallersOnly(EntryPoint = "flush_scheduled_work")]
    private static void FlushScheduledWork()
    {
        int error;
        if (SystemWorkqueues.IsUp)
        {
            Flush.FlushWorkqueue(SystemWorkqueues.EnsureKeventd(&error));
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "init_workqueues")]
    private static void InitWorkqueues() => KeventdOrErrno();

    [UnmanagedCallersOnly(EntryPoint = "keventd_up")]
    private static int KeventdUp() => SystemWorkqueues.IsUp ? 1 : 0;

    [UnmanagedCallersOnly(EntryPoint = "current_is_keventd")]
    private static int CurrentIsKeventd() => SystemWorkqueues.CurrentIsKeventd() ? 1 : 0;

    [UnmanagedCallersOnly(EntryPoint = "freeze_workqueues_begin")]
    private static void FreezeWorkqueuesBegin() => Freezer.Begin();

    [UnmanagedCallersOnly(EntryPoint = "freeze_workqueues_busy")]
    private static byte FreezeWorkqueuesBusy() => Exports.Bool(Freezer.IsBusy());

    [UnmanagedCallersOnly(EntryPoint = "thaw_workqueues")]
    private static void ThawWorkqueues() => Freezer.Thaw();

    [UnmanagedCallersOnly(EntryPoint = "try_to_freeze")]
    private static byte TryToFreeze() => Exports.Bool(*ThreadLocals.InterruptDepth() == 0 && Freezer.TryToFreeze());

    [UnmanagedCallersOnly(EntryPoint = "wq_interrupt_enter")]
    private static void InterruptEnter() => ++*ThreadLocals.InterruptDepth();

    [UnmanagedCallersOnly(EntryPoint = "wq_interrupt_exit")]
    private static void InterruptExit()
    {
        int* depth = ThreadLocals.InterruptDepth();
        if (*depth == 0)
        {
            Bug.Refuse("workqueue: wq_interrupt_exit() without wq_interrupt_enter()"u8);
            return;
        }
        --*depth;
    }

    [UnmanagedCallersOnly(EntryPoint = "wq_in_interrupt")]
    private static byte InInterrupt() => Exports.Bool(*ThreadLocals.InterruptDepth() != 0);

    [UnmanagedCallersOnly(EntryPoint = "wq_set_worker_hooks")]
    private static void SetWorkerHooks(delegate* unmanaged<void> start, delegate* unmanaged<void> stop) =>
        WorkerSetup.Hooks = new WorkerHooks { Start = start, Stop = stop };

    [UnmanagedCallersOnly(EntryPoint = "wq_set_log_handler")]
    private static void SetLogHandler(delegate* unmanaged<int, byte*, void*, void> handler, void* context) =>
        Bug.SetHandler(handler, context);

    [UnmanagedCallersOnly(EntryPoint = "wq_gc_count")]
    private static int GcCount() => GC.CollectionCount(0);

    [UnmanagedCallersOnly(EntryPoint = "workqueue_abi_version")]
    private static uint WorkqueueAbiVersion() => AbiVersion;
}
