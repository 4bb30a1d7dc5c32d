// SPDX-License-Identifier: GPL-2.0-only
// Which of the optional checks are on: one word, so that an item pays for one branch
// while all are off.
//
// Bits are set before the first queue exists, or by a call at any time. Lockdep clears
// its bit when its tables are full. Above the bits the word counts the forks that are
// under way, for Fork.Settle. No locks. Kernel counterparts: debug_locks,
// CONFIG_DEBUG_OBJECTS.

using Wq.Base;

namespace Wq.Core;

internal static unsafe class Checks
{
    public const int Lockdep = 1 << 0; // Order of waits: see Lockdep.
    public const int Debug = 1 << 1;   // Items, what a function leaves behind on its thread, and where it must not sleep.
    public const int Order = 1 << 2;   // Not a check of ours: a tool is told which access comes first, see Watcher.

    public const int Waits = Lockdep | Debug; // What looks at a wait that is about to begin: see WaitCheck.

    private const int OneFork = 1 << 8;

    private static int s_on;

    public static bool Any => s_on != 0;

    /// <summary>Is a thread in the middle of a fork()? In the child it stays so until ForgetForks.</summary>
    public static bool IsForking => s_on >= OneFork;

    public static void BeginFork()
    {
        Atomic.Add(ref s_on, OneFork);
    }

    public static void EndFork()
    {
        Atomic.Add(ref s_on, -OneFork);
    }

    /// <summary>In a forked child: there is no other thread that might be forking.</summary>
    public static void ForgetForks()
    {
        Atomic.And(ref s_on, OneFork - 1);
    }

    /// <summary>Is it on, or one of them if there are several?</summary>
    // Pairs with Enable: what the check needs was set up before its bit.
    public static bool IsOn(int check)
    {
        return (Atomic.Load(ref s_on) & check) != 0;
    }

    public static void Enable(int check)
    {
        Atomic.Or(ref s_on, check);
    }

    public static void Disable(int check)
    {
        Atomic.And(ref s_on, ~check);
    }
}
