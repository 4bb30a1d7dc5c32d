// SPDX-License-Identifier: GPL-2.0-only
// An asymmetric fence: free for the side that runs often, expensive for the rare side.
//
// Light() on the frequent side and Heavy() on the rare one order a store and a
// load on each side as two full fences would. Heavy is membarrier(2), which
// makes every running thread of the process pass a full barrier. Where the
// kernel refuses it, Light and Heavy are both full fences.
//
// The kernel may also begin to refuse it later: the program has sandboxed itself, or was
// restored from a checkpoint. Heavy then asks to be registered again. If that is refused
// too, it changes over for good, in three steps:
//
//   1. Every Light from here on is a fence.
//   2. Stores that were made before become visible: no CPU keeps one back for long.
//   3. Heavy is a fence.
//
// A Light that was no fence made its store before step 1, so a Heavy that returns after
// step 2 finds that store. (Changing a page's protection is the older way to make all CPUs
// pass a barrier. It fails where the processor itself tells the others: arm64, AMD.)
// Invariant: s_isFree goes from true to false before s_isExpedited does.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;

namespace Wq.Os;

internal static unsafe class Membarrier
{
    private const int PrivateExpedited = 1 << 3;
    private const int RegisterPrivateExpedited = 1 << 4;
    private const long StoresVisibleNs = 10_000_000; // A store is written within microseconds.

    private static FutexMutex s_lock;   // Only one thread changes over.
    private static volatile bool s_isFree;      // Light is no fence.
    private static volatile bool s_isExpedited; // Heavy is membarrier(2).

    private static long Number =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 283 : 324;

    /// <summary>Before the first worker; again in a forked child, which has no worker.</summary>
    public static void Init()
    {
        s_lock = default;
        s_isFree = s_isExpedited = Call(RegisterPrivateExpedited);
    }

    /// <summary>Pairs with Heavy: the store before it and the load after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Light()
    {
        if (!s_isFree)
        {
            Atomic.Fence();
        }
    }

    /// <summary>Pairs with every Light of the process. May sleep for a moment, once.</summary>
    public static void Heavy()
    {
        if (!s_isExpedited)
        {
            Atomic.Fence();
        }
        else if (!Call(PrivateExpedited))
        {
            RefusedSlow();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RefusedSlow()
    {
        FutexMutex.LockStatic(ref s_lock);
        if (s_isExpedited && !(Call(RegisterPrivateExpedited) && Call(PrivateExpedited)))
        {
            s_isFree = false;
            Atomic.Fence();
            Clock.Sleep(StoresVisibleNs);
            s_isExpedited = false;
        }
        FutexMutex.UnlockStatic(ref s_lock);
        Atomic.Fence();
    }

    private static bool Call(int command) =>
        Libc.syscall(Number, (void*)command, 0, 0, null, null, 0) == 0;
}
