// SPDX-License-Identifier: GPL-2.0-only
// Which CPUs there are in the simulation, and the one the running thread is on.
//
// Stands in for the engine's file of the same name. The set of allowed CPUs is the
// simulated kernel's and may change during a run, and so may a thread's CPU.

using Wq.Sim;

namespace Wq.Os;

internal static unsafe class Cpus
{
    private static CpuMask s_online;
    private static bool s_isOnlyOne;

    public static int NrPossible => Kernel.NrCpus;

    public static bool IsOnlyOne => s_isOnlyOne;

    public static void Init()
    {
        CpuMask given;
        Given(&given);
        SetOnline(&given);
    }

    /// <summary>All there were when the machine was switched on.</summary>
    public static void Given(CpuMask* mask)
    {
        *mask = default;
        *(ulong*)mask->Bits = (1UL << Kernel.NrCpus) - 1;
    }

    public static void SetGiven(CpuMask* mask)
    {
    }

    public static void SetOnline(CpuMask* mask)
    {
        s_online = *mask;
        s_isOnlyOne = mask->Count == 1;
    }

    public static int NrOnline => s_online.Count;

    public static bool IsOnline(int cpu) => s_online.Has(cpu);

    public static void Online(CpuMask* mask) => *mask = s_online;

    public static int Current() => Machine.Current.Cpu;

    public static int Known(int cpu) => cpu;

    public static void Relax() => Machine.Pause();

    public static void Yield() => Machine.Pause();
}
