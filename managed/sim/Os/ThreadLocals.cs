// SPDX-License-Identifier: GPL-2.0-only
// The per-thread variables of the engine, of the simulated thread that runs.
// Stands in for the engine's file of the same name.

using Wq.Sim;

namespace Wq.Os;

internal unsafe struct Caller
{
    public void* Worker;
    public nint Cpu;
}

internal static unsafe class ThreadLocals
{
    public const int InCpuTransition = 1 << 16;

    public static Caller Caller() => new() { Worker = CurrentWorker(), Cpu = Cpus.Current() };

    public static void* CurrentWorker() => Machine.Current.CurrentWorker;

    public static void SetCurrentWorker(void* worker) => Machine.Current.CurrentWorker = worker;

    public static int* InterruptDepth() => Machine.Current.InterruptDepth;

    public static int* CpuHolds() => Machine.Current.CpuHolds;

    /// <summary>Lockdep is off.</summary>
    public static void* HeldLocks() => null;

    public static void* AllocHeldLocks(nuint size) => null;
}
