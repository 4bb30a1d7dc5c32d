// SPDX-License-Identifier: GPL-2.0-only
// The thread of a timer base: sleeps until its alarm, fires what is due.
//
// Functions run one at a time, in order of deadline, outside the lock. For kernel code
// they are in interrupt context: in_interrupt() holds. A timer is not touched after its
// function was called. Kernel counterpart: __run_timers.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Timers;

internal static unsafe class TimerThread
{
    private const int TimerNice = -5;
    private const int MaxMovesPerLock = 1024;

    /// <returns>None, or why there is no thread.</returns>
    public static Errno Start(TimerBase* timerBase)
    {
        timerBase->Start.Func = (ThreadFunc)(delegate*<void*, void*>)&Run;
        timerBase->Start.Argument = timerBase;
        nuint thread; // Stored in the base only when the thread exists: others bind it.
        Errno error = PThread.Create(&thread, timerBase->Cpu, &timerBase->Start);
        if (error == Errno.None)
        {
            timerBase->Thread = thread;
        }
        return error;
    }

    private static void* Run(void* argument)
    {
        TimerBase* timerBase = (TimerBase*)argument;
        timerBase->Thread = Libc.pthread_self();
        fixed (byte* name = "wq-timer"u8)
        {
            PThread.SetName(name, timerBase->Cpu);
        }
        PThread.ReportRefusals(&timerBase->Start);
        PThread.TrySetNice(TimerNice);
        ++*ThreadLocals.InterruptDepth();
        int plan;
        while (RunTimers(timerBase, &plan))
        {
            if (!Alarm.Wait(&timerBase->Alarm, plan))
            {
                GiveUpFdSlow(timerBase);
            }
        }
        return null;
    }

    /// <summary>Starts a new thread, as the old one sleeps on a fd that cannot be set. Context: Lock held.</summary>
    /// <returns>False if no thread can be started.</returns>
    // If the old thread ever wakes, it finds that it is not the base's any more, and ends.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool TryReplaceSlow(TimerBase* timerBase)
    {
        Contract.RequiresHeld(&timerBase->Lock);
        bool started = Start(timerBase) == Errno.None;
        if (started)
        {
            Alarm.IsAwake(&timerBase->Alarm);
        }
        else
        {
            Alarm.TryAgain(&timerBase->Alarm);
        }
        return started;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void GiveUpFdSlow(TimerBase* timerBase)
    {
        FutexMutex.Lock(&timerBase->Lock);
        Alarm.GiveUpFd(&timerBase->Alarm);
        FutexMutex.Unlock(&timerBase->Lock);
    }

    // False if the caller is not the base's thread any more. Context: takes the base's lock, drops it around each function.
    private static bool RunTimers(TimerBase* timerBase, int* plan)
    {
        FutexMutex.Lock(&timerBase->Lock);
        if (!TimerCalls.IsOwnThread(timerBase))
        {
            FutexMutex.Unlock(&timerBase->Lock);
            return false;
        }
        Alarm.IsAwake(&timerBase->Alarm);
        ulong nextNs;
        do
        {
            ulong nowNs = (ulong)Clock.NowNs();
            while (!TimerWheel.Advance(&timerBase->Wheel, nowNs, MaxMovesPerLock))
            {
                FutexMutex.Unlock(&timerBase->Lock); // Let others in; nothing is fired out of order.
                FutexMutex.Lock(&timerBase->Lock);
            }
            FireDue(timerBase);
            nextNs = TimerWheel.NextExpiry(&timerBase->Wheel);
        }
        while (nextNs <= (ulong)Clock.NowNs() && !timerBase->IsAbandoned);
        if (timerBase->IsAbandoned) // A timer function has forked, and has returned in the child.
        {
            FutexMutex.Unlock(&timerBase->Lock);
            return false;
        }
        Alarm.Set(&timerBase->Alarm, nextNs);
        *plan = Alarm.PrepareToWait(&timerBase->Alarm);
        FutexMutex.Unlock(&timerBase->Lock);
        return true;
    }

    private static void FireDue(TimerBase* timerBase)
    {
        TimerList* timer;
        while (!timerBase->IsAbandoned && (timer = TimerWheel.PopDue(&timerBase->Wheel)) != null)
        {
            TimerCalls.Count(timerBase, timer, -1);
            timerBase->RunningOwner = TimerList.OwnerOf(timer);
            void* function = timer->Function;
            nuint argument = (timer->Flags & TimerList.TIMER_SELF) != 0 ? (nuint)timer : timer->Data;
            timerBase->RunningFunction = function;
            timerBase->Running = timer;
            FutexMutex.Unlock(&timerBase->Lock);
            Watcher.Acquire(timer);
            ((TimerFunc)function)(argument); // The timer may be gone from here on.
            Watcher.Release(timer);
            FutexMutex.Lock(&timerBase->Lock);
            timerBase->Running = null;
            timerBase->RunningOwner = null;
            CompleteWaiters(timerBase);
        }
    }

    private static void CompleteWaiters(TimerBase* timerBase)
    {
        Contract.RequiresHeld(&timerBase->Lock);
        TimerWaiter* waiter = timerBase->Waiters;
        timerBase->Waiters = null;
        while (waiter != null)
        {
            TimerWaiter* next = waiter->Next; // Before Complete: the waiter's stack goes with it.
            Completion.Complete(&waiter->Done);
            waiter = next;
        }
    }
}
