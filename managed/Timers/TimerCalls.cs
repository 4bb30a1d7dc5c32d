// SPDX-License-Identifier: GPL-2.0-only
// The kernel's calls on a timer: arm, move, disarm, and wait for its function.
//
// A timer belongs to the base that its Base names. LockBase takes that base's lock and
// then makes sure that the timer still belongs there. Arming moves a timer to another
// base: that of the caller's CPU, or the one asked for. There is one exception: while its
// function runs the timer stays, so that one base always knows all about it. An owned
// timer moves even then, because its function has finished with the timer before a thread
// can arm it again, and its owner waits for the function by RunningOwner. While a timer
// moves, its Base is the new base, with a mark.
// Kernel counterparts: lock_timer_base, __mod_timer, del_timer, del_timer_sync.

using Wq.Base;
using Wq.Os;

namespace Wq.Timers;

internal static unsafe class TimerCalls
{
    /// <summary>ModTimer's answer if the timer's owner is closed.</summary>
    public const int OwnerClosed = -1;

    /// <summary>ModTimer's answer if there can be no thread to fire the timer.</summary>
    public const int NoThread = -2;

    private const nuint Moving = 1;

    /// <summary>Arms a timer that is not pending for its Expires; one that is pending ends the process.</summary>
    public static void AddTimer(TimerList* timer, int cpu, out Errno error)
    {
        if (TimerList.IsPending(timer))
        {
            Bug.Die("add_timer() of a timer that is pending"u8);
        }
        ModTimer(timer, timer->Expires, cpu, out error);
    }

    /// <summary>Arms a timer, pending or not, for when jiffies reaches <paramref name="expires"/>.</summary>
    /// <param name="cpu">Where it shall fire; out of range for the caller's CPU.</param>
    /// <param name="error">Why it cannot be armed, or None.</param>
    /// <returns>True if it was pending.</returns>
    public static bool ModTimer(TimerList* timer, nuint expires, int cpu, out Errno error)
    {
        TimerBase* timerBase = TimerBase.Ensure(cpu, out error);
        if (timerBase == null)
        {
            return false;
        }
        int armed = ModTimer(timer, Deadline.AtJiffies(expires), timerBase);
        error = armed == NoThread ? Errno.EAGAIN : Errno.None;
        return armed > 0;
    }

    /// <summary>Arms <paramref name="timer"/>, pending or not, for a time on the given base.</summary>
    /// <param name="target">Where it shall fire, unless its function is running elsewhere.</param>
    /// <returns>1 if it was pending, 0 if not; OwnerClosed or NoThread if it is not armed.</returns>
    public static int ModTimer(TimerList* timer, Deadline deadline, TimerBase* target)
    {
        if (timer->Base == null)
        {
            Atomic.CompareExchange((nuint*)&timer->Base, (nuint)target, 0); // The first arming of its life.
        }
        Watcher.Ignore(timer, sizeof(TimerList));
        Watcher.Release(timer);
        TimerBase* timerBase = LockBase(timer);
        bool wasPending = DetachLocked(timerBase, timer);
        if (timerBase != target && (timerBase->Running != timer || TimerList.OwnerOf(timer) != null))
        {
            Atomic.Store((nuint*)&timer->Base, (nuint)target | Moving);
            FutexMutex.Unlock(&timerBase->Lock);
            timerBase = target;
            FutexMutex.Lock(&timerBase->Lock);
            Atomic.Store((nuint*)&timer->Base, (nuint)timerBase);
        }
        TimerOwner* owner = TimerList.OwnerOf(timer);
        int result = owner != null && TimerOwner.IsClosed(owner) ? OwnerClosed
            : !TrySetAlarm(timerBase, timer, deadline.Ns) && !wasPending ? NoThread // A pending one may fire late.
            : wasPending ? 1 : 0;
        if (result >= 0)
        {
            timer->Expires = deadline.Expires;
            Count(timerBase, timer, 1);
            TimerWheel.Add(&timerBase->Wheel, timer, deadline.Ns);
        }
        FutexMutex.Unlock(&timerBase->Lock);
        return result;
    }

    /// <summary>Has the thread of <paramref name="target"/> wake for a timer that is about to be armed there.</summary>
    /// <returns>False if there can be no thread. True: ModTimer hardly fails for that.</returns>
    public static bool TryReserve(TimerList* timer, Deadline deadline, TimerBase* target)
    {
        FutexMutex.Lock(&target->Lock);
        bool wakes = TrySetAlarm(target, timer, deadline.Ns);
        FutexMutex.Unlock(&target->Lock);
        return wakes;
    }

    // Context: the base's Lock held.
    private static bool TrySetAlarm(TimerBase* timerBase, TimerList* timer, ulong deadlineNs) =>
        TimerList.IsDeferrable(timer)
            || deadlineNs > TimerWheel.MaxDeadlineNs
            || TimerBase.TrySetEarlier(timerBase, deadlineNs);

    /// <summary>A timer that is pending, deferrable or not, fires at once. Where no alarm can be set it fires late.</summary>
    /// <returns>False if it is not pending.</returns>
    public static bool Hurry(TimerList* timer)
    {
        TimerBase* timerBase = LockBase(timer);
        bool isPending = timerBase != null && !timerBase->IsAbandoned && DetachLocked(timerBase, timer);
        if (isPending)
        {
            Deadline now = Deadline.InNs(0);
            Count(timerBase, timer, 1);
            TimerWheel.Add(&timerBase->Wheel, timer, now.Ns);
            TimerBase.TrySetEarlier(timerBase, now.Ns);
        }
        if (timerBase != null)
        {
            FutexMutex.Unlock(&timerBase->Lock);
        }
        return isPending;
    }

    /// <summary>Disarms a timer; its function may be running.</summary>
    /// <returns>True if it was pending.</returns>
    public static bool DelTimer(TimerList* timer)
    {
        TimerBase* timerBase = LockBase(timer);
        if (timerBase == null)
        {
            return false;
        }
        bool wasPending = DetachLocked(timerBase, timer);
        FutexMutex.Unlock(&timerBase->Lock);
        if (wasPending)
        {
            Watcher.Acquire(timer);
        }
        return wasPending;
    }

    /// <summary>Disarms a timer unless its function is running.</summary>
    /// <returns>1 if it was pending, 0 if not, -1 if its function is running.</returns>
    public static int TryToDelTimerSync(TimerList* timer)
    {
        TimerBase* timerBase = LockBase(timer);
        if (timerBase == null)
        {
            return 0;
        }
        int result = timerBase->Running == timer ? -1 : DetachLocked(timerBase, timer) ? 1 : 0;
        FutexMutex.Unlock(&timerBase->Lock);
        if (result >= 0)
        {
            Watcher.Acquire(timer);
        }
        return result;
    }

    /// <summary>Disarms a timer and waits until its function is not running. Blocks.</summary>
    /// <returns>True if it was pending. In the timer's own function it does not wait, and reports that.</returns>
    public static bool DelTimerSync(TimerList* timer)
    {
        bool wasPending = false;
        while (true)
        {
            TimerBase* timerBase = LockBase(timer);
            if (timerBase == null)
            {
                return wasPending;
            }
            wasPending |= DetachLocked(timerBase, timer);
            if (timerBase->Running != timer || IsOwnThread(timerBase))
            {
                FutexMutex.Unlock(&timerBase->Lock);
                Watcher.Acquire(timer);
                return wasPending;
            }
            WaitForRunning(timerBase);
        }
    }

    /// <summary>Waits until the function that is running, if any, has returned. Context: Lock held; dropped.</summary>
    public static void WaitForRunning(TimerBase* timerBase)
    {
        Contract.RequiresHeld(&timerBase->Lock);
        TimerWaiter waiter;
        Watcher.Ignore(&waiter, sizeof(TimerWaiter));
        Completion.Init(&waiter.Done);
        waiter.Next = timerBase->Waiters;
        timerBase->Waiters = &waiter;
        FutexMutex.Unlock(&timerBase->Lock);
        Completion.Wait(&waiter.Done);
    }

    /// <summary>Is the caller the thread that fires this base's timers?</summary>
    public static bool IsOwnThread(TimerBase* timerBase) => timerBase->Thread == Libc.pthread_self();

    /// <summary>Takes a timer off the wheel. Context: its base's Lock held.</summary>
    public static bool DetachLocked(TimerBase* timerBase, TimerList* timer)
    {
        Contract.RequiresHeld(&timerBase->Lock);
        if (timerBase->IsAbandoned)
        {
            return TimerList.Forget(timer);
        }
        bool wasPending = TimerWheel.Del(&timerBase->Wheel, timer);
        if (wasPending)
        {
            Count(timerBase, timer, -1);
        }
        return wasPending;
    }

    /// <summary>Tells a timer's owner, if it has one, about it. Context: the base's Lock held.</summary>
    public static void Count(TimerBase* timerBase, TimerList* timer, int nr)
    {
        Contract.RequiresHeld(&timerBase->Lock);
        TimerOwner* owner = TimerList.OwnerOf(timer);
        if (owner != null)
        {
            *TimerOwner.NrArmed(owner, timerBase->Cpu) += nr;
        }
    }

    // Null, and no lock, for a timer that was never armed.
    private static TimerBase* LockBase(TimerList* timer)
    {
        Backoff backoff = default;
        while (true)
        {
            nuint word = Atomic.Load((nuint*)&timer->Base);
            if (word == 0)
            {
                return null;
            }
            TimerBase* timerBase = (TimerBase*)(word & ~Moving);
            if ((word & Moving) != 0)
            {
                if (timerBase->IsAbandoned) // A thread of the parent process was moving it, and is not here.
                {
                    Atomic.CompareExchange((nuint*)&timer->Base, (nuint)timerBase, word);
                }
                backoff.Pause();
                continue;
            }
            FutexMutex.Lock(&timerBase->Lock);
            if (Atomic.Load((nuint*)&timer->Base) == word)
            {
                return timerBase;
            }
            FutexMutex.Unlock(&timerBase->Lock);
        }
    }
}
