// SPDX-License-Identifier: GPL-2.0-only
// Tools that watch the program, and would take what the engine does for mistakes.
//
// They see the program's own instructions. They do not see which of the engine's atomic
// operations order one thread's accesses before another's. So the engine tells them: the
// thread that hands something over calls Release with a key, the thread that takes it
// over calls Acquire. A key is only an address: the memory there is not touched, and may
// be gone.
//
// Without such a tool each call is a load and a branch. Queueing and running an item test
// Checks.Any in any case; the bit Checks.Order is set there for such a tool, so they need no
// further branch. No locks.

using System.Runtime.InteropServices;

namespace Wq.Os;

internal static unsafe class Watcher
{
    private static bool s_isThere; // I: from Init on

    /// <summary>Is there a tool that must be told of order?</summary>
    public static bool IsThere => s_isThere;

    /// <summary>Looks whether there is one. May be called again.</summary>
    public static void Init() => s_isThere = Orders() != 0;

    /// <summary>What the caller has done comes before what follows the next Acquire of <paramref name="key"/>.</summary>
    public static void Release(void* key)
    {
        if (s_isThere)
        {
            ReleaseSlow(key);
        }
    }

    public static void Acquire(void* key)
    {
        if (s_isThere)
        {
            AcquireSlow(key);
        }
    }

    /// <summary>
    /// Says that the engine orders accesses to memory of the program, or of a caller's stack, until it is freed or the
    /// function returns. Tools that see the engine's own accesses would else compare them with the caller's.
    /// </summary>
    public static void Ignore(void* memory, int size)
    {
        if (s_isThere)
        {
            IgnoreSlow(memory, (nuint)size);
        }
    }

    /// <summary>Tells leak checkers that memory which the engine has mapped points to the program's memory.</summary>
    [DllImport("wqglue", EntryPoint = "wq_watcher_add_roots")]
    public static extern void AddRoots(void* memory, nuint size);

    [DllImport("wqglue", EntryPoint = "wq_watcher_orders")]
    private static extern int Orders();

    [DllImport("wqglue", EntryPoint = "wq_watcher_release")]
    private static extern void ReleaseSlow(void* key);

    [DllImport("wqglue", EntryPoint = "wq_watcher_acquire")]
    private static extern void AcquireSlow(void* key);

    [DllImport("wqglue", EntryPoint = "wq_watcher_ignore")]
    private static extern void IgnoreSlow(void* memory, nuint size);
}
