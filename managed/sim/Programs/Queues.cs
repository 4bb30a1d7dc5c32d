// SPDX-License-Identifier: GPL-2.0-only
// The queues of a program: made, ended, and what kind each is of.
//
// A thread may name a queue that others end, so a queue keeps its address until the main
// thread ends it. All state here is of the run under way.

using System;
using System.Collections.Generic;
using Wq.Core;

namespace Wq.Sim;

internal static unsafe class Queues
{
    private const int None = -1;

    private static readonly nuint[] s_queues = new nuint[Program.MaxQueues];
    private static readonly bool[] s_hasEnded = new bool[Program.MaxQueues];
    private static readonly int[] s_limits = new int[Program.MaxQueues];
    private static List<QueuePlan> s_plans = [];

    public static void Reset(List<QueuePlan> plans)
    {
        s_plans = plans;
        Array.Clear(s_queues);
        Array.Clear(s_hasEnded);
    }

    /// <summary>Null if it is not made, could not be, or was ended by the main thread.</summary>
    public static Workqueue* At(int queue) => (Workqueue*)s_queues[queue];

    /// <summary>A queue with a worker for each CPU, if it is that and there.</summary>
    public static Workqueue* PerCpu(int queue) =>
        s_plans[queue].Kind == QueueKind.PerCpu && !s_hasEnded[queue] ? At(queue) : null;

    /// <summary>Is the queue one of alloc_workqueue()? "events" is one.</summary>
    public static bool IsShared(int queue) => queue == None || s_plans[queue].Kind >= QueueKind.Shared;

    /// <summary>Does its worker not count as running from the start of an item?</summary>
    public static bool IsIntensive(int queue) => queue != None && s_plans[queue].Kind == QueueKind.Intensive;

    public static bool IsOrdered(int queue) => queue != None && s_plans[queue].Kind is QueueKind.Ordered or QueueKind.RescuedOrdered;

    public static bool IsFreezeable(int queue) =>
        queue != None && s_plans[queue].Kind is QueueKind.Freezeable or QueueKind.FrozenShared;

    /// <summary>The most that max_active ever was.</summary>
    public static int MaxActiveOf(int queue) => s_limits[queue];

    /// <summary>Has the queue been closed or destroyed, and the call returned?</summary>
    public static bool HasEnded(int queue) => queue != None && s_hasEnded[queue];

    /// <summary>Is a thread in drain_workqueue() of it, and the queue knows?</summary>
    public static bool IsDrained(int queue) => At(queue) != null && QueueLife.Of(&At(queue)->Life) == QueueLife.State.Draining;

    public static bool Create(int queue)
    {
        QueuePlan plan = s_plans[queue];
        byte* name = stackalloc byte[2];
        name[0] = (byte)('A' + queue);
        name[1] = 0;
        Workqueue* wq = plan.Kind < QueueKind.Shared
            ? Core.Create.CreateWorkqueue(name, FlagsOf(plan.Kind), out _)
            : Alloc.AllocWorkqueue(name, FlagsOf(plan.Kind), plan.MaxActive, out _);
        s_queues[queue] = (nuint)wq;
        s_limits[queue] = plan.MaxActive;
        return wq != null;
    }

    // Known before the call: it may start items before it returns.
    public static bool SetLimit(in Step step)
    {
        s_limits[step.Queue] = Math.Max(s_limits[step.Queue], step.Jiffies);
        Limit.SetMaxActive(At(step.Queue), step.Jiffies);
        return true;
    }

    public static bool Close(int queue) => s_hasEnded[queue] = Core.Destroy.CloseWorkqueue(At(queue));

    /// <param name="isLast">Nobody will name it any more.</param>
    public static bool Destroy(int queue, bool isLast)
    {
        Workqueue* wq = At(queue);
        s_queues[queue] = isLast ? 0 : (nuint)wq;
        return s_hasEnded[queue] = Core.Destroy.DestroyWorkqueue(wq);
    }

    private static WqFlags FlagsOf(QueueKind kind) => kind switch
    {
        QueueKind.PerCpu => WqFlags.None,
        QueueKind.Single => WqFlags.SingleThread,
        QueueKind.Freezeable => WqFlags.SingleThread | WqFlags.Freezable,
        QueueKind.Shared => WqFlags.PerCpu,
        QueueKind.FrozenShared => WqFlags.PerCpu | WqFlags.Freezable,
        QueueKind.Intensive => WqFlags.PerCpu | WqFlags.CpuIntensive,
        QueueKind.Ordered => WqFlags.Unbound | WqFlags.Ordered,
        QueueKind.Rescued => WqFlags.PerCpu | WqFlags.MemReclaim,
        QueueKind.RescuedOrdered => WqFlags.Unbound | WqFlags.Ordered | WqFlags.MemReclaim,
        _ => WqFlags.Unbound,
    };
}
