// CLOCK_MONOTONIC in nanoseconds: the only clock the engine reads, and a sleep by it.

using System.Runtime.InteropServices;

namespace Wq.Os;

internal static unsafe class Clock
{
    private const int Monotonic = 1;
    public const long NsPerSecond = 1_000_000_000;
    public const long Never = long.MaxValue;

    public static long NowNs()
    {
        long* time = stackalloc long[2]; // struct timespec
        Libc.clock_gettime(Monotonic, time);
        return time[0] * NsPerSecond + time[1];
    }

    /// <summary>Sleeps for that long at least, also where the kernel refuses: then the CPU is offered to others instead.</summary>
    public static void Sleep(long ns)
    {
        const int AbsoluteTime = 1; // TIMER_ABSTIME
        long number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 115 : 230; // clock_nanosleep
        long untilNs = NowNs() + ns;
        long* until = stackalloc long[2]; // struct timespec
        until[0] = untilNs / NsPerSecond;
        until[1] = untilNs % NsPerSecond;
        while (NowNs() < untilNs)
        {
            if (Libc.syscall(number, (void*)Monotonic, AbsoluteTime, (long)until, null, null, 0) != 0)
            {
                Cpus.Yield();
            }
        }
    }
}
