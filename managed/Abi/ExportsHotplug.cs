// The library's entry points for CPUs that come and go. See Exports.cs for the rules.

using System.Runtime.InteropServices;
using Tmds.Linux;
using Wq.Core;
using Wq.Os;

namespace Wq.Abi;

internal static unsafe class ExportsHotplug
{
    [UnmanagedCallersOnly(EntryPoint = "wq_cpu_up")]
    private static int CpuUp(int cpu)
    {
        int error = MayWait();
        return error != 0 ? error : Hotplug.CpuUp(cpu);
    }

    [UnmanagedCallersOnly(EntryPoint = "wq_cpu_down")]
    private static int CpuDown(int cpu)
    {
        int error = MayWait();
        return error != 0 ? error : Hotplug.CpuDown(cpu);
    }

    [UnmanagedCallersOnly(EntryPoint = "wq_cpu_rescan")]
    private static int CpuRescan()
    {
        int error = MayWait();
        return error != 0 ? error : Hotplug.CpuRescan();
    }

    [UnmanagedCallersOnly(EntryPoint = "wq_cpu_online")]
    private static byte CpuOnline(int cpu) => Exports.Bool(Engine.EnsureReady() && Cpus.IsOnline(cpu));

    // A worker would wait for itself, or for one that waits for the transition it is in.
    private static int MayWait()
    {
        if (Worker.CurrentWorker != null || *ThreadLocals.InterruptDepth() != 0)
        {
            return -LibC.EDEADLK;
        }
        return Engine.EnsureReady() ? 0 : -LibC.ENOMEM;
    }
}
