// SPDX-License-Identifier: GPL-2.0-only
// Which CPUs the process may run on now, and a thread that notices when that changes.
//
// A process is not told when its CPUs change, and its main thread may have bound
// itself. So the answer is the affinity of a thread of the library that is never
// bound. A CPU set that shrinks, or a CPU taken offline, narrows that affinity; taskset
// on all threads sets it. Until that thread exists, the answer is the CPUs that the
// process was given.
//
// The thread sleeps until one of two things happens:
//
//   - The kernel announces a CPU, on a socket.
//   - Another thread meets a sign of a change, such as a worker off its CPU or a caller on
//     a CPU without a worker, and calls Suspect, which arms a timer.
//
// After a sign that meant nothing, the thread waits longer before the next look. Nothing
// ticks. The program may close our descriptors, so before each use a check makes sure
// that the descriptor is still ours. Without descriptors the thread sleeps on and only
// its affinity is used: CPUs are then looked at on request.
//
// Invariant: s_armed is 1 from the sign until the thread begins to look. No locks;
// Start and Abandon are called one at a time. Kernel counterpart: the calls of
// cpu_up() and cpu_down() into their notifiers.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;

namespace Wq.Os;

internal static unsafe class CpuWatch
{
    private const ulong MinQuietNs = 100_000_000;
    private const ulong MaxQuietNs = 6_400_000_000;
    private const ulong Tag = 2_004_315_000; // An interval of 63 years.
    private const long RefusedSleepNs = 1_000_000_000; // Where the kernel refuses to let us wait for a sign.
    private const int Nice = -5;
    private const int None = -1;

    private const int Off = 0;
    private const int Starting = 1;
    private const int On = 2;

    private static delegate*<bool> s_onSign; // I: before the thread starts
    private static ThreadStart s_start; // I:
    private static int s_state;         // A: Off, Starting, On: a futex
    private static int s_tid;           // I: while On: of the thread, whose affinity is the process's
    private static int s_signs = None;  // I: while On: a timerfd
    private static UeventSocket s_events; // I: while On
    private static int s_armed;         // A:
    private static ulong s_lookedAtNs;  // A: when signs were last looked into
    private static ulong s_quietNs;     // A: how long after that the next sign is put off

    /// <summary>Starts the thread unless there is one.</summary>
    /// <param name="onSign">Called on the thread for each sign; returns whether something had changed.</param>
    /// <returns>None, or why there is no thread.</returns>
    public static Errno Start(delegate*<bool> onSign)
    {
        if (State != Off)
        {
            return Errno.None;
        }
        s_signs = TimerFd.Create();
        if (s_signs < 0)
        {
            return Libc.Errno;
        }
        TimerFd.TrySet(s_signs, ulong.MaxValue, Tag);
        UeventSocket.Open(Events);
        s_onSign = onSign;
        s_quietNs = MinQuietNs;
        SetState(Starting);
        nuint thread;
        CpuMask all;
        Unsafe.InitBlock(&all, 0xff, CpuMask.SizeBytes);
        s_start.Func = (ThreadFunc)(delegate*<void*, void*>)&Run;
        Errno error = PThread.Create(&thread, &all, StartOfThread); // On as many as its CPU set has.
        if (error != Errno.None)
        {
            Close();
        }
        return error;
    }

    /// <summary>The CPUs the process may run on now. Never empty.</summary>
    public static void Allowed(CpuMask* mask)
    {
        *mask = default;
        if (State != On || Libc.sched_getaffinity(s_tid, CpuMask.SizeBytes, mask->Bits) != 0 || mask->Count == 0)
        {
            Cpus.Given(mask);
        }
    }

    /// <summary>After Start: waits the moment until the thread is there, so that Allowed can ask it. Blocks.</summary>
    public static void AwaitReady()
    {
        while (State == Starting)
        {
            Futex.WaitStatic(ref s_state, Starting);
        }
    }

    /// <summary>Makes the thread look at the process's CPUs soon. Never blocks; mostly one load.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Suspect()
    {
        if (!IsArmed && State == On && Atomic.Exchange(ref s_armed, 1) == 0 && TimerFd.IsTagged(s_signs, Tag))
        {
            TimerFd.TrySet(s_signs, s_lookedAtNs + s_quietNs, Tag);
        }
    }

    /// <summary>In a forked child, where the thread does not exist.</summary>
    public static void Abandon()
    {
        if (State != Off)
        {
            Close();
        }
        s_armed = 0;
    }

    private static bool IsArmed => Atomic.Load(ref s_armed) != 0;

    private static int State => Atomic.Load(ref s_state);

    private static UeventSocket* Events => Address.Of(ref s_events);

    private static ThreadStart* StartOfThread => Address.Of(ref s_start);

    private static void SetState(int value)
    {
        Atomic.Store(ref s_state, value);
        Futex.WakeStatic(ref s_state, int.MaxValue);
    }

    private static void Close()
    {
        if (TimerFd.IsTagged(s_signs, Tag))
        {
            Libc.close(s_signs);
        }
        s_signs = None;
        UeventSocket.Close(Events);
        SetState(Off);
    }

    private static void* Run(void* argument)
    {
        fixed (byte* name = "wq-cpus"u8)
        {
            PThread.SetName(name);
        }
        PThread.ReportRefusals(StartOfThread);
        PThread.TrySetNice(Nice);
        TakeAffinityOfProcess();
        s_tid = PThread.CurrentTid();
        SetState(On);
        while (true)
        {
            WaitForSign();
            Look();
        }
    }

    private static void WaitForSign()
    {
        PollFd* fds = stackalloc PollFd[2];
        UeventSocket* events = Events;
        bool any = false;
        while (!any)
        {
            fds[0].Fd = TimerFd.IsTagged(s_signs, Tag) ? s_signs : None;
            fds[1].Fd = UeventSocket.IsOurs(events) ? events->Fd : None;
            fds[0].Events = fds[1].Events = PollFd.POLLIN;
            if (Libc.poll(fds, 2) < 0 && Libc.Errno != Errno.EINTR) // Sleeps for ever if neither is ours.
            {
                Clock.Sleep(RefusedSleepNs);
                any = IsArmed;
            }
            any |= UeventSocket.TakeCpuEvents(events);
            if ((fds[0].Revents & PollFd.POLLIN) != 0 && TimerFd.IsTagged(s_signs, Tag))
            {
                TimerFd.Wait(s_signs);
                any = true;
            }
        }
    }

    // A thread with all CPUs of its CPU set follows the set when that grows. But if the process was given fewer,
    // it was confined on purpose, and so is the thread.
    private static void TakeAffinityOfProcess()
    {
        CpuMask given;
        Cpus.Given(&given);
        CpuMask own = default;
        Libc.sched_getaffinity(0, CpuMask.SizeBytes, own.Bits);
        if (own.Includes(&given) && !CpuMask.AreEqual(&own, &given))
        {
            Libc.sched_setaffinity(0, CpuMask.SizeBytes, given.Bits);
        }
    }

    private static void Look()
    {
        Atomic.Exchange(ref s_armed, 0); // A sign from here on is a new one.
        bool changed = s_onSign();
        s_quietNs = changed ? MinQuietNs : ulong.Min(s_quietNs * 2, MaxQuietNs);
        s_lookedAtNs = (ulong)Clock.NowNs();
    }
}
