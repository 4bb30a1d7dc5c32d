// SPDX-License-Identifier: GPL-2.0-only
// What wakes a base's thread at a time: a timerfd, or a futex with a deadline.
//
// The timerfd is the better one: the kernel puts no slack on it. The alarm changes to the
// futex, for good, when
//
//   - there is no timerfd left;
//   - the kernel refuses to set it, as the program has sandboxed itself;
//   - the program has closed it.
//
// A thread that sleeps on the descriptor then can no longer be told of an earlier time, so
// it is replaced (TryReplaceSlow).
//
// Locks: all but Init and Wait under the base's lock.

using Wq.Base;
using Wq.Os;

namespace Wq.Timers;

internal unsafe struct Alarm
{
    public const ulong Never = ulong.MaxValue;

    private const int None = -1;
    private const int OnFd = -1; // A plan to wait for the descriptor. Any other plan is a number of rings.
    private const ulong Tag = 2_004_315_001; // An interval of 63 years, which no program's own timer has.

    private int _fd;          // L: None once the futex serves
    private int _nrRings;     // A: the futex: counts how often the thread was to wake
    private bool _isOnFd;     // L: the thread sleeps on the descriptor, is about to, or has just woken
    private ulong _atNs;      // L: what it is set to

    public static void Init(Alarm* alarm)
    {
        alarm->_atNs = Never;
        alarm->_fd = TimerFd.Create();
        TrySetFd(alarm);
    }

    /// <summary>In a forked child: arming a timer at the base sets nothing from now on.</summary>
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

    /// <summary>Moves the time if it is not <paramref name="atNs"/> already. Called by the thread itself, awake.</summary>
    public static void Set(Alarm* alarm, ulong atNs)
    {
        if (atNs != alarm->_atNs)
        {
            alarm->_atNs = atNs;
            TrySetFd(alarm);
        }
    }

    /// <summary>Moves the time to <paramref name="atNs"/> if that is earlier.</summary>
    /// <returns>False if the thread will not wake for it and must be replaced.</returns>
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

    /// <summary>The thread, awake, is about to Wait. An earlier time that is set from here on wakes it.</summary>
    /// <returns>The plan for Wait. It belongs to the calling thread, which may have been replaced by then.</returns>
    public static int PrepareToWait(Alarm* alarm)
    {
        alarm->_isOnFd = alarm->_fd != None;
        return alarm->_isOnFd ? OnFd : alarm->_nrRings;
    }

    /// <summary>The thread has woken, or a new one replaces a thread that does not wake.</summary>
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

    /// <summary>A new thread could not be started: the next time that is set, whatever it is, tries again.</summary>
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
