// SPDX-License-Identifier: GPL-2.0-only
// How a queue ends, in two steps that destroy_workqueue() makes at once: its workers
// end, and its memory goes. QueueLife has the states.
//
//   1. delayed work is disarmed, what is pending runs, and may queue more
//   2. no timer may be armed any more, so that no timer thread comes to the pools
//   3. CPUs that come and go leave the queue alone
//   4. each worker ends when it has nothing left; its pool refuses from then on
//   5. the pools and the queue are freed: at once, or if the queue was closed first,
//      when it is destroyed. Until then a thread that still has the pointer may use it.
//
// A queue stays in the Freezer until its worker has ended: what its own items queue while
// it ends, or others while it is closed, waits for the thaw, and so does the end.
// Kernel counterpart: destroy_workqueue.

using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

internal static unsafe class Destroy
{
    /// <summary>
    /// Ends the queue unless it is closed, with a report if anyone queues too late, and frees it. Blocks, unless it is closed.
    /// </summary>
    /// <returns>False if it was destroyed already, or is being destroyed or closed.</returns>
    public static bool DestroyWorkqueue(Workqueue* wq)
    {
        if (QueueLife.TryBeginDestroy(&wq->Life))
        {
            End(wq, WaitCall.DestroyWorkqueue);
        }
        else if (!QueueLife.TryEndClosed(&wq->Life))
        {
            return false;
        }
        Free(wq);
        return true;
    }

    /// <summary>Runs what is pending and ends the workers; what is queued too late is refused without a report. Blocks.</summary>
    /// <returns>False if it was closed or destroyed already, or is being so.</returns>
    public static bool CloseWorkqueue(Workqueue* wq)
    {
        if (!QueueLife.TryBeginClose(&wq->Life))
        {
            return false;
        }
        End(wq, WaitCall.CloseWorkqueue);
        return true;
    }

    // All workers are told before the first is waited for, and all have ended before the first pool goes:
    // what still runs may cancel, flush and queue here.
    public static void JoinWorkers(Workqueue* wq, WaitCall call)
    {
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            WorkerPool.RequestStop(pwq->Pool);
        }
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            WorkerPool.Join(pwq->Pool, call);
        }
    }

    public static void ReapWorkers(Workqueue* wq)
    {
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            WorkerPool.Reap(pwq->Pool);
        }
    }

    /// <summary>Frees a queue that is dead, its links and their pools.</summary>
    public static void Free(Workqueue* wq)
    {
        PrivatePool.FreeAll(Workqueue.TakeLinks(wq));
        Workqueue.Free(wq);
    }

    private static void End(Workqueue* wq, WaitCall call)
    {
        int nrCancelled = Delayed.CancelAllOf(wq);
        Flush.FlushWorkqueue(wq, call);
        TimerOwner.Close(Workqueue.TimersOf(wq)); // No timer of ours from here on: the pools may go.
        nrCancelled += Delayed.CancelAllOf(wq);
        if (nrCancelled != 0)
        {
            ReportCancelled(wq, nrCancelled);
        }
        if (Workqueue.IsShared(wq))
        {
            EmptyShared(wq, call);
            Worker.EndRescuer(wq, call);
        }
        else
        {
            EndWorkers(wq, call);
        }
        QueueLife.End(&wq->Life);
    }

    // To where nothing of the queue is in its pools, and what is pushed too late is taken back. Blocks.
    private static void EmptyShared(Workqueue* wq, WaitCall call)
    {
        QueueLife.BeginDraining(&wq->Life);
        Membarrier.Heavy(); // Pairs with the push in InsertWork: what is pushed from now on is taken back.
        SharedPools.EndLinking();
        do
        {
            Flush.FlushWorkqueue(wq, call);
        }
        while (!WorkerPool.TryEndLinks(wq));
        if ((wq->Flags & WqFlags.Freezable) != 0)
        {
            Freezer.Remove(wq);
        }
    }

    // To where every pool refuses. Blocks.
    private static void EndWorkers(Workqueue* wq, WaitCall call)
    {
        if (Workqueue.IsPerCpu(wq))
        {
            Hotplug.Remove(wq);
        }
        QueueLife.BeginEnding(&wq->Life);
        JoinWorkers(wq, call);
        if ((wq->Flags & WqFlags.Freezable) != 0)
        {
            Freezer.Remove(wq); // Not before: its worker would lose its mark. Not after: the worker is marked.
        }
        ReapWorkers(wq);
    }

    private static void ReportCancelled(Workqueue* wq, int nr)
    {
        Report report = default;
        report.Text("workqueue "u8);
        report.CString(wq->Name);
        report.Text(QueueLife.IsQuiet(&wq->Life) ? ": closed"u8 : ": destroyed"u8);
        report.Text(" with delayed work pending, cancelled: "u8);
        report.Decimal(nr);
        Bug.Warn(ref report);
    }
}
