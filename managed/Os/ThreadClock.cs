// SPDX-License-Identifier: GPL-2.0-only
// Whether another thread of the process runs: its CPU time, and its state as the kernel
// tells it.
//
// The time is asked by the kernel's number of the thread, as the clock that the C library
// makes of it. The state is read from /proc, which may not be there. No locks.

using System;
using Wq.Base;

namespace Wq.Os;

internal static unsafe class ThreadClock
{
    public const long Unknown = -1;

    private const int PerThreadSched = 6; // CPUCLOCK_PERTHREAD_MASK | CPUCLOCK_SCHED
    private const int PathBytes = 48;
    private const int StatBytes = 128; // Number, name and state are the first.

    /// <summary>How long the thread has run on a CPU, in nanoseconds; Unknown if it is gone, or the system does not tell.</summary>
    public static long CpuNs(int tid)
    {
        long* now = stackalloc long[2];
        return Libc.clock_gettime((~tid << 3) | PerThreadSched, now) == 0
            ? (now[0] * Clock.NsPerSecond) + now[1]
            : Unknown;
    }

    /// <summary>Does the thread sleep, so that it would not run if it had a CPU? True if the system does not tell.</summary>
    public static bool IsAsleep(int tid)
    {
        byte* path = stackalloc byte[PathBytes];
        byte* stat = stackalloc byte[StatBytes];
        AppendPath(path, tid);
        int fd = Libc.open(path, flags: 0, mode: 0);
        if (fd < 0)
        {
            return true; // No /proc: that it has hardly run must do.
        }
        nint length = Libc.read(fd, stat, StatBytes);
        Libc.close(fd);
        while (length > 0 && stat[length - 1] != (byte)')') // The name may have any byte in it.
        {
            length--;
        }
        return length > 0 && stat[length + 1] is (byte)'S' or (byte)'D' or (byte)'T' or (byte)'t';
    }

    private static void AppendPath(byte* path, int tid)
    {
        ThreadName text = new() { Text = path };
        text.Add("/proc/self/task/"u8);
        text.Add(tid);
        text.Add("/stat"u8);
        text.End();
    }
}
