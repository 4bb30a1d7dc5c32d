// futex(2): sleep while a word has a value, wake who sleeps on it.
//
// Waits may end early for any reason (a signal, a wake meant for a former owner
// of the address), so every caller loops on its own condition. Private futexes
// only. A wake may be sent to an address whose memory is gone by then: the kernel
// takes the address as a key and answers with "nobody there".

using System.Runtime.InteropServices;

namespace Wq.Os;

internal static unsafe class Futex
{
    private const int WaitPrivate = 0 | 128; // FUTEX_WAIT | FUTEX_PRIVATE_FLAG
    private const int WakePrivate = 1 | 128;
    private const int WaitBitsetPrivate = 9 | 128; // Its timeout is a time of CLOCK_MONOTONIC, not a span.
    private const long AnyBit = -1;

    private static long Number =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    /// <summary>Sleeps if *<paramref name="word"/> is <paramref name="expected"/>; may return at any time.</summary>
    public static void Wait(int* word, int expected) =>
        Libc.syscall(Number, word, WaitPrivate, expected, null, null, 0);

    /// <summary>Wait until <paramref name="atNs"/> of Clock at the latest; Clock.Never for no limit.</summary>
    public static void WaitUntil(int* word, int expected, long atNs)
    {
        long* at = stackalloc long[2]; // struct timespec
        at[0] = atNs / Clock.NsPerSecond;
        at[1] = atNs % Clock.NsPerSecond;
        Libc.syscall(Number, word, WaitBitsetPrivate, expected, atNs == Clock.Never ? null : at, null, AnyBit);
    }

    /// <summary>Wakes up to <paramref name="nr"/> sleepers. Never blocks.</summary>
    public static void Wake(int* word, int nr) =>
        Libc.syscall_short(Number, word, WakePrivate, nr, null, null, 0);
}
