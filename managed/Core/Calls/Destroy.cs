// How a queue ends, in two steps that destroy_workqueue() makes at once: its workers
// end, and its memory goes.
//
//   Alive -> Destroying -> Ending -> Dead, and freed    destroy_workqueue()
//   Alive -> Destroying -> Ending -> Closed             wq_close_workqueue(), and then
//                                    Closed -> Dead     destroy_workqueue()
//
// What is pending runs, and may queue more, until a worker has nothing left and ends;
// its pool refuses from then on. While a queue is Closed it and its pools are there, and
// refuse: whoever still has the pointer may use it. Under work that queues for ever
// Ending becomes Dead early. Kernel counterpart: destroy_workqueue.
//
// A queue stays in the Freezer until its worker has ended: what its own items queue while
// it ends, or others while it is closed, waits for the thaw, and so does the end.

using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

internal unsafe partial struct Workqueue
{
    /// <summary>
    /// Ends the queue unless it is closed, with a report for whoever queues too late, and frees it. Blocks, unless it is closed.
    /// </summary>
    /// <returns>False if it was destroyed already, or is being destroyed or closed.</returns>
    public static bool Destroy(Workqueue* wq)
    {
        if (Atomic.CompareExchange(&wq->_state, Destroying, Alive) == Alive)
        {
            End(wq, WaitCall.DestroyWorkqueue);
            Atomic.Store(&wq->_state, Dead);
        }
        else if (Atomic.CompareExchange(&wq->_state, Dead, Closed) != Closed)
        {
            return false;
        }
        wq->_isQuiet = false;
        FreePools(wq);
        TypeStable.Free(Slots, wq);
        return true;
    }

    /// <summary>Runs what is pending and ends the workers; what is queued too late is refused without a report. Blocks.</summary>
    /// <returns>False if it was closed or destroyed already, or is being so.</returns>
    public static bool Close(Workqueue* wq)
    {
        if (Atomic.CompareExchange(&wq->_state, Destroying, Alive) != Alive)
        {
            return false;
        }
        wq->_isQuiet = true;
        End(wq, WaitCall.CloseWorkqueue);
        Atomic.Store(&wq->_state, Closed);
        return true;
    }

    /// <summary>Ends what a Start that failed has left, if anything. Blocks until its workers have ended.</summary>
    public static void Abort(Workqueue* wq)
    {
        if (wq == null)
        {
            return;
        }
        JoinWorkers(wq, WaitCall.DestroyWorkqueue);
        ReapWorkers(wq);
        FreePools(wq);
        if (IsPerCpu(wq))
        {
            Hotplug.ReportFailed(wq->Name, wq->FailedCpu);
        }
        TypeStable.Free(Slots, wq);
    }

    /// <summary>Ending -> Dead, when the work being finished keeps queueing more.</summary>
    public static void RefuseEndlessQueueing(Workqueue* wq)
    {
        if (Atomic.CompareExchange(&wq->_state, Dead, Ending) != Ending || wq->_isQuiet)
        {
            return; // Not Ending: a CPU goes offline, and what its worker queues goes to another. Quiet: others may go on.
        }
        Report report = default;
        report.Text("workqueue "u8);
        report.CString(wq->Name);
        report.Text(": destroy_workqueue() isn't complete, its work keeps queueing work: refused from now on"u8);
        Bug.Warn(ref report);
    }

    // From Destroying, by the only one who may, to where every pool refuses. Blocks.
    private static void End(Workqueue* wq, WaitCall call)
    {
        int nrCancelled = Delayed.CancelAllOf(wq);
        Flush.FlushWorkqueue(wq, call);
        TimerOwner.Close(TimersOf(wq)); // No timer of ours from here on: the pools may go.
        nrCancelled += Delayed.CancelAllOf(wq);
        if (nrCancelled != 0)
        {
            ReportCancelled(wq, nrCancelled);
        }
        if (IsPerCpu(wq))
        {
            Hotplug.Remove(wq);
        }
        Atomic.Store(&wq->_state, Ending);
        JoinWorkers(wq, call);
        if (wq->_freezeable)
        {
            Freezer.Remove(wq); // Not after: its worker is marked.
        }
        ReapWorkers(wq);
    }

    private static void ReportCancelled(Workqueue* wq, int nr)
    {
        Report report = default;
        report.Text("workqueue "u8);
        report.CString(wq->Name);
        report.Text(wq->_isQuiet ? ": closed"u8 : ": destroyed"u8);
        report.Text(" with delayed work pending, cancelled: "u8);
        report.Decimal(nr);
        Bug.Warn(ref report);
    }

    // All workers are told before the first is waited for, and all have ended before the first pool goes:
    // what still runs may cancel, flush and queue here.
    private static void JoinWorkers(Workqueue* wq, WaitCall call)
    {
        for (PoolWorkqueue* pwq = FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            WorkerPool.RequestStop(pwq->Pool);
        }
        for (PoolWorkqueue* pwq = FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            WorkerPool.Join(pwq->Pool, call);
        }
    }

    private static void ReapWorkers(Workqueue* wq)
    {
        for (PoolWorkqueue* pwq = FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            WorkerPool.Reap(pwq->Pool);
        }
    }

    private static void FreePools(Workqueue* wq)
    {
        PoolWorkqueue* first = FirstOf(wq);
        wq->_first = 0;
        while (first != null)
        {
            PoolWorkqueue* next = first->Next;
            PoolWorkqueue.Free(first);
            first = next;
        }
    }
}
