// SPDX-License-Identifier: GPL-2.0-only
// Waiting for one item.
//
// The item is with a pool: the run to come is waited for, whenever it begins, and
// nothing else (WorkerPool.Waiters.cs). It is not, or it is with its timer or a
// canceller: a run that is under way on its last pool is waited for. On its way to a pool
// it belongs to another thread for a few instructions: look again.
//
// Kernel counterparts: flush_work, flush_delayed_work, start_flush_work.

using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

internal static unsafe partial class Flush
{
    private static int s_reportedSelf;

    private enum AwaitResult
    {
        Idle,  // There is nothing to wait for.
        Waits, // The waiter is on the pool's list.
        Ran,   // The caller, the only worker there, has run the item.
        Again,
    }

    /// <summary>Returns when what was last queued of the item has run or was cancelled. Blocks.</summary>
    /// <returns>True if it waited.</returns>
    public static bool FlushWork(Work* work, WaitCall call)
    {
        bool self = Worker.IsInside(work);
        if (Cancel.IsOfParent(Work.WordOf(work)))
        {
            Bug.Refuse("workqueue: flush_work() of an item that was queued in the parent process"u8);
            return false;
        }
        if (Checks.IsOn(Checks.Waits))
        {
            WaitCheck.BeforeFlushOfItem(work, call, self);
        }
        if (self && Bug.OncePer(ref s_reportedSelf))
        {
            ReportSelf(work->Func);
        }
        void* func = work->Func;
        Waiter waiter;
        Watcher.Ignore(&waiter, sizeof(Waiter));
        Waiter.Init(&waiter, work);
        WorkerPool* pool = null;
        AwaitResult result = Await(work, &waiter, ref pool, self);
        if (result == AwaitResult.Waits)
        {
            WorkerPool.AwaitWorker(pool, &waiter.Done);
            Stall.Wait(&waiter.Done, pool, waiter.Only != null ? waiter.Only : WorkerPool.HolderOf(pool, work: null), call, func);
        }
        Watcher.Acquire(work); // By its address: of the run that has ended, whether it was waited for or not.
        return result != AwaitResult.Idle;
    }

    /// <summary>FlushWork; if the timer is armed it fires at once. Blocks.</summary>
    /// <returns>True if it waited.</returns>
    // The timer's thread queues the item: the queue that the item is for waits for that thread, but not for us, before it ends.
    public static bool FlushDelayedWork(DelayedWork* dwork)
    {
        Backoff backoff = default;
        WorkWord word = Work.WordOf(&dwork->Work);
        while ((word.IsAt(Place.Timer) || word.IsAt(Place.Moving)) && !Cancel.IsOfParent(word))
        {
            if (TimerCalls.Hurry(&dwork->Timer))
            {
                Work.WaitForOwner(&dwork->Work, word, Clock.Never);
            }
            else
            {
                backoff.Pause(); // A few instructions of the thread that arms it, re-times it or brings it to its pool.
            }
            word = Work.WordOf(&dwork->Work);
        }
        return FlushWork(&dwork->Work, WaitCall.FlushDelayedWork);
    }

    private static AwaitResult Await(Work* work, Waiter* waiter, ref WorkerPool* pool, bool self)
    {
        Backoff backoff = default;
        while (true)
        {
            WorkWord word = Work.WordOf(work);
            if (word.IsAt(Place.Moving))
            {
                backoff.Pause(); // It is on its way to a timer, or to a pool again.
                continue;
            }
            bool isQueued = word.IsPending && !word.IsHeldElsewhere;
            PoolWorkqueue* pwq = isQueued ? PoolWorkqueue.Of(word) : Worker.LastPwq(work, word.Idle);
            if (pwq == null)
            {
                return AwaitResult.Idle;
            }
            pool = pwq->Pool;
            if (!isQueued)
            {
                return AwaitRun(pool, word.Idle, waiter);
            }
            if (self && pool->IsShared)
            {
                return AwaitResult.Idle; // It runs when its caller, who has been told, has returned.
            }
            AwaitResult result = AwaitNext(pool, pwq, work, waiter);
            if (result != AwaitResult.Again)
            {
                return result;
            }
            backoff.Pause();
        }
    }

    private static AwaitResult AwaitRun(WorkerPool* pool, WorkWord idle, Waiter* waiter)
    {
        waiter->Only = idle.IsByWorker ? Worker.Of(idle.Number) : null;
        FutexMutex.Lock(&pool->Lock);
        bool waits = WorkerPool.TryAddWaiter(pool, waiter);
        FutexMutex.Unlock(&pool->Lock);
        return waits ? AwaitResult.Waits : AwaitResult.Idle;
    }

    // A private pool's worker cannot wait for itself: it runs what is pending there.
    private static AwaitResult AwaitNext(WorkerPool* pool, PoolWorkqueue* pwq, Work* work, Waiter* waiter)
    {
        Worker* worker = Worker.CurrentWorker;
        bool isOwn = worker != null && worker->Pool == pool && !pool->IsShared;
        FutexMutex.Lock(&pool->Lock);
        bool isThere = TrySetWaited(pool, pwq, work);
        if (isThere && !isOwn)
        {
            WorkerPool.AddWaiterForNext(pool, waiter);
        }
        WorkerPool.Unlock(pool);
        if (isThere && isOwn)
        {
            Worker.RunWorkqueueNested(worker);
            return AwaitResult.Ran;
        }
        return isThere ? AwaitResult.Waits : AwaitResult.Again;
    }

    // The word may have come round to the same value while the item is on its way to an inbox again: then it is on no list,
    // and the bit stays, for which nobody waits. Context: pool->Lock held.
    private static bool TrySetWaited(WorkerPool* pool, PoolWorkqueue* pwq, Work* work)
    {
        WorkWord word = Work.WordOf(work);
        if (!WorkerPool.IsHere(pool, pwq, word))
        {
            return false;
        }
        if (word.IsAt(Place.Scheduled))
        {
            return Work.TrySetWaited(work, word);
        }
        WorkerPool.CollectInbox(pool);
        word = Work.WordOf(work);
        return WorkerPool.IsHere(pool, pwq, word) && Work.IsListed(work)
            && Work.TrySetWaited(work, word) && Work.IsListed(work);
    }

    private static void ReportSelf(void* func)
    {
        Report report = default;
        report.Text("workqueue: flush_work() of an item from its own function "u8);
        Bug.AppendSymbol(ref report, func);
        report.Text(": not waiting for it"u8);
        Bug.WarnUnlimited(ref report);
    }
}
