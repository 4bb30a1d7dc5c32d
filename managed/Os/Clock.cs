// CLOCK_MONOTONIC in nanoseconds: the only clock the engine reads.

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
}
