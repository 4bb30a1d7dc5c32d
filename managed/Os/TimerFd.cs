// SPDX-License-Identifier: GPL-2.0-only
// timerfd(2) on CLOCK_MONOTONIC with absolute times: one expiry at a time.


namespace Wq.Os;

internal static unsafe class TimerFd
{
    private const int Monotonic = 1;
    private const int CloseOnExec = 0x80000; // TFD_CLOEXEC
    private const int AbsoluteTime = 1;      // TFD_TIMER_ABSTIME
    private const ulong NsPerSecond = 1_000_000_000;

    /// <returns>A descriptor, or -1 with errno set: EMFILE, ENFILE or ENOMEM as a rule.</returns>
    public static int Create() => Libc.timerfd_create(Monotonic, CloseOnExec);

    /// <summary>Moves the expiry; <see cref="ulong.MaxValue"/> means none. A reader asleep in Wait sees the new one.</summary>
    /// <param name="tag">IsTagged recognises the timer by it: an interval that no program uses, in seconds.</param>
    /// <returns>False if the kernel refuses, or the descriptor is not a timer's any more.</returns>
    public static bool TrySet(int fd, ulong expiresAtNs, ulong tag)
    {
        ulong* spec = stackalloc ulong[4]; // struct itimerspec: interval, then value
        spec[0] = tag;
        spec[1] = 0;
        bool never = expiresAtNs == ulong.MaxValue;
        ulong ns = never ? 0 : ulong.Max(expiresAtNs, 1); // Zero would disarm it.
        spec[2] = ns / NsPerSecond;
        spec[3] = ns % NsPerSecond;
        return Libc.timerfd_settime(fd, AbsoluteTime, spec, null) == 0;
    }

    /// <summary>Is the descriptor a timer's with that tag? No if the program has closed ours and opened something else.</summary>
    public static bool IsTagged(int fd, ulong tag)
    {
        ulong* spec = stackalloc ulong[4];
        return Libc.timerfd_gettime(fd, spec) == 0 && spec[0] == tag;
    }

    /// <summary>Sleeps until the expiry has passed; may return early.</summary>
    /// <returns>False if the descriptor cannot be waited for.</returns>
    public static bool Wait(int fd)
    {
        ulong expirations;
        return Libc.read(fd, &expirations, sizeof(ulong)) >= 0 || Libc.Errno is Errno.EINTR or Errno.EAGAIN;
    }
}
