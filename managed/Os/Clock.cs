// SPDX-License-Identifier: GPL-2.0-only
// CLOCK_MONOTONIC in nanoseconds: the only clock the engine reads, and a sleep by it.

using System.Runtime.InteropServices;

namespace Wq.Os;

internal static unsafe class Clock
{
    private const int Monotonic = 1;
    public const long NsPerSecond = 1_000_000_000;
    public const long Never = long.MaxValue;
    private const int MaxTries = 1_000_000; // The clock itself may be refused, and stand still.

    public static long NowNs()
    {
        long* time = stackalloc long[2]; // struct timespec
        Libc.clock_gettime(Monotonic, time);
        return time[0] * NsPerSecond + time[1];
    }

    /// <summary>Sleeps for that long. Where the kernel refuses, the CPU is offered to others until the time has passed.</summary>
    public static void Sleep(long ns)
    {
        const int AbsoluteTime = 1; // TIMER_ABSTIME
        long number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 115 : 230; // clock_nanosleep
        long untilNs = NowNs() + ns;
        long* until = stackalloc long[2]; // struct timespec
        until[0] = untilNs / NsPerSecond;
        until[1] = untilNs % NsPerSecond;
        int tries = 0;
        while (Libc.syscall(number, (void*)Monotonic, AbsoluteTime, (long)until, null, null, 0) != 0
            && NowNs() < untilNs && ++tries < MaxTries)
        {
            Cpus.Yield();
        }
    }
}
