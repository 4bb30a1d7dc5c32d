// SPDX-License-Identifier: GPL-2.0-only
// What must hold when a method is called. It is checked in the simulator and in the
// xunit tests of the engine. The library is compiled without WQ_CONTRACTS: there these
// calls and their arguments are not compiled at all.
//
// A contract uses plain reads, so that it does not count as a step of a simulated run.

using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Wq.Base;

namespace Wq.Os;

internal static unsafe class Contract
{
    [Conditional("WQ_CONTRACTS")]
    public static void Requires(bool holds, [CallerMemberName] string asker = "") =>
        ArgumentOutOfRangeException.ThrowIfEqual(holds, false, asker);

    /// <summary>Is <paramref name="mutex"/> held? The simulator also knows by which thread.</summary>
    [Conditional("WQ_CONTRACTS")]
    public static void RequiresHeld(FutexMutex* mutex) => Requires(FutexMutex.LooksHeld(mutex));

    /// <summary>The same of a mutex in a static field, which does not move.</summary>
    [Conditional("WQ_CONTRACTS")]
    public static void RequiresHeldStatic(ref FutexMutex mutex) => RequiresHeld(Address.Of(ref mutex));
}
