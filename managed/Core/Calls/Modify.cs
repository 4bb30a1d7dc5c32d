// SPDX-License-Identifier: GPL-2.0-only
// Giving a delayed work another time, and another queue if need be, whatever state it is in.
//
//   1. may the item be queued there, and can its timer have a thread? If not, nothing has
//      happened to it
//   2. the caller becomes its owner: of an idle item as in queue_delayed_work(); a pending one
//      it takes from its timer or its pool. Then the item is "moving": PENDING stays on, and
//      the word names the queue it goes to
//   3. the timer is armed, or with a delay of 0 the item is queued
//
// An item that a canceller waits for is left to it. Invariant: an item is moving for a few
// instructions of one thread, so who meets it looks again. It is never "canceling" for a
// moment: others would take that for a canceller that waits, and leave the item alone.
//
// Step 3 fails if the queue has ended meanwhile; then the item is let go of. It also fails if
// the timer's thread cannot be woken after all; then a pending item is queued at once, which
// is better than to lose it.
//
// Kernel counterparts: mod_delayed_work_on, try_to_grab_pending. Locks: none here; those of
// the timer bases and the pools inside the calls, one at a time.

using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

/// <summary>When and where an item is to run.</summary>
internal unsafe struct Timing
{
    public PoolWorkqueue* Pwq;
    public TimerBase* Base; // Null: at once.
    public Deadline Deadline;
}

/// <summary>How a call of Modify came by an item, and what it was before.</summary>
internal struct Taking
{
    public bool WasPending;
    public WorkWord Idle; // What the item's word becomes if it is let go of.
}

internal static unsafe class Modify
{
    /// <summary>Has the item queued so many jiffies from now, at once if that is 0, whether it is pending or not.</summary>
    /// <param name="cpu">Where the timer fires, or the item is queued; out of range or offline for the caller's CPU.</param>
    /// <param name="error">Why there is no timer to be had, or None.</param>
    /// <returns>True if the item was pending, and has been taken from where it was.</returns>
    public static bool ModDelayedWorkOn(int cpu, Workqueue* wq, DelayedWork* dwork, nuint jiffies, out Errno error)
    {
        Fork.Settle();
        error = Errno.None;
        Work* work = &dwork->Work;
        Timing to = default;
        Taking taking = default;
        to.Pwq = LinkFor(wq, cpu, isNow: jiffies == 0);
        if (to.Pwq == null || !Queue.IsAcceptable(to.Pwq, work))
        {
            return to.Pwq == null && Queue.RefuseSlow(wq, work->Func);
        }
        if (jiffies != 0)
        {
            to.Deadline = Deadline.InJiffies(jiffies);
            to.Base = TimerBase.Ensure(cpu, out error);
        }
        if (error != Errno.None || !TryTake(dwork, in to, ref taking, ref error))
        {
            return taking.WasPending;
        }
        if (to.Base != null)
        {
            Arm(dwork, in to, in taking, out error);
        }
        else
        {
            Insert(to.Pwq, work, in taking);
        }
        return taking.WasPending;
    }

    // Null if the queue takes no work any more. What an item of a queue that is drained queues there at once, it takes.
    private static PoolWorkqueue* LinkFor(Workqueue* wq, int cpu, bool isNow)
    {
        if (!SystemWorkqueues.IsUsable(wq))
        {
            return null;
        }
        if (isNow ? !Workqueue.TakesWork(wq) && !Queue.IsChained(wq) : !QueueLife.TakesTimers(&wq->Life))
        {
            return null;
        }
        bool isThere = isNow && (uint)cpu < (uint)Cpus.NrPossible && Cpus.IsOnline(cpu);
        return Queue.LinkOn(wq, isThere ? cpu : Cpus.Current());
    }

    // False if the item is refused, left to a canceller, or as it was because there is no timer for it. True: it is the
    // caller's; one that was idle is at the place it goes to, one that was pending is moving.
    private static bool TryTake(DelayedWork* dwork, in Timing to, ref Taking taking, ref Errno error)
    {
        Backoff backoff = default;
        Work* work = &dwork->Work;
        while (!Queue.TrySetPending(to.Pwq, work, to.Base != null ? Place.Timer : Place.Queued, out taking.Idle))
        {
            WorkWord word = Work.WordOf(work);
            if (Cancel.IsOfParent(word))
            {
                taking.WasPending |= Cancel.TakeFromParent(work); // Then it is idle.
            }
            else if (taking.Idle.IsRefused || !taking.Idle.IsPending || Cancel.IsBeingCancelled(work, word))
            {
                return false; // The second: it is disabled.
            }
            else if (to.Base != null && !TimerCalls.TryReserve(&dwork->Timer, to.Deadline, to.Base))
            {
                error = Errno.EAGAIN;
                return false;
            }
            else if (word.IsPending && TryMove(dwork, word, to.Pwq, ref taking))
            {
                return true;
            }
            backoff.Pause(); // A few instructions of the thread that arms it, fires it or brings it to its pool.
        }
        return true;
    }

    // pending -> moving. False if it is on its way, or has left the place where it was.
    private static bool TryMove(DelayedWork* dwork, WorkWord word, PoolWorkqueue* pwq, ref Taking taking)
    {
        Work* work = &dwork->Work;
        bool isArmed = word.IsAt(Place.Timer);
        if (isArmed ? !TimerCalls.DelTimer(&dwork->Timer) : !Cancel.TryMoveFromPool(work, word, pwq->Word))
        {
            return false;
        }
        if (isArmed)
        {
            word = Work.WordOf(work);
            Work.SetMoving(work, pwq->Word);
        }
        taking.WasPending = true;
        taking.Idle = word.With(Work.WordOf(work).Runner).Idle;
        if (Checks.IsOn(Checks.Debug))
        {
            DebugObjects.RemoveSlow(work);
            DebugObjects.AddSlow(pwq->Wq, work);
        }
        return true;
    }

    private static void Arm(DelayedWork* dwork, in Timing to, in Taking taking, out Errno error)
    {
        Work* work = &dwork->Work;
        error = Errno.None;
        if (Work.WordOf(work).IsAt(Place.Moving))
        {
            Work.SetArming(work, to.Pwq->Word);
        }
        int armed = Delayed.Arm(to.Pwq->Wq, dwork, to.Deadline, to.Base);
        if (armed == TimerCalls.NoThread && taking.WasPending)
        {
            error = Errno.EAGAIN;
            Insert(to.Pwq, work, in taking);
        }
        else if (armed < 0)
        {
            Delayed.GiveUp(to.Pwq->Wq, work, taking.Idle, armed, out error);
        }
    }

    private static void Insert(PoolWorkqueue* pwq, Work* work, in Taking taking)
    {
        WorkWord word = Work.WordOf(work);
        if (word.IsHeldElsewhere)
        {
            Work.SetExpired(work, pwq->Word);
        }
        Delayed.InsertExpired(pwq, work, word.Runner, taking.Idle);
    }
}
