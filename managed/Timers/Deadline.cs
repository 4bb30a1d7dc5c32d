// SPDX-License-Identifier: GPL-2.0-only
// When a timer fires, as the timer keeps it: the deadline, and the jiffies it shows.
//
// HZ is 1000 and jiffies is CLOCK_MONOTONIC in milliseconds. So jiffy j begins at
// j * 10^6 ns, and a function that runs at its deadline finds jiffies >= Expires.
// A delay counts from now in nanoseconds, not from the last jiffy, so it is never
// early. A delay that is too long for the wheel, such as LONG_MAX or ULONG_MAX, never
// ends.

using Wq.Os;

namespace Wq.Timers;

internal readonly struct Deadline
{
    public const ulong NsPerJiffy = 1_000_000;

    private const ulong MaxJiffies = TimerWheel.MaxDeadlineNs / NsPerJiffy / 2;

    public readonly ulong Ns;
    public readonly nuint Expires;

    private Deadline(ulong deadlineNs, ulong expires)
    {
        Ns = deadlineNs;
        Expires = (nuint)expires;
    }

    public static ulong Jiffies => (ulong)Clock.NowNs() / NsPerJiffy;

    /// <summary>That many jiffies from now.</summary>
    public static Deadline InJiffies(nuint jiffies)
    {
        ulong nowNs = (ulong)Clock.NowNs();
        return jiffies > MaxJiffies
            ? Never(nowNs)
            : new Deadline(nowNs + (jiffies * NsPerJiffy), (nowNs / NsPerJiffy) + jiffies);
    }

    /// <summary>That many nanoseconds from now.</summary>
    public static Deadline InNs(ulong ns)
    {
        ulong nowNs = (ulong)Clock.NowNs();
        ulong deadlineNs = nowNs + ns;
        return ns > MaxJiffies * NsPerJiffy
            ? Never(nowNs)
            : new Deadline(deadlineNs, (deadlineNs + NsPerJiffy - 1) / NsPerJiffy);
    }

    /// <summary>When jiffies reaches <paramref name="expires"/>; at once if it has, by time_after().</summary>
    public static Deadline AtJiffies(nuint expires)
    {
        long jiffiesLeft = (long)(expires - Jiffies);
        bool isNever = jiffiesLeft > 0 && (ulong)jiffiesLeft > MaxJiffies;
        bool isLongPast = jiffiesLeft <= 0 && expires > Jiffies; // Before the clock's zero.
        ulong deadlineNs = isNever ? TimerWheel.NeverNs : isLongPast ? 0 : expires * NsPerJiffy;
        return new Deadline(deadlineNs, expires);
    }

    private static Deadline Never(ulong nowNs) =>
        new(TimerWheel.NeverNs, (nowNs / NsPerJiffy) + long.MaxValue);
}
