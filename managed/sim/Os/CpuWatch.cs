// SPDX-License-Identifier: GPL-2.0-only
// The CPUs the process may run on now: the simulated kernel's word. Nobody watches:
// when a change is noticed is up to the scenario, which calls rescan.
// Stands in for the engine's file of the same name.

using Wq.Sim;

namespace Wq.Os;

internal static unsafe class CpuWatch
{
    public static Errno Start(delegate*<bool> onSign) => Errno.None;

    public static void Allowed(CpuMask* mask)
    {
        *mask = default;
        *(ulong*)mask->Bits = Kernel.AllowedCpus;
    }

    public static void AwaitReady()
    {
    }

    public static void Suspect()
    {
    }

    public static void Abandon()
    {
    }
}
