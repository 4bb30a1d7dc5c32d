// SPDX-License-Identifier: GPL-2.0-only
// The atomic operations the engine uses, by name.
//
// Shared words outside a lock are read and written through this file; the few others are
// volatile, or read plainly where an old value does no harm. So a reader can grep for these
// accesses, and a simulator can replace this one file and decide at each access which
// thread goes next. All read-modify-write operations are full barriers on every
// architecture .NET supports. Load is an acquire, Store a release. Fence is the only other
// store-to-load barrier.

using System.Runtime.CompilerServices;
using System.Threading;

namespace Wq.Base;

internal static unsafe class Atomic
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Load(nuint* word) => Volatile.Read(ref *word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Load(int* word) => Volatile.Read(ref *word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(nuint* word, nuint value) => Volatile.Write(ref *word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* word, int value) => Volatile.Write(ref *word, value);

    /// <summary>Stores <paramref name="value"/> and returns what was there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Exchange(nuint* word, nuint value) => Interlocked.Exchange(ref *word, value);

    /// <summary>Stores <paramref name="value"/> and returns what was there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Exchange(int* word, int value) => Interlocked.Exchange(ref *word, value);

    /// <summary>Replaces <paramref name="expected"/> by <paramref name="value"/>; returns what was there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint CompareExchange(nuint* word, nuint value, nuint expected) =>
        Interlocked.CompareExchange(ref *word, value, expected);

    /// <summary>Replaces <paramref name="expected"/> by <paramref name="value"/>; returns what was there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CompareExchange(int* word, int value, int expected) =>
        Interlocked.CompareExchange(ref *word, value, expected);

    /// <summary>Adds and returns the sum; a full barrier.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Add(int* word, int value) => Interlocked.Add(ref *word, value);

    /// <summary>Clears bits as one read-modify-write; a full barrier.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void And(nuint* word, nuint mask) => Interlocked.And(ref *(ulong*)word, mask);

    /// <summary>Sets bits as one read-modify-write; a full barrier.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Or(int* word, int bits) => Interlocked.Or(ref *word, bits);

    /// <summary>Clears bits as one read-modify-write; a full barrier.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void And(int* word, int mask) => Interlocked.And(ref *word, mask);

    // The same for static fields, whose addresses are not at hand.

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Load(ref nuint word) => Volatile.Read(ref word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Load(ref int word) => Volatile.Read(ref word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ref nuint word, nuint value) => Volatile.Write(ref word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ref int word, int value) => Volatile.Write(ref word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Exchange(ref int word, int value) => Interlocked.Exchange(ref word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CompareExchange(ref int word, int value, int expected) =>
        Interlocked.CompareExchange(ref word, value, expected);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Add(ref int word, int value) => Interlocked.Add(ref word, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Or(ref int word, int bits) => Interlocked.Or(ref word, bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void And(ref int word, int mask) => Interlocked.And(ref word, mask);

    /// <summary>A full barrier: stores before it are visible before loads after it are made.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fence() => Interlocked.MemoryBarrier();
}
