// SPDX-License-Identifier: GPL-2.0-only
// What a program may ask of an item, of its own thread, and of a queue.
//
// The answers are snapshots. A worker publishes an item in Current before it turns PENDING
// off, so a thread that sees PENDING off, and looks at Current after a fence, finds the run.
// Locks: the pools', taken here. Kernel counterparts: work_busy, current_work,
// workqueue_congested.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class Ask
{
    private const uint Pending = 1; // WORK_BUSY_PENDING
    private const uint Running = 2; // WORK_BUSY_RUNNING

    /// <summary>Is the item pending, and is a worker of the queue it was last queued on inside its function?</summary>
    public static uint WorkBusy(Work* work)
    {
        WorkWord word = Work.WordOf(work);
        Atomic.Fence(); // Pairs with TryClaim.
        return (word.IsPending ? Pending : 0) | (IsRunning(work, word) ? Running : 0);
    }

    /// <summary>The item whose function the caller is in, the innermost; null if it is in none.</summary>
    public static Work* CurrentWork()
    {
        Worker* worker = Worker.CurrentWorker;
        return worker != null ? Worker.WorkAtHand(worker) : null;
    }

    /// <summary>Is an item of the queue parked on the link that serves <paramref name="cpu"/>?</summary>
    public static bool IsCongested(int cpu, Workqueue* wq)
    {
        PoolWorkqueue* pwq = Workqueue.PwqOn(wq, cpu);
        return pwq != null && pwq->IsShared && WorkerPool.IsCongested(pwq->Pool, pwq);
    }

    // A shared pool's worker leaves its number in the word of what it claims. A private pool's leaves that of its link.
    private static bool IsRunning(Work* work, WorkWord word)
    {
        WorkWord idle = word.Idle;
        nuint runner = idle.IsByWorker ? idle.Number : 0;
        if (runner != 0)
        {
            return Worker.AtItem(runner, work) != null;
        }
        PoolWorkqueue* pwq = PoolWorkqueue.Of(word);
        if (pwq == null || pwq->IsShared)
        {
            return false;
        }
        pwq = Workqueue.FirstOf(pwq->Wq);
        while (pwq != null && !WorkerPool.IsRunning(pwq->Pool, work))
        {
            pwq = pwq->Next;
        }
        return pwq != null;
    }
}
