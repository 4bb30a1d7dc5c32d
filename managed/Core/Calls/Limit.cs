// SPDX-License-Identifier: GPL-2.0-only
// How many items of a queue may be active, changed while the queue is in use.
//
// Raising it starts what is parked. Lowering it stops nothing: items that are active end,
// and fewer follow. Locks: the Freezer's, inside the call. Kernel counterparts:
// workqueue_set_max_active, workqueue_set_min_active.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class Limit
{
    /// <summary>Sets max_active, clamped with a report. A queue that has a limit by its nature keeps it, with a report.</summary>
    public static void SetMaxActive(Workqueue* wq, int maxActive)
    {
        if (!Workqueue.IsShared(wq) || (wq->Flags & (WqFlags.Ordered | WqFlags.Bh)) != 0)
        {
            ReportRefused(wq, "workqueue_set_max_active"u8);
            return;
        }
        Freezer.SetMaxActive(wq, Alloc.Clamp(wq, maxActive));
    }

    /// <summary>The least that each memory node may have active: one pool serves them all, and may have max_active.</summary>
    public static void SetMinActive(Workqueue* wq)
    {
        const WqFlags Kinds = WqFlags.Bh | WqFlags.Unbound | WqFlags.Ordered;
        if (!Workqueue.IsShared(wq) || (wq->Flags & Kinds) != WqFlags.Unbound)
        {
            ReportRefused(wq, "workqueue_set_min_active"u8);
        }
    }

    private static void ReportRefused(Workqueue* wq, System.ReadOnlySpan<byte> call)
    {
        Report report = default;
        report.Text("workqueue: "u8);
        report.Text(call);
        report.Text("() of "u8);
        report.CString(wq->Name);
        report.Text(!Workqueue.IsShared(wq) ? ", which has workers of its own: refused"u8
            : (wq->Flags & WqFlags.Ordered) != 0 ? ", which is ordered: refused"u8
            : (wq->Flags & WqFlags.Bh) != 0 ? ", which is WQ_BH: refused"u8 : ", which is not WQ_UNBOUND: refused"u8);
        Bug.Refuse(ref report);
    }
}
