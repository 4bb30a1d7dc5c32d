// SPDX-License-Identifier: GPL-2.0-only
// The library's entry points for delayed work. See Exports.cs for the rules.

using System.Runtime;
using Wq.Core;
using Wq.Os;
using Wq.Timers;

namespace Wq.Abi;

internal static unsafe class ExportsDelayed
{
    [RuntimeExport("queue_delayed_work")]
    private static byte QueueDelayedWork(Workqueue* wq, DelayedWork* dwork, nuint delay) =>
        wq != null && dwork != null
            ? Queue(wq, dwork, delay)
            : Exports.RefuseNull("workqueue: queue_delayed_work() of NULL"u8);

    [RuntimeExport("queue_delayed_work_on")]
    private static byte QueueDelayedWorkOn(int cpu, Workqueue* wq, DelayedWork* dwork, nuint delay) =>
        wq != null && dwork != null
            ? QueueOn(cpu, wq, dwork, delay)
            : Exports.RefuseNull("workqueue: queue_delayed_work_on() of NULL"u8);

    [RuntimeExport("wq_queue_delayed_work_ns")]
    private static byte QueueDelayedWorkNs(Workqueue* wq, DelayedWork* dwork, ulong ns) =>
        wq != null && dwork != null
            ? QueueOn(TimerBase.AnyCpu, wq, dwork, Deadline.InNs(ns))
            : Exports.RefuseNull("workqueue: wq_queue_delayed_work_ns() of NULL"u8);

    [RuntimeExport("schedule_delayed_work")]
    private static byte ScheduleDelayedWork(DelayedWork* dwork, nuint delay)
    {
        if (dwork == null)
        {
            return Exports.RefuseNull("workqueue: schedule_delayed_work() of NULL"u8);
        }
        Workqueue* events = ExportsSystem.EventsOrErrno();
        return events != null ? Queue(events, dwork, delay) : (byte)0;
    }

    [RuntimeExport("schedule_delayed_work_on")]
    private static byte ScheduleDelayedWorkOn(int cpu, DelayedWork* dwork, nuint delay)
    {
        if (dwork == null)
        {
            return Exports.RefuseNull("workqueue: schedule_delayed_work_on() of NULL"u8);
        }
        Workqueue* events = ExportsSystem.EventsOrErrno();
        return events != null ? QueueOn(cpu, events, dwork, delay) : (byte)0;
    }

    [RuntimeExport("mod_delayed_work")]
    private static byte ModDelayedWork(Workqueue* wq, DelayedWork* dwork, nuint delay) =>
        wq != null && dwork != null
            ? Modify(TimerBase.AnyCpu, wq, dwork, delay)
            : Exports.RefuseNull("workqueue: mod_delayed_work() of NULL"u8);

    [RuntimeExport("mod_delayed_work_on")]
    private static byte ModDelayedWorkOn(int cpu, Workqueue* wq, DelayedWork* dwork, nuint delay) =>
        wq != null && dwork != null
            ? Modify(cpu, wq, dwork, delay)
            : Exports.RefuseNull("workqueue: mod_delayed_work_on() of NULL"u8);

    [RuntimeExport("cancel_delayed_work")]
    private static byte CancelDelayedWork(DelayedWork* dwork) =>
        IsGood(dwork) ? Exports.Bool(Delayed.CancelDelayedWork(dwork)) : (byte)0;

    [RuntimeExport("cancel_delayed_work_sync")]
    private static byte CancelDelayedWorkSync(DelayedWork* dwork) => CancelSync(dwork);

    [RuntimeExport("cancel_rearming_delayed_work")]
    private static void CancelRearmingDelayedWork(DelayedWork* dwork) => CancelSync(dwork);

    [RuntimeExport("cancel_rearming_delayed_workqueue")]
    private static void CancelRearmingDelayedWorkqueue(Workqueue* wq, DelayedWork* dwork) => CancelSync(dwork);

    [RuntimeExport("flush_delayed_work")]
    private static byte FlushDelayedWork(DelayedWork* dwork)
    {
        if (dwork == null)
        {
            return Exports.RefuseNull("workqueue: flush_delayed_work() of NULL"u8);
        }
        if (dwork->Work.Func == null || !PoolWorkqueue.IsValid(Work.WordOf(&dwork->Work)))
        {
            return Exports.RefuseNull("workqueue: flush_delayed_work() of an item that was never initialised"u8);
        }
        return Exports.Bool(Flush.FlushDelayedWork(dwork));
    }

    [RuntimeExport("wq_init_delayed_work")]
    private static void InitDelayedWork(DelayedWork* dwork, WorkFunc func, byte deferrable)
    {
        if (dwork != null)
        {
            Work.Init(&dwork->Work, func);
            TimerList.Init(&dwork->Timer, deferrable != 0 ? TimerList.TIMER_DEFERRABLE : 0);
        }
    }

    [RuntimeExport("destroy_delayed_work_on_stack")]
    private static void DestroyDelayedWorkOnStack(DelayedWork* dwork)
    {
        if (Exports.IsPendingThoughGoing(&dwork->Work))
        {
            Cancel.CancelDelayedWorkSync(dwork);
        }
    }

    private static byte CancelSync(DelayedWork* dwork) =>
        IsGood(dwork) ? Exports.Bool(Cancel.CancelDelayedWorkSync(dwork)) : (byte)0;

    private static bool IsGood(DelayedWork* dwork)
    {
        if (dwork != null && PoolWorkqueue.IsValid(Work.WordOf(&dwork->Work)))
        {
            return true;
        }
        Exports.RefuseNull("workqueue: cancelling delayed work that is NULL or was never initialised"u8);
        return false;
    }

    private static byte Queue(Workqueue* wq, DelayedWork* dwork, nuint delay)
    {
        return Answer(Delayed.QueueDelayedWork(wq, dwork, delay, out Errno error), error);
    }

    private static byte QueueOn(int cpu, Workqueue* wq, DelayedWork* dwork, nuint delay) =>
        cpu == Cpus.MaxCpus ? Queue(wq, dwork, delay) : QueueOn(cpu, wq, dwork, Deadline.InJiffies(delay));

    private static byte QueueOn(int cpu, Workqueue* wq, DelayedWork* dwork, Deadline deadline)
    {
        return Answer(Delayed.QueueDelayedWorkOn(cpu, wq, dwork, deadline, out Errno error), error);
    }

    private static byte Modify(int cpu, Workqueue* wq, DelayedWork* dwork, nuint delay) =>
        Answer(Core.Modify.ModDelayedWorkOn(cpu, wq, dwork, delay, out Errno error), error);

    private static byte Answer(bool queued, Errno error)
    {
        Exports.SetErrno(error);
        return Exports.Bool(queued);
    }
}
