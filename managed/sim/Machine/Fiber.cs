// SPDX-License-Identifier: GPL-2.0-only
// Changing from one simulated thread to another: a stack switch within the one
// real thread there is, some ten nanoseconds.
//
// A switch is an ordinary foreign call that returns later, so to the runtime each
// stack is a chain of frames of its own. What it may not do is look at them: no
// collection and no exception may happen on a simulated thread. A run allocates
// nothing (Explorer checks), and whoever must stop a run switches away for good.

using System.Runtime.InteropServices;

namespace Wq.Sim;

internal static unsafe class Fiber
{
    /// <summary>Saves the running stack in <paramref name="save"/> and goes on with another.</summary>
    [DllImport("wqglue", EntryPoint = "wq_sim_switch")]
    public static extern void Switch(nint* save, nint to);

    /// <summary>
    /// From now on a bad pointer goes on at *<paramref name="outside"/>, unless that is null; should the
    /// process die, it says which run it was.
    /// </summary>
    [DllImport("wqglue", EntryPoint = "wq_sim_catch_faults")]
    public static extern void CatchFaults(nint* outside, byte* scenario, ulong* seed);

    /// <summary>A stack that starts at <paramref name="entry"/> when it is switched to.</summary>
    [DllImport("wqglue", EntryPoint = "wq_sim_prepare")]
    public static extern nint Prepare(byte* top, delegate* unmanaged<void> entry);
}
