// SPDX-License-Identifier: GPL-2.0-only
// The per-thread variables, which live in native/glue: a [ThreadStatic]
// would cost each foreign thread a managed allocation.

using System.Runtime.InteropServices;

namespace Wq.Os;

/// <summary>Which thread calls the engine, and from which CPU.</summary>
internal unsafe struct Caller
{
    public void* Worker; // The Worker the thread is, or null.
    public nint Cpu;     // The CPU it is on at the moment.
}

internal static unsafe class ThreadLocals
{
    /// <summary>Both in one call, for the queueing path.</summary>
    [DllImport("wqglue", EntryPoint = "wq_caller"), SuppressGCTransition]
    public static extern Caller Caller();

    /// <summary>The Worker the calling thread is, or null.</summary>
    [DllImport("wqglue", EntryPoint = "wq_current_worker"), SuppressGCTransition]
    public static extern void* CurrentWorker();

    [DllImport("wqglue", EntryPoint = "wq_set_current_worker"), SuppressGCTransition]
    public static extern void SetCurrentWorker(void* worker);

    /// <summary>How many wq_interrupt_enter() the calling thread has open.</summary>
    [DllImport("wqglue", EntryPoint = "wq_interrupt_depth"), SuppressGCTransition]
    public static extern int* InterruptDepth();

    /// <summary>What AllocHeldLocks gave the calling thread, or null.</summary>
    [DllImport("wqglue", EntryPoint = "wq_held_locks"), SuppressGCTransition]
    public static extern void* HeldLocks();

    /// <summary>Zeroed memory for the calling thread until it ends, or null if there is no memory.</summary>
    [DllImport("wqglue", EntryPoint = "wq_alloc_held_locks")]
    public static extern void* AllocHeldLocks(nuint size);

    /// <summary>In CpuHolds, above the count: the thread makes a transition of CPUs, or may not make one.</summary>
    public const int InCpuTransition = 1 << 16;

    /// <summary>How many get_online_cpus() the calling thread has open; see CpuHotplugLock.</summary>
    [DllImport("wqglue", EntryPoint = "wq_cpu_holds"), SuppressGCTransition]
    public static extern int* CpuHolds();
}
