// SPDX-License-Identifier: GPL-2.0-only
// Making a queue on shared pools. It starts no thread, but a rescuer if the queue is to have one.
//
// Locks: none here. Kernel counterparts: alloc_workqueue, alloc_ordered_workqueue.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class Alloc
{
    public const int MaxActive = 2048;     // WQ_MAX_ACTIVE
    public const int DefaultActive = 1024; // WQ_DFL_ACTIVE

    /// <summary>A queue on the shared pools.</summary>
    /// <param name="flags">Of enum wq_flags, and Ordered.</param>
    /// <param name="maxActive">0 for the default; below and above the limits it is clamped, with a report.</param>
    /// <returns>Null with <paramref name="error"/> set.</returns>
    public static Workqueue* AllocWorkqueue(byte* name, WqFlags flags, int maxActive, out Errno error)
    {
        if ((flags & ~(WqFlags.Public | WqFlags.Ordered)) != 0)
        {
            ReportFlags(name, flags);
            error = Errno.EINVAL;
            return null;
        }
        error = Errno.ENOMEM;
        WqFlags implied = (flags & WqFlags.Ordered) != 0 ? WqFlags.Unbound | WqFlags.Shared : WqFlags.Shared;
        Workqueue* wq = Workqueue.Alloc(name, flags | implied);
        if (wq == null)
        {
            return null;
        }
        error = Begin(wq, maxActive);
        if (error != Errno.None)
        {
            Destroy.Free(wq);
            return null;
        }
        return wq;
    }

    /// <summary>Begins the life of a queue on shared pools that has no links yet.</summary>
    /// <returns>None, or why there is no link or no rescuer. Then the queue is dead, and may have a link.</returns>
    public static Errno Begin(Workqueue* wq, int maxActive)
    {
        wq->MaxActive = wq->Limit = Clamp(wq, maxActive == 0 ? int.Min(DefaultActive, MostActive(wq)) : maxActive);
        Workqueue.ClearRoutes(wq);
        if (!SharedPools.TryBegin(wq)) // With one link at least no queueing fails for want of one.
        {
            return Errno.ENOMEM;
        }
        Errno error = Workqueue.HasRescuer(wq) ? Worker.StartRescuer(wq) : Errno.None;
        if (error != Errno.None)
        {
            return error;
        }
        if ((wq->Flags & WqFlags.Freezable) != 0)
        {
            Freezer.Add(wq);
        }
        QueueLife.Begin(&wq->Life);
        return Errno.None;
    }

    /// <summary>What the queue's max_active becomes if <paramref name="wanted"/> is asked for; reports it if that is another number.</summary>
    public static int Clamp(Workqueue* wq, int wanted)
    {
        int most = MostActive(wq);
        int clamped = int.Max(1, int.Min(wanted, most));
        if (clamped != wanted)
        {
            Report report = default;
            report.Text("workqueue: max_active "u8);
            report.Decimal(wanted);
            report.Text(" requested for "u8);
            report.CString(wq->Name);
            report.Text(" is out of range, clamping between 1 and "u8);
            report.Decimal(most);
            Bug.Warn(ref report);
        }
        return clamped;
    }

    private static int MostActive(Workqueue* wq) => (wq->Flags & WqFlags.Ordered) != 0 ? 1 : MaxActive;

    private static void ReportFlags(byte* name, WqFlags flags)
    {
        Report report = default;
        report.Text("workqueue: alloc_workqueue() of "u8);
        report.CString(name);
        report.Text(" with flags that there are not: "u8);
        report.Hex((nuint)(flags & ~WqFlags.Public));
        Bug.Refuse(ref report);
    }
}
