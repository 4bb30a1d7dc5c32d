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
    private const int NOTIFY_STOP_MASK = 0x8000; // It stops the telling, and says nothing else.
    private const int Meaningless = 2; // It stops nothing, so it refuses nothing.

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
    private static int s_last; // Who was told.

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

    private static bool AnyStops
    {
        get
        {
            bool any = false;
            foreach (NotifierPlan plan in Plans)
            {
                any |= plan.Stops != 0;
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
            if (Hotplug.Register(&s_blocks[i]) != Errno.None || Hotplug.Register(&s_blocks[i]) != Errno.EEXIST)
            {
                Machine.Fail("a notifier is refused, or taken twice");
            }
        }
    }

    /// <summary>They know what is online, and can be taken off: from the second on, and the first last.</summary>
    public static void AtEnd()
    {
        for (int i = 0; i < Plans.Length; i++)
        {
            for (int cpu = 0; cpu < Kernel.NrCpus; cpu++)
            {
                if (!AnyStops && s_phases[(i * 64) + cpu] != (Cpus.IsOnline(cpu) ? Phase.Online : Phase.Offline))
                {
                    Machine.Fail($"a notifier thinks at the end that CPU {cpu} is {s_phases[(i * 64) + cpu]}");
                }
            }
        }
        for (int i = 0; i < Plans.Length; i++)
        {
            NotifierBlock* block = &s_blocks[(i + 1) % Plans.Length];
            if (Hotplug.Unregister(block) != Errno.None || Hotplug.Unregister(block) != Errno.ENOENT)
            {
                Machine.Fail("a notifier cannot be taken off, or twice");
            }
        }
    }

    // By priority, and those of one in the order they came.
    private static bool IsBefore(int number, int other) => Plans[number].Priority > Plans[other].Priority
        || (Plans[number].Priority == Plans[other].Priority && number < other);

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
        if ((phase != from && !AnyStops) || Cpus.IsOnline(cpu) != isOnline)
        {
            Machine.Fail($"a notifier is told {what} of CPU {cpu}, which is {phase} to it, and {(Cpus.IsOnline(cpu) ? "online" : "offline")}");
        }
        if (what == s_lastWhat && cpu == s_lastCpu && IsBefore(number, s_last))
        {
            Machine.Fail($"notifier {number} is told {what} after notifier {s_last}");
        }
        (s_lastWhat, s_lastCpu, s_last) = (what, cpu, number);
        if ((*ThreadLocals.InterruptDepth() != 0) != (what == CpuNotifier.CPU_DYING) || !CpuHotplugLock.IsHeldByCaller)
        {
            Machine.Fail($"a notifier is told {what} of CPU {cpu} where that is not told");
        }
        if (plan.Priority < 0 && !AnyStops && what is CpuNotifier.CPU_UP_PREPARE or CpuNotifier.CPU_DEAD or CpuNotifier.CPU_UP_CANCELED
            && !CpuCalls.AllHave(cpu, what == CpuNotifier.CPU_UP_PREPARE))
        {
            Machine.Fail($"a notifier behind the queues is told {what} of CPU {cpu}, and they have not done their part");
        }
        bool refuses = what == plan.Refuses;
        phase = refuses && !(isLost && what == CpuNotifier.CPU_DOWN_PREPARE) ? from : to;
        Machine.Point();
        return refuses ? NOTIFY_BAD : what == plan.Stops ? NOTIFY_STOP_MASK : Meaningless;
    }
}
