// SPDX-License-Identifier: GPL-2.0-only
// The library's entry points for CPUs that come and go. See Exports.cs for the rules.

using System.Runtime;
using Tmds.Linux;
using Wq.Core;
using Wq.Os;

namespace Wq.Abi;

internal static unsafe class ExportsHotplug
{
    [RuntimeExport("wq_cpu_up")]
    private static int CpuUp(int cpu)
    {
        int error = MayWait();
        return error != 0 ? error : Hotplug.CpuUp(cpu);
    }

    [RuntimeExport("wq_cpu_down")]
    private static int CpuDown(int cpu)
    {
        int error = MayWait();
        return error != 0 ? error : Hotplug.CpuDown(cpu);
    }

    [RuntimeExport("wq_cpu_rescan")]
    private static int CpuRescan()
    {
        int error = MayWait();
        return error != 0 ? error : Hotplug.CpuRescan();
    }

    [RuntimeExport("wq_cpu_online")]
    private static byte CpuOnline(int cpu) => Exports.Bool(Engine.EnsureReady() && Cpus.IsOnline(cpu));

    [RuntimeExport("wq_nr_cpu_ids")]
    private static int NrCpuIds() => Engine.EnsureReady() ? Cpus.NrPossible : 1;

    [RuntimeExport("register_cpu_notifier")]
    private static int RegisterCpuNotifier(NotifierBlock* block)
    {
        int error = block == null || block->NotifierCall == null ? -LibC.EINVAL : MayWait();
        return error != 0 ? error : Hotplug.Register(block);
    }

    [RuntimeExport("unregister_cpu_notifier")]
    private static int UnregisterCpuNotifier(NotifierBlock* block)
    {
        int error = block == null ? -LibC.EINVAL : MayWait();
        return error != 0 ? error : Hotplug.Unregister(block);
    }

    [RuntimeExport("get_online_cpus")]
    private static void GetOnlineCpus()
    {
        Engine.EnsureReady(); // From then on a fork is noticed.
        CpuHotplugLock.Get();
    }

    [RuntimeExport("put_online_cpus")]
    private static void PutOnlineCpus()
    {
        if (!CpuHotplugLock.Put())
        {
            Bug.Refuse("workqueue: put_online_cpus() without get_online_cpus()"u8);
        }
    }

    // A worker would wait for itself, or for a worker that waits for this transition. A thread that is told of a
    // transition, or that holds one off, would wait for itself.
    private static int MayWait()
    {
        bool isReady = Engine.EnsureReady(); // First: in a forked child the thread is no worker any more.
        if (Worker.CurrentWorker != null || *ThreadLocals.InterruptDepth() != 0 || CpuHotplugLock.IsHeldByCaller)
        {
            return -LibC.EDEADLK;
        }
        return isReady ? 0 : -LibC.ENOMEM;
    }
}
