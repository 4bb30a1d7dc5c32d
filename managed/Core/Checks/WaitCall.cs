// SPDX-License-Identifier: GPL-2.0-only
// The calls of the library that wait for items, by name: what lockdep and stall
// reports say a thread is doing. No locks.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal enum WaitCall
{
    None,
    FlushWorkqueue,
    DrainWorkqueue,
    DestroyWorkqueue,
    CloseWorkqueue,
    FlushScheduledWork,
    ScheduleOnEachCpu,
    CancelWorkSync,
    CancelDelayedWorkSync,
    DisableWorkSync,
    DisableDelayedWorkSync,
    FlushWork,
    FlushDelayedWork,
    CpuDown,
    WorkOnCpu,
}

internal static class WaitCalls
{
    public static void AppendName(ref Report report, WaitCall call)
    {
        switch (call)
        {
            case WaitCall.FlushWorkqueue:
                report.Text("flush_workqueue"u8);
                break;
            case WaitCall.DisableWorkSync:
                report.Text("disable_work_sync"u8);
                break;
            case WaitCall.DisableDelayedWorkSync:
                report.Text("disable_delayed_work_sync"u8);
                break;
            case WaitCall.DrainWorkqueue:
                report.Text("drain_workqueue"u8);
                break;
            case WaitCall.CpuDown:
                report.Text("wq_cpu_down"u8);
                break;
            case WaitCall.WorkOnCpu:
                report.Text("work_on_cpu"u8);
                break;
            case WaitCall.DestroyWorkqueue:
                report.Text("destroy_workqueue"u8);
                break;
            case WaitCall.CloseWorkqueue:
                report.Text("wq_close_workqueue"u8);
                break;
            case WaitCall.FlushScheduledWork:
                report.Text("flush_scheduled_work"u8);
                break;
            case WaitCall.ScheduleOnEachCpu:
                report.Text("schedule_on_each_cpu"u8);
                break;
            case WaitCall.CancelWorkSync:
                report.Text("cancel_work_sync"u8);
                break;
            case WaitCall.CancelDelayedWorkSync:
                report.Text("cancel_delayed_work_sync"u8);
                break;
            case WaitCall.FlushWork:
                report.Text("flush_work"u8);
                break;
            case WaitCall.FlushDelayedWork:
                report.Text("flush_delayed_work"u8);
                break;
            default:
                Bug.Die("a wait of no call"u8);
                break;
        }
    }
}
