// SPDX-License-Identifier: GPL-2.0-only
// What must hold where a method of the engine is called: the run fails if it does not.
// Stands in for the engine's file of the same name.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Sim;

namespace Wq.Os;

internal static unsafe class Contract
{
    [Conditional("WQ_CONTRACTS")]
    public static void Requires(bool holds, [CallerMemberName] string asker = "")
    {
        if (!holds)
        {
            Machine.Fail("a contract does not hold: " + asker);
        }
    }

    [Conditional("WQ_CONTRACTS")]
    public static void RequiresHeld(FutexMutex* mutex)
    {
        if (!Machine.Current.Locks.Has((nuint)mutex))
        {
            Machine.Fail("lock not held by the thread: " + Names.OfWord((nuint)mutex));
        }
    }

    /// <summary>The same of a mutex in a static field, which does not move.</summary>
    [Conditional("WQ_CONTRACTS")]
    public static void RequiresHeldStatic(ref FutexMutex mutex) => RequiresHeld(Address.Of(ref mutex));
}
