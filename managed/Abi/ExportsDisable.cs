// SPDX-License-Identifier: GPL-2.0-only
// The library's entry points for items that refuse to be queued. See Exports.cs for the rules.

using System.Runtime;
using Wq.Core;
using Wq.Os;

namespace Wq.Abi;

internal static unsafe class ExportsDisable
{
    [RuntimeExport("disable_work")]
    private static byte DisableWork(Work* work) => IsGood(work) ? Exports.Bool(Disable.DisableWork(work, out _)) : (byte)0;

    [RuntimeExport("disable_work_sync")]
    private static byte DisableWorkSync(Work* work) =>
        IsGood(work) ? Exports.Bool(Disable.DisableWorkSync(work, WaitCall.DisableWorkSync)) : (byte)0;

    [RuntimeExport("enable_work")]
    private static byte EnableWork(Work* work) => IsGood(work) ? Exports.Bool(Disable.EnableWork(work)) : (byte)0;

    [RuntimeExport("enable_and_queue_work")]
    private static byte EnableAndQueueWork(Workqueue* wq, Work* work)
    {
        if (wq == null)
        {
            return Exports.RefuseNull("workqueue: enable_and_queue_work() of NULL"u8);
        }
        bool isEnabled = IsGood(work) && Disable.EnableWork(work);
        if (isEnabled)
        {
            Queue.QueueWork(wq, work);
        }
        return Exports.Bool(isEnabled);
    }

    [RuntimeExport("disable_delayed_work")]
    private static byte DisableDelayedWork(DelayedWork* dwork) => DisableWork((Work*)dwork);

    [RuntimeExport("disable_delayed_work_sync")]
    private static byte DisableDelayedWorkSync(DelayedWork* dwork) => IsGood((Work*)dwork)
        ? Exports.Bool(Disable.DisableWorkSync((Work*)dwork, WaitCall.DisableDelayedWorkSync))
        : (byte)0;

    [RuntimeExport("enable_delayed_work")]
    private static byte EnableDelayedWork(DelayedWork* dwork) => EnableWork((Work*)dwork);

    private static bool IsGood(Work* work)
    {
        Fork.Settle();
        if (work != null && PoolWorkqueue.IsValid(Work.WordOf(work)))
        {
            return true;
        }
        Exports.RefuseNull("workqueue: disabling or enabling an item that is NULL or was never initialised"u8);
        return false;
    }
}
