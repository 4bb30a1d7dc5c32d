// SPDX-License-Identifier: GPL-2.0-only
// The library's entry points for the global queue and the process's set-up.
// See Exports.cs for the rules.

using System.Runtime;
using Wq.Core;
using Wq.Os;

namespace Wq.Abi;

internal static unsafe class ExportsSystem
{
    private const uint AbiVersion = 1;

    [RuntimeExport("schedule_work")]
    private static byte ScheduleWork(Work* work)
    {
        if (work == null)
        {
            return Exports.RefuseNull("workqueue: schedule_work() of NULL"u8);
        }
        Workqueue* events = EventsOrErrno();
        return Exports.Bool(events != null && Queue.QueueWork(events, work));
    }

    [RuntimeExport("schedule_work_on")]
    private static byte ScheduleWorkOn(int cpu, Work* work)
    {
        if (work == null)
        {
            return Exports.RefuseNull("workqueue: schedule_work_on() of NULL"u8);
        }
        Workqueue* events = EventsOrErrno();
        return Exports.Bool(events != null && Queue.QueueWorkOn(cpu, events, work));
    }

    /// <summary>The queue "events", which queueing makes, or null with errno set.</summary>
    internal static Workqueue* EventsOrErrno()
    {
        Workqueue* events = SystemWorkqueues.Events;
        Exports.SetErrno(events == null ? Errno.ENOMEM : Errno.None);
        return events;
    }

    [RuntimeExport("schedule_on_each_cpu")]
    private static int ScheduleOnEachCpu(WorkFunc func) =>
        Exports.Negative(func == null ? Errno.EINVAL : SystemWorkqueues.ScheduleOnEachCpu(func));

    [RuntimeExport("work_on_cpu")]
    private static nint CallOnCpu(int cpu, CpuFunc fn, void* arg)
    {
        nint result = 0;
        Errno error = fn == null ? Errno.EINVAL : WorkOnCpu.Run(cpu, fn, arg, out result);
        return error != Errno.None ? Exports.Negative(error) : result;
    }

    [RuntimeExport("execute_in_process_context")]
    private static int ExecuteInProcessContext(WorkFunc fn, Work* ew)
    {
        bool queued = false;
        Errno error = fn == null || ew == null
            ? Errno.EINVAL
            : SystemWorkqueues.ExecuteInProcessContext(fn, ew, out queued);
        return queued ? 1 : Exports.Negative(error);
    }

    [RuntimeExport("flush_scheduled_work")]
    private static void FlushScheduledWork() => SystemWorkqueues.FlushScheduledWork();

    [RuntimeExport("init_workqueues")]
    private static void InitWorkqueues() => SystemWorkqueues.IsUp();

    [RuntimeExport("keventd_up")]
    private static int KeventdUp() => 1; // Always yes: the first item makes the queue.

    [RuntimeExport("current_is_keventd")]
    private static int CurrentIsKeventd()
    {
        Fork.Settle();
        return SystemWorkqueues.CurrentIsKeventd() ? 1 : 0;
    }

    [RuntimeExport("freeze_workqueues_begin")]
    private static void FreezeWorkqueuesBegin()
    {
        Fork.Settle();
        Freezer.Begin();
    }

    [RuntimeExport("freeze_workqueues_busy")]
    private static byte FreezeWorkqueuesBusy()
    {
        Fork.Settle();
        return Exports.Bool(Freezer.IsBusy());
    }

    [RuntimeExport("thaw_workqueues")]
    private static void ThawWorkqueues()
    {
        Fork.Settle();
        Freezer.Thaw();
    }

    [RuntimeExport("try_to_freeze")]
    private static byte TryToFreeze()
    {
        Fork.Settle();
        if (*ThreadLocals.InterruptDepth() != 0)
        {
            return 0;
        }
        BeforeSleep("try_to_freeze"u8);
        return Exports.Bool(Freezer.TryToFreeze());
    }

    // Of a call that may sleep and waits for no item.
    private static void BeforeSleep(System.ReadOnlySpan<byte> call)
    {
        if (Checks.IsOn(Checks.Debug))
        {
            WaitCheck.BeforeSleep(call);
        }
    }

    [RuntimeExport("wq_running_works")]
    private static int ListRunningWorks(Work** works, int nr)
    {
        if (nr < 0 || (works == null && nr != 0))
        {
            Libc.Errno = Errno.EINVAL;
            return -1;
        }
        Fork.Settle();
        return RunningWorks.List(works, nr);
    }

    [RuntimeExport("work_busy")]
    private static uint WorkBusy(Work* work)
    {
        if (work == null || !PoolWorkqueue.IsValid(Work.WordOf(work)))
        {
            return Exports.RefuseNull("workqueue: work_busy() of an item that is NULL or was never initialised"u8);
        }
        Fork.Settle();
        return Ask.WorkBusy(work);
    }

    [RuntimeExport("current_work")]
    private static Work* CurrentWork()
    {
        Fork.Settle();
        return Ask.CurrentWork();
    }

    [RuntimeExport("current_is_workqueue_rescuer")]
    private static byte CurrentIsWorkqueueRescuer()
    {
        Fork.Settle();
        return Exports.Bool(Worker.IsRescuer);
    }

    [RuntimeExport("wq_set_worker_desc")]
    private static void SetWorkerDesc(byte* desc)
    {
        if (desc == null)
        {
            Bug.Refuse("workqueue: set_worker_desc() of NULL"u8);
            return;
        }
        Fork.Settle();
        Worker.Describe(desc);
    }

    [RuntimeExport("workqueue_congested")]
    private static byte WorkqueueCongested(int cpu, Workqueue* wq)
    {
        if (wq == null || !Exports.IsThere(wq))
        {
            return Exports.RefuseNull("workqueue: workqueue_congested() of a queue that is NULL, was destroyed or is not of this process"u8);
        }
        return Exports.Bool(Ask.IsCongested(cpu, wq));
    }

    [RuntimeExport("wq_interrupt_enter")]
    private static void InterruptEnter() => ++*ThreadLocals.InterruptDepth();

    [RuntimeExport("wq_interrupt_exit")]
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

    [RuntimeExport("wq_in_interrupt")]
    private static byte InInterrupt() => Exports.Bool(*ThreadLocals.InterruptDepth() != 0);

    [RuntimeExport("wq_blocking_begin")]
    private static void BlockingBegin()
    {
        Fork.Settle();
        BeforeSleep("wq_blocking_begin"u8);
        Worker.TellBlock();
    }

    [RuntimeExport("wq_blocking_end")]
    private static void BlockingEnd()
    {
        Fork.Settle();
        if (!Worker.TellEndOfBlock())
        {
            Bug.Refuse("workqueue: wq_blocking_end() without wq_blocking_begin()"u8);
        }
    }

    [RuntimeExport("wq_set_worker_hooks")]
    private static void SetWorkerHooks(HookFunc start, HookFunc stop)
    {
        Fork.Settle();
        WorkerSetup.Hooks = new WorkerHooks { Start = start, Stop = stop };
    }

    [RuntimeExport("wq_set_worker_stack_size")]
    private static int SetWorkerStackSize(nuint bytes) => Exports.Negative(StackSize.TrySet(bytes) ? Errno.None : Errno.EINVAL);

    [RuntimeExport("wq_set_worker_signals")]
    private static void SetWorkerSignals(byte take)
    {
        Fork.Settle();
        WorkerSetup.Signals = new WorkerSignals { AreTaken = take != 0, Blocked = PThread.BlockedSignals() };
    }

    [RuntimeExport("wq_set_log_handler")]
    private static void SetLogHandler(LogFunc handler, void* context) =>
        Bug.SetHandler(handler, context);

    [RuntimeExport("wq_set_stall_timeout_ms")]
    private static void SetStallTimeoutMs(uint ms) => Stall.SetTimeoutMs(ms);

    [RuntimeExport("wq_set_idle_timeout_ms")]
    private static void SetIdleTimeoutMs(uint ms) => WorkerPool.SetIdleTimeoutMs(ms);

    [RuntimeExport("workqueue_abi_version")]
    private static uint WorkqueueAbiVersion() => AbiVersion;
}
