// The per-thread variables, which live in native/glue: a [ThreadStatic]
// would cost each foreign thread a managed allocation.

using System.Runtime.InteropServices;

namespace Wq.Os;

internal static unsafe class ThreadLocals
{
    /// <summary>The Worker the calling thread is, or null.</summary>
    [DllImport("wqglue", EntryPoint = "wq_current_worker"), SuppressGCTransition]
    public static extern void* CurrentWorker();

    [DllImport("wqglue", EntryPoint = "wq_set_current_worker"), SuppressGCTransition]
    public static extern void SetCurrentWorker(void* worker);

    /// <summary>How many wq_interrupt_enter() the calling thread has open.</summary>
    [DllImport("wqglue", EntryPoint = "wq_interrupt_depth"), SuppressGCTransition]
    public static extern int* InterruptDepth();

    /// <summary>How many get_online_cpus() the calling thread has open; see CpuHotplugLock.</summary>
    [DllImport("wqglue", EntryPoint = "wq_cpu_holds"), SuppressGCTransition]
    public static extern int* CpuHolds();
}
