// SPDX-License-Identifier: GPL-2.0-only
// Emptying a queue that goes on afterwards.
//
// While a queue is drained it takes what its own items queue, and nothing else; delayed work
// may be armed, but what fires meanwhile is refused. The queue is flushed until it is empty.
//
// One link after another is looked at, while items may queue one another from link to link.
// So it is looked twice, and what each link was given is counted: if all were empty both
// times, and none was given anything in between, all were empty at once.
//
// Several threads may drain one queue: it goes on when the last of them is through. Locks:
// s_lock, around the count of them and the state that goes with it.
// Kernel counterpart: drain_workqueue.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class Drain
{
    private const uint FirstReport = 10;
    private const uint LaterReports = 100;
    private const uint LastReport = 1000;

    private static FutexMutex s_lock;

    /// <summary>Returns when all that was queued, and what that has queued, has run. Blocks.</summary>
    public static void DrainWorkqueue(Workqueue* wq)
    {
        Begin(wq);
        uint nr = 0;
        do
        {
            Flush.FlushWorkqueue(wq, WaitCall.DrainWorkqueue);
            if (++nr == FirstReport || (nr % LaterReports == 0 && nr <= LastReport))
            {
                ReportTries(wq, nr);
            }
        }
        while (!IsEmpty(wq));
        End(wq);
    }

    /// <summary>In a forked child: nobody drains.</summary>
    public static void Abandon() => s_lock = default;

    private static void Begin(Workqueue* wq)
    {
        FutexMutex.LockStatic(ref s_lock);
        if (wq->NrDrainers++ == 0)
        {
            QueueLife.TryBeginDrain(&wq->Life);
        }
        FutexMutex.UnlockStatic(ref s_lock);
        Membarrier.Heavy(); // Pairs with the push in InsertWork: what is pushed to a shared pool from now on is taken back.
    }

    private static void End(Workqueue* wq)
    {
        FutexMutex.LockStatic(ref s_lock);
        if (--wq->NrDrainers == 0)
        {
            wq->ReportedRefusal = 0;
            QueueLife.TryEndDrain(&wq->Life);
        }
        FutexMutex.UnlockStatic(ref s_lock);
    }

    private static bool IsEmpty(Workqueue* wq)
    {
        bool wasEmpty = WorkerPool.TryCountEmpty(wq, out uint nr);
        return wasEmpty && WorkerPool.TryCountEmpty(wq, out uint nrLater) && nr == nrLater;
    }

    private static void ReportTries(Workqueue* wq, uint nr)
    {
        Report report = default;
        report.Text("workqueue "u8);
        report.CString(wq->Name);
        report.Text(": drain_workqueue() isn't complete after "u8);
        report.Decimal(nr);
        report.Text(" tries"u8);
        Bug.WarnUnlimited(ref report);
    }
}
