// SPDX-License-Identifier: GPL-2.0-only
// What wakes a base's thread at a time: a timerfd, or a futex with a deadline.
//
// The timerfd is the better one: the kernel puts no slack on it. It is given up for the
// futex, for good, when there is none, when the kernel refuses to set it (a program that
// has sandboxed itself), or when the program has closed it. A thread that sleeps on the
// descriptor then can no longer be told of an earlier time, so it is replaced (TryReplaceSlow).
//
// Locks: all but Init and Wait under the base's lock.

using Wq.Base;
using Wq.Os;

namespace Wq.Timers;

internal unsafe struct Alarm
{
    public const ulong Never = ulong.MaxValue;

    private const int None = -1;
    private const int OnFd = -1; // A plan to wait: for the descriptor. Any other is a number of rings.
    private const ulong Tag = 2_004_315_001; // An interval of 63 years, which no program's own timer has.

    private int _fd;          // L: None once the futex serves
    private int _nrRings;     // A: the futex: counts what the thread is to wake for
    private bool _isOnFd;     // L: the thread sleeps on the descriptor, is about to, or has just woken
    private ulong _atNs;      // L: what it is set to

    public static void Init(Alarm* alarm)
    {
        alarm->_atNs = Never;
        alarm->_fd = TimerFd.Create();
        TrySetFd(alarm);
    }

    /// <summary>In a forked child: whatever is armed at the base from now on sets nothing.</summary>
    public static void Abandon(Alarm* alarm)
    {
        Close(alarm);
        alarm->_atNs = 0;
    }

    public static void Close(Alarm* alarm)
    {
        if (TimerFd.IsTagged(alarm->_fd, Tag))
        {
            Libc.close(alarm->_fd);
        }
        alarm->_fd = None;
    }

    /// <summary>Moves the time if it is not <paramref name="atNs"/> already. By the thread itself, awake.</summary>
    public static void Set(Alarm* alarm, ulong atNs)
    {
        if (atNs != alarm->_atNs)
        {
            alarm->_atNs = atNs;
            TrySetFd(alarm);
        }
    }

    /// <summary>Moves the time to <paramref name="atNs"/> if that is earlier.</summary>
    /// <returns>False if the thread will not hear of it and must be replaced.</returns>
    public static bool TrySetEarlier(Alarm* alarm, ulong atNs)
    {
        if (atNs >= alarm->_atNs)
        {
            return true;
        }
        alarm->_atNs = atNs;
        if (TrySetFd(alarm))
        {
            return true;
        }
        Atomic.Store(&alarm->_nrRings, (alarm->_nrRings + 1) & int.MaxValue);
        Futex.Wake(&alarm->_nrRings, 1);
        return !alarm->_isOnFd;
    }

    /// <summary>The thread, awake, is about to Wait. What is set from here on wakes it.</summary>
    /// <returns>The plan for Wait: the thread's own, as it may have been replaced by then.</returns>
    public static int PrepareToWait(Alarm* alarm)
    {
        alarm->_isOnFd = alarm->_fd != None;
        return alarm->_isOnFd ? OnFd : alarm->_nrRings;
    }

    /// <summary>The thread has woken, or there is a new one instead of one that does not wake.</summary>
    public static void IsAwake(Alarm* alarm) => alarm->_isOnFd = false;

    /// <summary>Sleeps until the time, or until it has moved; may return early. After PrepareToWait, without the lock.</summary>
    /// <returns>False if the descriptor is not ours any more: see GiveUpFd.</returns>
    public static bool Wait(Alarm* alarm, int plan)
    {
        if (plan != OnFd)
        {
            Futex.WaitUntil(&alarm->_nrRings, plan, alarm->_atNs == Never ? Clock.Never : (long)alarm->_atNs);
            return true;
        }
        return TimerFd.IsTagged(alarm->_fd, Tag) && TimerFd.Wait(alarm->_fd);
    }

    /// <summary>There could be no new thread: the next time that is set, whatever it is, asks for one again.</summary>
    public static void TryAgain(Alarm* alarm) => alarm->_atNs = Never;

    public static void GiveUpFd(Alarm* alarm) => alarm->_fd = None;

    private static bool TrySetFd(Alarm* alarm)
    {
        if (alarm->_fd != None && !TimerFd.TrySet(alarm->_fd, alarm->_atNs, Tag))
        {
            alarm->_fd = None; // Not closed: it may be the program's by now.
        }
        return alarm->_fd != None;
    }
}
