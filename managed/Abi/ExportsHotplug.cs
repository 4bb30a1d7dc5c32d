// SPDX-License-Identifier: GPL-2.0-only
// The library's entry points for CPUs that come and go. See Exports.cs for the rules.

using System.Runtime;
using Wq.Core;
using Wq.Os;

namespace Wq.Abi;

internal static unsafe class ExportsHotplug
{
    [RuntimeExport("wq_cpu_up")]
    private static int CpuUp(int cpu) => Exports.Negative(Hotplug.CpuUp(cpu));

    [RuntimeExport("wq_cpu_down")]
    private static int CpuDown(int cpu) => Exports.Negative(Hotplug.CpuDown(cpu));

    [RuntimeExport("wq_cpu_rescan")]
    private static int CpuRescan()
    {
        Errno error = Hotplug.CpuRescan(out int nr);
        return error != Errno.None ? Exports.Negative(error) : nr;
    }

    [RuntimeExport("wq_cpu_online")]
    private static byte CpuOnline(int cpu) => Exports.Bool(Engine.EnsureReady() && Cpus.IsOnline(cpu));

    [RuntimeExport("wq_nr_cpu_ids")]
    private static int NrCpuIds() => Engine.EnsureReady() ? Cpus.NrPossible : 1;

    [RuntimeExport("register_cpu_notifier")]
    private static int RegisterCpuNotifier(NotifierBlock* block) => Exports.Negative(
        block == null || block->NotifierCall == null ? Errno.EINVAL : Hotplug.Register(block));

    [RuntimeExport("unregister_cpu_notifier")]
    private static int UnregisterCpuNotifier(NotifierBlock* block) =>
        Exports.Negative(block == null ? Errno.EINVAL : Hotplug.Unregister(block));

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
}
