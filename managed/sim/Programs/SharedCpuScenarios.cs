// SPDX-License-Identifier: GPL-2.0-only
// Scenarios about shared pools whose CPUs come and go.

namespace Wq.Sim;

internal static class SharedCpuScenarios
{
    public static readonly Scenario[] All =
    [
        new("shared_cpu_down_up", "a CPU goes and comes back while its shared pool is queued on",
            """
            wq A shared 2
            events
            0: down 1, up 1
            1: queue A x, queue A y
            0: queue A z on 1
            """),
        new("shared_cpu_away", "a CPU's shared pool works on while that is away, and is bound to it again",
            """
            wq A shared 2
            first: down 1
            0: queue A x on 1, flush A, up 1, queue A y on 1
            1: queue A z
            """),
        new("shared_cpu_workers", "a CPU goes and comes while workers of its shared pool are made and end",
            """
            wq A shared 3
            0: down 1, sleep 3, up 1, queue A z on 1
            1: queue A x, queue A y
            x*1: block y
            """),
        new("shared_cpu_blocked", "a CPU goes while an item of its shared pool waits for a later one",
            """
            wq A shared 2
            0: down 1, queue A y on 1, up 1
            1: queue A x
            x*1: block y
            """),
        new("shared_cpu_cancel", "a cancel and a flush of a CPU's shared pool while that goes",
            """
            wq A shared 1
            0: down 1
            1: queue A x, queue A y, cancel x, flush A
            """),
        new("shared_cpu_self", "an item that queues itself on a shared pool whose CPU goes and comes",
            """
            wq A shared 1
            0: down 1, up 1
            1: queue A x
            x*3: queue A x
            """),
        new("shared_cpu_two", "a shared pool and a queue's own worker lose their CPU",
            """
            wq A shared 2
            wq B percpu
            0: down 1, up 1
            1: queue A x, queue B y, flush A
            """),
        new("shared_cpu_lost", "the process loses one CPU and gets it back, and then the other one",
            """
            wq A shared 2
            0: allow 1, rescan, allow 3, rescan, allow 2, rescan
            1: queue A x, flush A
            """),
        new("shared_cpu_destroy", "a queue on shared pools is destroyed while a CPU goes and comes",
            """
            wq A shared 1
            teardown
            0: down 1, up 1
            1: queue A x, queue A y, destroy A
            """),
        new("shared_cpu_create", "a shared pool is made while its CPU goes",
            """
            wq A shared 1 late
            0: down 1
            1: create A, queue A x, flush A
            """),
        new("shared_cpu_faults", "a CPU goes and comes, and its shared pool cannot have workers",
            """
            wq A shared 2
            faults
            0: down 1, up 1
            1: queue A x, queue A y, flush A
            """),
        new("unbound_cpu", "fewer workers of an unbound pool run when a CPU has gone, and more when it is back",
            """
            wq A unbound 3
            0: down 1, up 1
            1: queue A x, queue A y, queue A z, flush A
            """),
        new("unbound_cpu_blocked", "an item of an unbound queue waits for a later one while a CPU goes and comes",
            """
            wq A unbound 2
            0: down 1, queue A y, up 1
            1: queue A x, flush A
            x*1: block y
            """),
    ];
}
