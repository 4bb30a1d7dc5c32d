// SPDX-License-Identifier: GPL-2.0-only
// The timers of one CPU: a wheel, its lock, an alarm, and the thread that fires.
//
// A base is made when the first timer is armed on its CPU, and stays. Its thread is
// bound there, so a timer wakes other threads from that CPU. Arming sets the alarm only if
// the earliest deadline moves earlier. Cancelling leaves the alarm alone, which costs at
// most one wake-up with nothing due. With nothing armed nothing ticks.
//
// Invariant: while the thread sleeps, the alarm is not later than NextExpiry of the wheel.
// While a timer's function runs, Running is that timer, and the timer is not pending
// unless the function armed it again. Locks: Lock guards all of the base, and the timers
// whose Base is this one. It is innermost, and never held while a function runs.
// Kernel counterpart: struct timer_base (tvec_base).

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Timers;

/// <summary>A thread that waits until a timer's function returns; lies on that thread's stack.</summary>
internal unsafe struct TimerWaiter
{
    public TimerWaiter* Next;
    public Completion Done;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TimerBase
{
    public FutexMutex Lock;
    public int Cpu;              // I:
    public bool IsAbandoned;     // I: in a forked child: the parent's, whose thread and order are gone
    public nuint Thread;         // A: stored by its creator and by itself, as either may need it first
    public ThreadStart Start;    // I:
    public Alarm Alarm;          // L:
    public TimerList* Running;   // L:
    public TimerOwner* RunningOwner; // L: of Running, which may be gone; null if it has no owner
    public void* RunningFunction; // Thread writes: what it calls, or has called last, for reports
    public TimerWaiter* Waiters; // L: they wait until Running changes
    public TimerBase* NextAbandoned; // In a forked child: the next of the parent's bases
    public TimerWheel Wheel;     // L:

    /// <summary>The CPU of the caller; any number that is no CPU's means that.</summary>
    public const int AnyCpu = -1;

    private static FutexMutex s_lock;
    private static TimerBase** s_bases; // A: by CPU; entries are stored under s_lock, once
    private static TimerBase* s_abandoned; // By NextAbandoned: timers armed there are still pointed to, so no leak.

    /// <summary>Makes room for a base per possible CPU.</summary>
    public static bool InitBases()
    {
        s_bases = (TimerBase**)Libc.calloc((nuint)Cpus.NrPossible, (nuint)sizeof(void*));
        return s_bases != null;
    }

    /// <summary>The base of a CPU, or null if no timer was ever armed there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TimerBase* OfCpu(int cpu) => (TimerBase*)Atomic.Load((nuint*)&s_bases[cpu]);

    /// <summary>
    /// The base for timers armed on <paramref name="cpu"/>, made if need be. If that CPU is offline and has no base,
    /// it is the base of the caller's CPU. If the base cannot be made, it is any other base that exists.
    /// </summary>
    /// <returns>Null with <paramref name="error"/> set if there is no base at all.</returns>
    public static TimerBase* Ensure(int cpu, out Errno error)
    {
        if (cpu < 0 || cpu >= Cpus.NrPossible)
        {
            cpu = Cpus.Current();
        }
        TimerBase* timerBase = OfCpu(cpu);
        error = Errno.None;
        return timerBase != null ? timerBase : EnsureSlow(cpu, out error);
    }

    /// <summary>The next base after <paramref name="cpu"/> in order of CPUs, or null; start with -1.</summary>
    public static TimerBase* NextBase(ref int cpu)
    {
        while (++cpu < Cpus.NrPossible)
        {
            if (OfCpu(cpu) != null)
            {
                return OfCpu(cpu);
            }
        }
        return null;
    }

    /// <summary>On a timer thread: the function that it is in, or was in last. Null on any other thread.</summary>
    public static void* FunctionOfCaller()
    {
        nuint self = Libc.pthread_self();
        int cpu = -1;
        TimerBase* timerBase;
        while (s_bases != null && (timerBase = NextBase(ref cpu)) != null)
        {
            if (timerBase->Thread == self)
            {
                return timerBase->RunningFunction;
            }
        }
        return null;
    }

    /// <summary>Sets the alarm for <paramref name="deadlineNs"/> if that is earlier. Context: Lock held.</summary>
    /// <returns>False if the thread would not wake for it, and no other can be started.</returns>
    public static bool TrySetEarlier(TimerBase* timerBase, ulong deadlineNs) =>
        Alarm.TrySetEarlier(&timerBase->Alarm, deadlineNs) || TimerThread.TryReplaceSlow(timerBase);

    /// <summary>Makes the thread of a CPU's base, if there is one, run on <paramref name="cpus"/>.</summary>
    public static void Bind(int cpu, CpuMask* cpus)
    {
        TimerBase* timerBase = OfCpu(cpu);
        if (timerBase != null)
        {
            PThread.Bind(timerBase->Thread, cpus);
        }
    }

    /// <summary>
    /// In a forked child: bases are made anew. Timers of the old bases can be deleted or armed again; there they
    /// never fire.
    /// </summary>
    public static void AbandonAll()
    {
        int cpu = -1;
        TimerBase* timerBase;
        while ((timerBase = NextBase(ref cpu)) != null)
        {
            Alarm.Abandon(&timerBase->Alarm);
            timerBase->Lock = default;
            timerBase->IsAbandoned = true;
            timerBase->Running = null;
            timerBase->RunningOwner = null;
            timerBase->Waiters = null;
            timerBase->NextAbandoned = s_abandoned;
            s_abandoned = timerBase;
            s_bases[cpu] = null;
        }
        s_lock = default;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TimerBase* EnsureSlow(int cpu, out Errno error)
    {
        CpuMask online;
        Cpus.Online(&online);
        if (!online.Has(cpu))
        {
            cpu = online.NextFrom(Cpus.Current());
        }
        error = Errno.None;
        FutexMutex.LockStatic(ref s_lock);
        if (s_bases[cpu] == null)
        {
            Atomic.Store((nuint*)&s_bases[cpu], (nuint)Create(cpu, out error));
        }
        FutexMutex.UnlockStatic(ref s_lock);
        if (error != Errno.None)
        {
            ReportNone(cpu, error); // Not under the lock: the program's handler may arm timers.
        }
        int other = -1;
        TimerBase* timerBase = s_bases[cpu] != null ? s_bases[cpu] : NextBase(ref other);
        if (timerBase != null)
        {
            error = Errno.None; // Another CPU's will do.
        }
        return timerBase;
    }

    private static TimerBase* Create(int cpu, out Errno error)
    {
        TimerBase* timerBase = (TimerBase*)Libc.calloc(1, (nuint)sizeof(TimerBase));
        if (timerBase == null)
        {
            error = Errno.ENOMEM;
            return null;
        }
        timerBase->Cpu = cpu;
        TimerWheel.Init(&timerBase->Wheel, (ulong)Clock.NowNs());
        Alarm.Init(&timerBase->Alarm);
        error = TimerThread.Start(timerBase);
        if (error == Errno.None)
        {
            return timerBase;
        }
        Alarm.Close(&timerBase->Alarm);
        Libc.free(timerBase);
        return null;
    }

    private static void ReportNone(int cpu, Errno error)
    {
        Report report = default;
        report.Text("workqueue: no timers on CPU "u8);
        report.Decimal(cpu);
        report.Text(": errno "u8);
        report.Decimal((int)error);
        Bug.Warn(ref report);
    }
}
