// SPDX-License-Identifier: GPL-2.0-only
// Work that is queued after a delay.
//
// A delayed work is a work item and a timer. Its owner of PENDING arms the timer;
// the word then says so (Place.Timer) and names the queue, and neither an inbox nor a list
// holds the item. When the timer fires, its thread queues the item on the pool of
// its own CPU. So at any moment the item is with the timer, with a pool, or on the
// way between them for a few instructions of one thread; a canceller tries the
// timer, then the pool, then looks again.
//
// Kernel counterparts: queue_delayed_work_on, delayed_work_timer_fn,
// cancel_delayed_work. Locks: none here; the timer base's inside the calls.

using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DelayedWork
{
    public Work Work;
    public TimerList Timer;

    public static DelayedWork* OfTimer(TimerList* timer) => (DelayedWork*)((byte*)timer - sizeof(Work));
}

internal static unsafe class Delayed
{
    private const uint Mine = TimerList.TIMER_SELF | TimerList.TIMER_OWNED;

    /// <summary>Queues the item so many jiffies from now, on the CPU of the caller; at once if that is 0.</summary>
    /// <param name="error">As of QueueDelayedWorkOn.</param>
    /// <returns>True if the item was accepted.</returns>
    public static bool QueueDelayedWork(Workqueue* wq, DelayedWork* dwork, nuint jiffies, out Errno error)
    {
        error = Errno.None;
        return jiffies == 0
            ? Queue.QueueWork(wq, &dwork->Work)
            : QueueDelayedWorkOn(TimerBase.AnyCpu, wq, dwork, Deadline.InJiffies(jiffies), out error);
    }

    /// <summary>Arms the timer unless the item is pending.</summary>
    /// <param name="cpu">Where the timer fires; out of range for the caller's CPU.</param>
    /// <param name="error">Why there is no timer to be had, or None.</param>
    /// <returns>True if the item was accepted.</returns>
    public static bool QueueDelayedWorkOn(int cpu, Workqueue* wq, DelayedWork* dwork, Deadline deadline, out Errno error)
    {
        Fork.Settle();
        Work* work = &dwork->Work;
        error = Errno.None;
        PoolWorkqueue* pwq = PwqForCaller(wq);
        if (pwq == null || !Queue.IsAcceptable(pwq, work))
        {
            return pwq == null && Queue.RefuseSlow(wq, work->Func);
        }
        TimerBase* timerBase = TimerBase.Ensure(cpu, out error);
        if (timerBase == null || !Queue.TrySetPending(pwq, work, Place.Timer, out WorkWord idle))
        {
            return false;
        }
        int armed = Arm(wq, dwork, deadline, timerBase);
        return armed >= 0 || GiveUp(wq, work, idle, armed, out error);
    }

    /// <summary>Arms the timer for an item of the caller's that names a link of the queue and is at Place.Timer.</summary>
    /// <returns>As TimerCalls.ModTimer.</returns>
    public static int Arm(Workqueue* wq, DelayedWork* dwork, Deadline deadline, TimerBase* timerBase)
    {
        TimerList* timer = &dwork->Timer;
        if (TimerList.IsPending(timer))
        {
            Bug.Die("queue_delayed_work() of an item whose timer the caller armed"u8);
        }
        timer->Function = (delegate*<TimerList*, void>)&DelayedWorkTimerFn;
        timer->Data = (nuint)Workqueue.TimersOf(wq);
        timer->Flags = (timer->Flags & ~TimerList.TIMER_CPUMASK) | Mine;
        return TimerCalls.ModTimer(timer, deadline, timerBase);
    }

    /// <summary>Lets go of an item that could not be armed, for what Arm has returned. Returns false.</summary>
    public static bool GiveUp(Workqueue* wq, Work* work, WorkWord idle, int armed, out Errno error)
    {
        void* func = work->Func;
        Work.ReleaseAs(work, idle);
        error = armed == TimerCalls.NoThread ? Errno.EAGAIN : Errno.None;
        return armed != TimerCalls.NoThread && Queue.RefuseSlow(wq, func);
    }

    /// <summary>Takes the item back from its timer; leaves it alone if it is on a pool already.</summary>
    /// <returns>True if the timer was armed.</returns>
    public static bool CancelDelayedWork(DelayedWork* dwork)
    {
        WorkWord word = Work.WordOf(&dwork->Work);
        if (Cancel.IsOfParent(word))
        {
            return word.IsAt(Place.Timer) && Cancel.TakeFromParent(&dwork->Work);
        }
        Backoff backoff = default;
        bool wasArmed;
        while (!(wasArmed = TimerCalls.DelTimerSync(&dwork->Timer)) && IsOnTheWay(&dwork->Work))
        {
            backoff.Pause(); // A few instructions of the thread that arms it or re-times it.
        }
        if (wasArmed)
        {
            Work.Release(&dwork->Work);
        }
        return wasArmed;
    }

    // Its timer is not armed: is it going to be?
    private static bool IsOnTheWay(Work* work)
    {
        WorkWord word = Work.WordOf(work);
        return word.IsHeldElsewhere && !word.IsCanceling;
    }

    /// <summary>Disarms what is armed for <paramref name="wq"/>; returns how many items that were.</summary>
    public static int CancelAllOf(Workqueue* wq) =>
        TimerOwner.DisarmAll(Workqueue.TimersOf(wq), &ReleaseItemOf);

    /// <summary>Puts an item whose word names <paramref name="pwq"/>, and that number of a worker, on its pool.</summary>
    /// <returns>As Queue.Insert.</returns>
    public static bool InsertExpired(PoolWorkqueue* pwq, Work* work, nuint runner, WorkWord idle)
    {
        pwq = runner != 0 ? Queue.WhereItRuns(pwq, work, worker: null, runner) : pwq;
        return Queue.Insert(pwq, work, Worker.CurrentWorker, idle);
    }

    // Null if the queue takes no work any more.
    private static PoolWorkqueue* PwqForCaller(Workqueue* wq) =>
        QueueLife.TakesTimers(&wq->Life) || SystemWorkqueues.TakesNow(wq) ? Queue.LinkOn(wq, Cpus.Current()) : null;

    private static void ReleaseItemOf(TimerList* timer) => Work.Release(&DelayedWork.OfTimer(timer)->Work);

    private static void DelayedWorkTimerFn(TimerList* timer)
    {
        Work* work = &DelayedWork.OfTimer(timer)->Work;
        WorkWord word = Work.WordOf(work);
        PoolWorkqueue* armed = PoolWorkqueue.Of(word);
        if (!word.IsAt(Place.Timer) || !PoolWorkqueue.IsValid(word) || armed == null)
        {
            ItemCheck.DieOfArmed(work, word);
        }
        Workqueue* wq = armed->Wq;
        if (!Workqueue.TakesWork(wq))
        {
            void* func = work->Func;
            Work.Release(work); // It is drained, and takes nothing of us.
            Queue.RefuseSlow(wq, func);
            return;
        }
        PoolWorkqueue* pwq = PwqForCaller(wq); // Not null: a queue waits for us before it ends its pools.
        Work.SetExpired(work, pwq->Word);
        InsertExpired(pwq, work, word.Runner, word.Idle);
    }
}
