// SPDX-License-Identifier: GPL-2.0-only
// The library's entry points for CPUs that come and go. See Exports.cs for the rules.

using System.Runtime;
using Wq.Core;
using Wq.Os;

namespace Wq.Abi;

internal static unsafe class ExportsHotplug
{
    [RuntimeExport("wq_cpu_up")]
    private static int CpuUp(int cpu)
    {
        Errno error = MayWait();
        return Exports.Negative(error != Errno.None ? error : Hotplug.CpuUp(cpu));
    }

    [RuntimeExport("wq_cpu_down")]
    private static int CpuDown(int cpu)
    {
        Errno error = MayWait();
        return Exports.Negative(error != Errno.None ? error : Hotplug.CpuDown(cpu));
    }

    [RuntimeExport("wq_cpu_rescan")]
    private static int CpuRescan()
    {
        int nr = 0;
        Errno error = MayWait();
        error = error != Errno.None ? error : Hotplug.CpuRescan(out nr);
        return error != Errno.None ? Exports.Negative(error) : nr;
    }

    [RuntimeExport("wq_cpu_online")]
    private static byte CpuOnline(int cpu) => Exports.Bool(Engine.EnsureReady() && Cpus.IsOnline(cpu));

    [RuntimeExport("wq_nr_cpu_ids")]
    private static int NrCpuIds() => Engine.EnsureReady() ? Cpus.NrPossible : 1;

    [RuntimeExport("register_cpu_notifier")]
    private static int RegisterCpuNotifier(NotifierBlock* block)
    {
        Errno error = block == null || block->NotifierCall == null ? Errno.EINVAL : MayWait();
        return Exports.Negative(error != Errno.None ? error : Hotplug.Register(block));
    }

    [RuntimeExport("unregister_cpu_notifier")]
    private static int UnregisterCpuNotifier(NotifierBlock* block)
    {
        Errno error = block == null ? Errno.EINVAL : MayWait();
        return Exports.Negative(error != Errno.None ? error : Hotplug.Unregister(block));
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
    private static Errno MayWait()
    {
        bool isReady = Engine.EnsureReady(); // First: in a forked child the thread is no worker any more.
        if (Worker.CurrentWorker != null || *ThreadLocals.InterruptDepth() != 0 || CpuHotplugLock.IsHeldByCaller)
        {
            return Errno.EDEADLK;
        }
        return isReady ? Errno.None : Errno.ENOMEM;
    }
}
