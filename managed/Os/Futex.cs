// SPDX-License-Identifier: GPL-2.0-only
// futex(2): sleep while a word has a value, wake the threads that sleep on it.
//
// Waits may end early for any reason (a signal, a wake meant for a former owner
// of the address), so every caller loops on its own condition. Private futexes
// only. A wake may be sent to an address whose memory is gone by then: the kernel
// takes the address as a key, and finds that no thread sleeps there.
//
// If a program has sandboxed itself, the kernel may refuse both. Waits then look again
// every millisecond. A thread that slept before can no longer be woken; that is reported.
//
// errno stays as it is: a call of the program that has met a lock has not failed.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tmds.Linux;
using Wq.Base;

namespace Wq.Os;

internal static unsafe class Futex
{
    private const int WaitPrivate = 0 | 128; // FUTEX_WAIT | FUTEX_PRIVATE_FLAG
    private const int WakePrivate = 1 | 128;
    private const int WaitBitsetPrivate = 9 | 128; // Its timeout is a time of CLOCK_MONOTONIC, not a span.
    private const long AnyBit = -1;
    private const long RefusedSleepNs = 1_000_000;

    private static int s_reportedRefused;

    private static long Number =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    /// <summary>Sleeps if *<paramref name="word"/> is <paramref name="expected"/>; may return at any time.</summary>
    public static void Wait(int* word, int expected)
    {
        Errno before = Libc.Errno;
        AfterWait(Libc.syscall(Number, word, WaitPrivate, expected, null, null, 0));
        Libc.Errno = before;
    }

    /// <summary>The same for a static field, which does not move.</summary>
    public static void WaitStatic(ref int word, int expected) => Wait(Address.Of(ref word), expected);

    /// <summary>Wait until <paramref name="atNs"/> of Clock at the latest; Clock.Never for no limit.</summary>
    public static void WaitUntil(int* word, int expected, long atNs)
    {
        long* at = stackalloc long[2]; // struct timespec
        at[0] = atNs / Clock.NsPerSecond;
        at[1] = atNs % Clock.NsPerSecond;
        Errno before = Libc.Errno;
        AfterWait(Libc.syscall(
            Number, word, WaitBitsetPrivate, expected, atNs == Clock.Never ? null : at, null, AnyBit));
        Libc.Errno = before;
    }

    /// <summary>Wakes up to <paramref name="nr"/> sleepers. Never blocks.</summary>
    public static void Wake(int* word, int nr)
    {
        if (Libc.syscall_short(Number, word, WakePrivate, nr, null, null, 0) < 0 && IsRefusal())
        {
            ReportRefusedSlow();
        }
    }

    /// <summary>Wake for a static field.</summary>
    public static void WakeStatic(ref int word, int nr) => Wake(Address.Of(ref word), nr);

    private static void AfterWait(long result)
    {
        if (result < 0 && IsRefusal())
        {
            Clock.Sleep(RefusedSleepNs);
        }
    }

    // A wait's other errors are EAGAIN, EINTR and ETIMEDOUT; a wake's only one is EFAULT, of memory that is gone.
    private static bool IsRefusal()
    {
        return Libc.Errno is Errno.EPERM or Errno.EACCES or Errno.ENOSYS;
    }

    // By hand, as locks may be held: no handler of the program may run here.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReportRefusedSlow()
    {
        ReadOnlySpan<byte> text = "workqueue: futex(2) is refused now: threads that sleep cannot be woken\n"u8;
        fixed (byte* bytes = text)
        {
            if (Bug.OncePer(ref s_reportedRefused))
            {
                Libc.write(2, bytes, (nuint)text.Length);
            }
        }
    }
}
