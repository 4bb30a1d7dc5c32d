// SPDX-License-Identifier: GPL-2.0-only
// Taking an item back, and waiting until nobody is inside its function.
//
//   1. the canceller becomes the owner of PENDING, from whichever state it meets (below);
//      the item is "canceling" from here: queueing it is refused, and other cancellers
//      sleep on its word
//   2. it waits for runs already under way, on every pool of the last queue
//   3. it releases the item
//
// A cancel that does not wait (CancelWork) takes pending items only, and releases the item
// under the same lock that it took it under. Invariant: so an item that is "canceling", seen
// under the lock of the pool that it names, is with a canceller that waits. In a forked child
// nothing waits for what the parent's queues had: it is taken under s_parents and released
// at once.
//
//   idle       nothing to take: own the word
//   timer      disarm the timer; a call that was not given the timer sleeps until it fires
//   listed     (after the inbox is moved to the list, or to what is incoming) unlink it
//   scheduled  win the word from the worker, empty its slot, wait out its claim
//   moving     or on its way to an inbox, a few instructions of another thread: look again
//
// Kernel counterparts: cancel_work, cancel_work_sync, try_to_grab_pending, wait_on_work.

using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

internal enum GrabResult
{
    Idle,
    Stolen,
    Again,
}

/// <summary>What becomes of an item that was grabbed.</summary>
internal enum Then
{
    Keep,    // It is the canceller's, which waits for its runs.
    Release, // It is idle again before the pool's lock is.
    Disable, // As Release, and it is disabled.
    Move,    // It is moving: the caller's, which re-times it.
}

internal static unsafe class Cancel
{
    private static int s_reportedSelf;
    private static FutexMutex s_parents;

    /// <summary>Takes the item back if it is pending, or with its timer. Waits for no run and for no canceller.</summary>
    /// <returns>True if it was pending; false if it was not, or a call that waits is cancelling it.</returns>
    public static bool CancelWork(Work* work)
    {
        Backoff backoff = default;
        WorkWord word = Work.WordOf(work);
        if (IsOfParent(word))
        {
            return TakeFromParent(work);
        }
        while (word.IsPending && !IsBeingCancelled(work, word))
        {
            if (TryTakeBack(work, word, Then.Release, out _))
            {
                return true;
            }
            backoff.Pause(); // A few instructions of the thread that arms it, fires it, brings it to its pool or takes it back.
            word = Work.WordOf(work);
        }
        return false;
    }

    /// <summary>After it returns the item is neither pending nor running. Blocks.</summary>
    /// <returns>True if the item was pending.</returns>
    public static bool CancelWorkSync(Work* work) => CancelSync(work, timer: null, WaitCall.CancelWorkSync);

    /// <summary>CancelWorkSync, also from the timer. Blocks.</summary>
    /// <returns>True if the item was pending, its timer armed included.</returns>
    public static bool CancelDelayedWorkSync(DelayedWork* dwork) =>
        CancelSync(&dwork->Work, &dwork->Timer, WaitCall.CancelDelayedWorkSync);

    public static void Abandon() => s_parents = default;

    /// <summary>Has a canceller that waits for runs the item whose word was <paramref name="word"/>?</summary>
    public static bool IsBeingCancelled(Work* work, WorkWord word)
    {
        PoolWorkqueue* pwq = PoolWorkqueue.Of(word);
        WorkerPool* pool = pwq != null ? pwq->Pool : null;
        if (!word.IsCanceling || pool == null)
        {
            return word.IsCanceling;
        }
        FutexMutex.Lock(&pool->Lock); // The queue may be gone, but its memory is of its type.
        WorkWord now = Work.WordOf(work);
        bool isSame = now.IsCanceling && PoolWorkqueue.Of(now) == pwq && pwq->Pool == pool;
        FutexMutex.Unlock(&pool->Lock);
        return isSame;
    }

    /// <summary>Takes an item back that is pending, and was seen as <paramref name="word"/>.</summary>
    /// <returns>False if it has gone elsewhere, is on its way, or is with a canceller.</returns>
    /// <param name="was">The word that it had then.</param>
    public static bool TryTakeBack(Work* work, WorkWord word, Then then, out WorkWord was)
    {
        was = word;
        if (!word.IsAt(Place.Timer))
        {
            return GrabFromPool(work, word, then, out was) == GrabResult.Stolen;
        }
        bool wasArmed = TimerCalls.DelTimer(&((DelayedWork*)work)->Timer);
        if (wasArmed)
        {
            Work.Release(work, depth: then == Then.Disable ? 1 : 0);
        }
        return wasArmed;
    }

    private static bool CancelSync(Work* work, TimerList* timer, WaitCall call)
    {
        Backoff backoff = default;
        StallClock clock = default;
        Fork.Settle();
        bool self = Worker.IsInside(work);
        if (Checks.IsOn(Checks.Waits))
        {
            WaitCheck.BeforeCancel(work, call, self);
        }
        if (self)
        {
            ReportSelf(work, call);
        }
        if (IsOfParent(Work.WordOf(work)))
        {
            return TakeFromParent(work);
        }
        GrabResult result = TryToGrabPending(work, timer, out WorkWord was);
        while (result == GrabResult.Again)
        {
            WorkWord word = Work.WordOf(work);
            if (self && IsBeingCancelled(work, word))
            {
                return false; // Its owner waits for this very run.
            }
            if (self && word.IsAt(Place.Timer))
            {
                timer = &((DelayedWork*)work)->Timer; // It has one, and we must not sleep on it.
            }
            if (!self && word.IsCanceling)
            {
                Stall.WaitForCanceller(work, word, call, ref clock);
            }
            else if (!self && timer == null && word.IsHeldElsewhere)
            {
                Work.WaitForOwner(work, word, Clock.Never); // Without its timer all we can do is to sleep until that fires.
            }
            else
            {
                backoff.Pause(); // It is being armed, or has just fired: a moment. In a run that others wait for we do not sleep.
            }
            result = TryToGrabPending(work, timer, out was);
        }
        WaitOnWork(work, Worker.LastPwq(work, was), call);
        Work.ReleaseCanceled(work, was.Idle);
        return result == GrabResult.Stolen;
    }

    private static GrabResult TryToGrabPending(Work* work, TimerList* timer, out WorkWord was)
    {
        if (timer != null && TimerCalls.DelTimer(timer))
        {
            was = SetCancelingDelayed(work);
            return GrabResult.Stolen;
        }
        WorkWord word = Work.WordOf(work);
        if (!word.IsPending)
        {
            was = word;
            return Work.TrySetCanceling(work, word) ? GrabResult.Idle : GrabResult.Again;
        }
        return GrabFromPool(work, word, Then.Keep, out was);
    }

    // The word that it had when it was taken is in was.
    private static GrabResult GrabFromPool(Work* work, WorkWord word, Then then, out WorkWord was, WorkWord link = default)
    {
        PoolWorkqueue* pwq = PoolWorkqueue.Of(word);
        was = default;
        if (word.IsHeldElsewhere || pwq == null)
        {
            return GrabResult.Again;
        }
        WorkerPool* pool = pwq->Pool;
        FutexMutex.Lock(&pool->Lock);
        GrabResult result = GrabLocked(pool, pwq, work, then, link, ref was);
        if (then is Then.Release or Then.Disable && result == GrabResult.Stolen)
        {
            Work.ReleaseCanceled(work, was.Idle, deeper: then == Then.Disable ? 1 : 0);
        }
        WorkerPool.Unlock(pool); // Another item may have got its place.
        return result;
    }

    /// <summary>pending -> moving, if the item whose word was <paramref name="word"/> is on its pool.</summary>
    /// <param name="link">The idle word of the link that it names then.</param>
    public static bool TryMoveFromPool(Work* work, WorkWord word, WorkWord link) =>
        GrabFromPool(work, word, Then.Move, out _, link) == GrabResult.Stolen;

    /// <summary>In a forked child: was the item last queued on a queue of the parent?</summary>
    public static bool IsOfParent(WorkWord word)
    {
        Fork.Settle();
        PoolWorkqueue* pwq = PoolWorkqueue.Of(word);
        return pwq != null && Workqueue.IsOfParent(pwq->Wq);
    }

    /// <summary>Takes back an item of which IsOfParent is true; true if it was pending.</summary>
    // The canceller, or the timer's thread, that had it is not in this process.
    public static bool TakeFromParent(Work* work)
    {
        FutexMutex.LockStatic(ref s_parents);
        WorkWord word = Work.WordOf(work);
        bool wasPending = word.IsPending && IsOfParent(word);
        if (wasPending)
        {
            if (word.IsAt(Place.Timer))
            {
                TimerCalls.DelTimer(&((DelayedWork*)work)->Timer);
            }
            Work.ReleaseFromParent(work);
        }
        FutexMutex.UnlockStatic(ref s_parents);
        return wasPending;
    }

    // The timer is disarmed, so the item is ours; others may only ask to be woken.
    private static WorkWord SetCancelingDelayed(Work* work)
    {
        WorkWord word;
        do
        {
            word = Work.WordOf(work);
        }
        while (!Work.TrySetCanceling(work, word));
        return word;
    }

    // Who waits for the run to come does so no more. Context: pool->Lock held.
    private static GrabResult GrabLocked(WorkerPool* pool, PoolWorkqueue* pwq, Work* work, Then then, WorkWord link, ref WorkWord was)
    {
        GrabResult result = TryGrabLocked(pool, pwq, work, then, link, ref was);
        if (result == GrabResult.Stolen && Work.WordOf(work).HasWaiters)
        {
            WorkerPool.DropWaiters(pool, work);
        }
        return result;
    }

    // Context: pool->Lock held. The word is read again: under the lock, an item
    // that names this pool and is listed cannot leave it.
    private static GrabResult TryGrabLocked(WorkerPool* pool, PoolWorkqueue* pwq, Work* work, Then then, WorkWord link, ref WorkWord was)
    {
        Contract.RequiresHeld(&pool->Lock);
        WorkWord word = Work.WordOf(work);
        if (!WorkerPool.IsHere(pool, pwq, word))
        {
            return GrabResult.Again;
        }
        if (word.IsAt(Place.Scheduled))
        {
            was = word;
            return GrabFromBatch(pool, work, word, then, link);
        }
        WorkerPool.CollectInbox(pool);
        if (!Work.IsListed(work) || !TrySetTaken(work, word, then, link))
        {
            return GrabResult.Again; // An item that a shared pool has handed out now is at another place.
        }
        if (!Work.IsListed(work))
        {
            // The word had come round to the same value by way of another pool's list, and the item is on
            // its way to an inbox again: its producer must find the word as it left it.
            Work.UndoTaking(work, word);
            return GrabResult.Again;
        }
        was = word;
        ItemCheck.Unlink(pool, work);
        WorkerPool.LeaveList(pool, pwq, word);
        return GrabResult.Stolen;
    }

    private static bool TrySetTaken(Work* work, WorkWord word, Then then, WorkWord link) =>
        then == Then.Move ? Work.TrySetMoving(work, word, link) : Work.TrySetCanceling(work, word);

    // Winning the word means the worker will not run the item: it is in a slot, or
    // its worker is about to put it there, and stays until we empty the slot.
    // Context: pool->Lock held.
    private static GrabResult GrabFromBatch(WorkerPool* pool, Work* work, WorkWord word, Then then, WorkWord link)
    {
        Contract.RequiresHeld(&pool->Lock);
        if (!TrySetTaken(work, word, then, link))
        {
            return GrabResult.Again;
        }
        Backoff backoff = default;
        Worker* worker;
        uint record;
        while ((worker = RemoveFromBatch(pool, work, word, &record)) == null)
        {
            backoff.Pause();
        }
        Worker.WaitForClaim(worker, work);
        WorkerPool.LetGo(pool, worker, record, nr: 1);
        return GrabResult.Stolen;
    }

    // The worker in whose batch the item was; null if it is in none yet. Context: pool->Lock held.
    private static Worker* RemoveFromBatch(WorkerPool* pool, Work* work, WorkWord word, uint* record)
    {
        Contract.RequiresHeld(&pool->Lock);
        Worker* worker = pool->IsShared ? Worker.Of(word.Runner) : pool->Workers; // A private pool has one at most.
        *record = 0;
        return worker != null && Batch.TryRemove(&worker->Batch, work, out *record) ? worker : null;
    }

    /// <summary>Waits for the runs of an item that nobody can queue: those under way are all there are. Blocks.</summary>
    /// <param name="pwq">A link of the queue that it was last on, or null.</param>
    public static void WaitOnWork(Work* work, PoolWorkqueue* pwq, WaitCall call)
    {
        if (pwq == null)
        {
            return;
        }
        for (pwq = Workqueue.FirstOf(pwq->Wq); pwq != null; pwq = pwq->Next)
        {
            WaitOnPool(pwq->Pool, work, call);
        }
    }

    private static void WaitOnPool(WorkerPool* pool, Work* work, WaitCall call)
    {
        Waiter waiter;
        Watcher.Ignore(&waiter, sizeof(Waiter));
        Waiter.Init(&waiter, work);
        FutexMutex.Lock(&pool->Lock);
        Worker* holder = WorkerPool.TryAddWaiter(pool, &waiter) ? WorkerPool.HolderOf(pool, work) : null;
        FutexMutex.Unlock(&pool->Lock);
        if (holder != null)
        {
            Stall.Wait(&waiter.Done, pool, holder, call, work->Func);
        }
    }

    /// <summary>Once: the call is made from the function of the item that it waits for.</summary>
    public static void ReportSelf(Work* work, WaitCall call)
    {
        if (!Bug.OncePer(ref s_reportedSelf))
        {
            return;
        }
        Report report = default;
        report.Text("workqueue: "u8);
        WaitCalls.AppendName(ref report, call);
        report.Text("() of an item from its own function "u8);
        Bug.AppendSymbol(ref report, work->Func);
        report.Text(": not waiting for the running instance"u8);
        Bug.WarnUnlimited(ref report);
    }
}
