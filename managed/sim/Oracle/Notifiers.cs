// SPDX-License-Identifier: GPL-2.0-only
// A program's notifier blocks: each is told of every step of a CPU, in its order.
//
// Invariant: a block knows for each CPU how far it has come. It hears of the next step
// only, by priority, with the online set as it is then; at the end of a run it
// knows what is online. Where a block refuses a step it has not been taken.

using System;
using System.Runtime.InteropServices;
using Wq.Core;
using Wq.Os;

namespace Wq.Sim;

internal static unsafe class Notifiers
{
    public const int Max = 3;
    private const int NOTIFY_BAD = 0x8002;

    private enum Phase
    {
        Offline,
        Coming,
        Online,
        Leaving,
        Dying,
    }

    private static readonly NotifierBlock* s_blocks = (NotifierBlock*)NativeMemory.AllocZeroed(Max, (nuint)sizeof(NotifierBlock));
    private static readonly Phase[] s_phases = new Phase[Max * 64];
    private static int s_lastWhat;
    private static int s_lastCpu;
    private static int s_lastPriority;

    private static ReadOnlySpan<NotifierPlan> Plans => CollectionsMarshal.AsSpan(Interpreter.Program.Notifiers);

    public static bool AnyRefuses
    {
        get
        {
            bool any = false;
            foreach (NotifierPlan plan in Plans)
            {
                any |= plan.Refuses != 0;
            }
            return any;
        }
    }

    /// <summary>Before the threads begin.</summary>
    public static void Register()
    {
        s_lastWhat = 0;
        for (int i = 0; i < Plans.Length; i++)
        {
            s_blocks[i].NotifierCall = (NotifierFunc)(delegate*<NotifierBlock*, nuint, void*, int>)&Told;
            s_blocks[i].Priority = Plans[i].Priority;
            s_blocks[i].Next = null;
            for (int cpu = 0; cpu < Kernel.NrCpus; cpu++)
            {
                s_phases[(i * 64) + cpu] = Phase.Online;
            }
            if (Hotplug.Register(&s_blocks[i]) != Errno.None)
            {
                Machine.Fail("a notifier is refused");
            }
        }
    }

    public static void AtEnd()
    {
        for (int i = 0; i < Plans.Length; i++)
        {
            for (int cpu = 0; cpu < Kernel.NrCpus; cpu++)
            {
                if (s_phases[(i * 64) + cpu] != (Cpus.IsOnline(cpu) ? Phase.Online : Phase.Offline))
                {
                    Machine.Fail($"a notifier thinks at the end that CPU {cpu} is {s_phases[(i * 64) + cpu]}");
                }
            }
        }
    }

    private static int Told(NotifierBlock* block, nuint action, void* hcpu)
    {
        int what = (int)action;
        int cpu = (int)(nint)hcpu;
        int number = (int)(block - s_blocks);
        NotifierPlan plan = Plans[number];
        ref Phase phase = ref s_phases[(number * 64) + cpu];
        bool isLost = (Kernel.AllowedCpus & (1UL << cpu)) == 0;
        (Phase from, Phase to, bool isOnline) = what switch
        {
            CpuNotifier.CPU_UP_PREPARE => (Phase.Offline, Phase.Coming, false),
            CpuNotifier.CPU_ONLINE => (Phase.Coming, Phase.Online, true),
            CpuNotifier.CPU_UP_CANCELED => (Phase.Coming, Phase.Offline, false),
            CpuNotifier.CPU_DOWN_PREPARE => (Phase.Online, Phase.Leaving, true),
            CpuNotifier.CPU_DOWN_FAILED => (Phase.Leaving, Phase.Online, true),
            CpuNotifier.CPU_DYING => (Phase.Leaving, Phase.Dying, true),
            _ => (Phase.Dying, Phase.Offline, false),
        };
        if (phase != from || Cpus.IsOnline(cpu) != isOnline)
        {
            Machine.Fail($"a notifier is told {what} of CPU {cpu}, which is {phase} to it, and {(Cpus.IsOnline(cpu) ? "online" : "offline")}");
        }
        if (what == s_lastWhat && cpu == s_lastCpu && block->Priority > s_lastPriority)
        {
            Machine.Fail($"a notifier of priority {block->Priority} is told {what} after one of {s_lastPriority}");
        }
        (s_lastWhat, s_lastCpu, s_lastPriority) = (what, cpu, block->Priority);
        if ((*ThreadLocals.InterruptDepth() != 0) != (what == CpuNotifier.CPU_DYING) || !CpuHotplugLock.IsHeldByCaller)
        {
            Machine.Fail($"a notifier is told {what} of CPU {cpu} where that is not told");
        }
        bool refuses = what == plan.Refuses;
        phase = refuses && !(isLost && what == CpuNotifier.CPU_DOWN_PREPARE) ? from : to;
        Machine.Point();
        return refuses ? NOTIFY_BAD : CpuNotifier.NOTIFY_OK;
    }
}
