// SPDX-License-Identifier: GPL-2.0-only
// Queueing an item, and every reason to refuse one.
//
//   1. does the queue take work?
//   2. which of its links serves this CPU?
//   3. is the item well formed?
//   4. set PENDING: false if it is set already
//   5. insert it into the link's pool; if that has no worker any more, into another's
//
// No lock is waited for, and no system call is made while a worker of the pool is up, except
// to report, where the caller's CPU has no worker, to begin to watch a shared pool, and where
// an item that queues on its own pool settles what its worker has run.
// Kernel counterparts: queue_work, queue_work_on, queue_work_node, __queue_work, insert_work.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class Queue
{
    private static int s_reportedNode;

    /// <summary>Queues <paramref name="work"/> for the caller's CPU.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool QueueWork(Workqueue* wq, Work* work)
    {
        if (!Workqueue.TakesWork(wq))
        {
            return QueueOtherwiseSlow(cpu: -1, wq, work);
        }
        Caller caller = ThreadLocals.Caller();
        int cpu = Cpus.Known((int)caller.Cpu);
        PoolWorkqueue* pwq = Workqueue.LocalPwq(wq, cpu);
        return pwq != null ? QueueWorkOn(pwq, work, (Worker*)caller.Worker) : QueueUnlinkedSlow(wq, work);
    }

    /// <summary>Queues <paramref name="work"/> on the worker of <paramref name="cpu"/>, or of the only one.</summary>
    /// <param name="cpu">Out of range for the caller's; offline for the one that serves it.</param>
    public static bool QueueWorkOn(int cpu, Workqueue* wq, Work* work)
    {
        if (!Workqueue.TakesWork(wq))
        {
            return QueueOtherwiseSlow(cpu, wq, work);
        }
        PoolWorkqueue* pwq = LinkOn(wq, cpu);
        return pwq != null ? QueueWorkOn(pwq, work, Worker.CurrentWorker) : RefuseSlow(wq, work->Func);
    }

    /// <summary>Queues <paramref name="work"/> for a memory node: the pools of queues that may ask for one serve all nodes.</summary>
    public static bool QueueWorkNode(Workqueue* wq, Work* work)
    {
        if (SystemWorkqueues.IsUsable(wq) && (wq->Flags & (WqFlags.Unbound | WqFlags.SingleThread)) == 0 && Bug.OncePer(ref s_reportedNode))
        {
            Report report = default;
            report.Text("workqueue: queue_work_node() on "u8);
            report.CString(wq->Name);
            report.Text(", whose items run on the CPU that queues them"u8);
            Bug.WarnUnlimited(ref report);
        }
        return QueueWork(wq, work);
    }

    /// <summary>
    /// The link that serves <paramref name="cpu"/>, or the caller's CPU if that is out of range; null if the queue, which took
    /// work a moment ago, has ended.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PoolWorkqueue* LinkOn(Workqueue* wq, int cpu)
    {
        PoolWorkqueue* pwq = Workqueue.PwqOn(wq, cpu);
        return pwq != null ? pwq : SharedPools.LinkSlow(wq, (uint)cpu < (uint)Cpus.NrPossible ? cpu : Cpus.Current());
    }

    /// <summary>
    /// Where an item may go that is pending on <paramref name="pwq"/> and was last claimed by the shared pool's worker of that
    /// number: if the worker is inside its function for the same queue, the item is moved to the link that it serves.
    /// </summary>
    /// <param name="worker">The one the caller is, or null.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static PoolWorkqueue* WhereItRuns(PoolWorkqueue* pwq, Work* work, Worker* worker, nuint runner)
    {
        if (worker != null && runner != 0 && worker->Runner == runner && Worker.IsAtItemOf(worker, pwq))
        {
            return pwq; // The caller is that worker, and at this link.
        }
        if (Workqueue.IsOfParent(pwq->Wq))
        {
            return PoolWorkqueue.Of(Work.WordOf(work)); // See TrySetPendingCheckedSlow.
        }
        PoolWorkqueue* its = Worker.PwqOfRun(runner, work);
        if (its == null || its == pwq || its->Wq != pwq->Wq)
        {
            return pwq;
        }
        Work.MoveTo(work, its->Word);
        return its;
    }

    /// <summary>Is the item initialised and has it a function? Reports it if not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAcceptable(PoolWorkqueue* pwq, Work* work) =>
        (PoolWorkqueue.IsValid(Work.WordOf(work)) && work->Func != null) || RefuseItemSlow(pwq->Wq, work);

    /// <summary>idle -> pending at <paramref name="place"/>. False if it was pending, or is on a list it should not be on.</summary>
    /// <param name="idle">The item's word before: it says PENDING, or Refused, where false is returned.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySetPending(PoolWorkqueue* pwq, Work* work, Place place, out WorkWord idle)
    {
        if (!Checks.Any)
        {
            return TrySetPendingUnchecked(pwq, work, place, out idle);
        }
        idle = TrySetPendingCheckedSlow(pwq, work, place);
        return idle.IsFree;
    }

    /// <summary>Puts an item whose word names <paramref name="pwq"/> on its pool, or where callers are served now.</summary>
    /// <param name="worker">The one the caller is, or null.</param>
    /// <param name="idle">The item's word before: it gets that back if it is refused, as it may still run where it was.</param>
    /// <returns>False if the queue is gone, after a report, or closed, without one; the item is idle.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Insert(PoolWorkqueue* pwq, Work* work, Worker* worker, WorkWord idle) =>
        TryInsertOwn(pwq, work, worker) || (Push(pwq, work) && (!pwq->IsShared || Stays(pwq, work))) || InsertElsewhereSlow(pwq, work, idle);

    /// <summary>Puts an item whose word names this link on its pool; wakes a worker if none is up.</summary>
    /// <param name="worker">The one the caller is, or null.</param>
    /// <returns>False if the pool has no worker; the item is then the caller's as before.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool InsertWork(PoolWorkqueue* pwq, Work* work, Worker* worker) => TryInsertOwn(pwq, work, worker) || Push(pwq, work);

    // The queue of a shared pool does not end while the caller is at an item of it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryInsertOwn(PoolWorkqueue* pwq, Work* work, Worker* worker) =>
        worker != null && worker->Pool == pwq->Pool && WorkerPool.TryInsertOwn(worker, pwq, work);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Push(PoolWorkqueue* pwq, Work* work)
    {
        WorkerPool* pool = pwq->Pool;
        PushResult result = Inbox.Push(&pool->Inbox, work);
        return result == PushResult.Queued || AfterPushSlow(pool, result);
    }

    // The item is the only one in the inbox, or the pool is gone.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool AfterPushSlow(WorkerPool* pool, PushResult result)
    {
        if (result == PushResult.MustWake)
        {
            WorkerPool.WakeSlow(pool);
        }
        else if (result == PushResult.First && Atomic.Load(&pool->IsWatched) == 0)
        {
            PoolWatch.BeginSlow(pool);
        }
        return result != PushResult.Refused;
    }

    // A shared pool refuses no push. So the queue is looked at again: one that ended meanwhile has either seen the item, or
    // is seen to have ended; then the item is taken back. It may be gone by now, so it is looked for by its address.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Stays(PoolWorkqueue* pwq, Work* work) =>
        Workqueue.TakesWork(pwq->Wq) || StaysSlow(pwq, work);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool StaysSlow(PoolWorkqueue* pwq, Work* work) =>
        Worker.IsOf(pwq->Wq) || !WorkerPool.TryTakeBack(pwq, work);

    /// <summary>Is the queue being drained, and the caller one of its items? What these queue it takes.</summary>
    public static bool IsChained(Workqueue* wq) => QueueLife.IsDraining(&wq->Life) && Worker.IsOf(wq);

    // The queue takes no work: it is a system queue that is still to be made, it is drained, or it has ended.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool QueueOtherwiseSlow(int cpu, Workqueue* wq, Work* work) =>
        SystemWorkqueues.TakesNow(wq) ? QueueWorkOn(cpu, wq, work)
            : IsChained(wq) ? QueueWorkOn(LinkOn(wq, cpu), work, Worker.CurrentWorker) : RefuseSlow(wq, work->Func);

    /// <summary>
    /// Sets errno, and reports once a queue that nothing can be queued on it now; of one that is closed or being closed it
    /// reports nothing. Returns false.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool RefuseSlow(Workqueue* wq, void* func)
    {
        if (Workqueue.SystemNumberOf(wq) >= 0 && !QueueLife.IsDraining(&wq->Life))
        {
            return false; // It could not be made for want of memory. That has been reported.
        }
        Bug.RefuseQuietly();
        if (!QueueLife.IsQuiet(&wq->Life) && Bug.OncePer(ref wq->ReportedRefusal))
        {
            Report report = default;
            report.Text("workqueue: cannot queue "u8);
            Bug.AppendSymbol(ref report, func);
            report.Text(" on wq "u8);
            report.CString(wq->Name);
            report.Text(Workqueue.IsOfParent(wq) ? ": it is the parent process's"u8
                : QueueLife.IsDraining(&wq->Life) || QueueLife.HasRoutes(&wq->Life) ? ": it is being drained"u8 : ": it was destroyed"u8);
            Bug.RefuseUnlimited(ref report);
        }
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool QueueWorkOn(PoolWorkqueue* pwq, Work* work, Worker* worker) =>
        IsAcceptable(pwq, work) && TrySetPending(pwq, work, Place.Queued, out WorkWord idle)
            && Insert(idle.IsByWorker ? WhereItRuns(pwq, work, worker, idle.Number) : pwq, work, worker, idle);

    // The caller's CPU has not queued on the queue before.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool QueueUnlinkedSlow(Workqueue* wq, Work* work) => QueueWorkOn(Cpus.Current(), wq, work);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TrySetPendingUnchecked(PoolWorkqueue* pwq, Work* work, Place place, out WorkWord idle)
    {
        idle = Work.WordOf(work);
        if (!Work.TrySetPending(work, pwq->Word, place, ref idle))
        {
            return false;
        }
        if (work->Entry.Next == &work->Entry && work->Entry.Prev == &work->Entry)
        {
            return true;
        }
        Work.UndoSetPending(work, idle);
        idle = WorkWord.Refused;
        return RefuseItemSlow(pwq->Wq, work);
    }

    // Returns the item's word before, or one that says PENDING if it is not ours. Tools that watch are told before the
    // look at PENDING: if that is on, the run to come sees what the caller stored. A forked child may find out only here
    // that the queue is its parent's.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WorkWord TrySetPendingCheckedSlow(PoolWorkqueue* pwq, Work* work, Place place)
    {
        Fork.Settle();
        if (Workqueue.IsOfParent(pwq->Wq))
        {
            return TrySetPendingInChildSlow(pwq->Wq, work, place);
        }
        Watcher.Ignore(work, sizeof(Work));
        Watcher.Release(work);
        if (TrySetPendingUnchecked(pwq, work, place, out WorkWord idle) && Checks.IsOn(Checks.Debug))
        {
            DebugObjects.AddSlow(pwq->Wq, work);
        }
        return idle;
    }

    // A system queue is the child's own. What it returns has the caller ask WhereItRuns, and so find the link that the item names.
    private static WorkWord TrySetPendingInChildSlow(Workqueue* former, Work* work, Place place)
    {
        Workqueue* wq = Workqueue.SystemAfter(former);
        if (wq == null)
        {
            RefuseSlow(former, work->Func);
            return WorkWord.Refused;
        }
        if (!SystemWorkqueues.IsUsable(wq))
        {
            return WorkWord.Refused;
        }
        WorkWord idle = TrySetPendingCheckedSlow(LinkOn(wq, Cpus.Current()), work, place);
        return idle.IsPending ? idle : WorkWord.ClaimedBy(0);
    }

    // The worker ended between the caller's look and its push: its CPU went offline, and Route leads elsewhere
    // now; or the queue was destroyed, and this is a use after that; or it is closed, which is no misuse; or it is drained,
    // and the item of a shared pool was taken back.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool InsertElsewhereSlow(PoolWorkqueue* pwq, Work* work, WorkWord idle)
    {
        Workqueue* wq = pwq->Wq;
        while (pwq->IsShared ? Workqueue.TakesWork(wq) : QueueLife.HasRoutes(&wq->Life))
        {
            pwq = LinkOn(wq, pwq->Cpu);
            Work.MoveTo(work, pwq->Word);
            if (InsertWork(pwq, work, Worker.CurrentWorker) && (!pwq->IsShared || Stays(pwq, work)))
            {
                return true;
            }
        }
        void* func = work->Func;
        if (Checks.IsOn(Checks.Debug))
        {
            DebugObjects.RemoveSlow(work);
        }
        Work.GiveUp(work, idle);
        return RefuseSlow(wq, func);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool RefuseItemSlow(Workqueue* wq, Work* work)
    {
        Report report = default;
        report.Text("workqueue: cannot queue item "u8);
        report.Hex((nuint)work);
        report.Text(" on wq "u8);
        report.CString(wq->Name);
        report.Text(PoolWorkqueue.IsValid(Work.WordOf(work)) && work->Func == null
            ? ": its function is NULL"u8
            : ": it was never initialised, or was copied or corrupted"u8);
        if (ItemCheck.LooksFreed(work))
        {
            report.Text(": its memory looks freed"u8);
        }
        Bug.Refuse(ref report);
        return false;
    }
}
