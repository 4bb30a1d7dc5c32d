// SPDX-License-Identifier: GPL-2.0-only
// Scenarios about drain_workqueue().

namespace Wq.Sim;

internal static class DrainScenarios
{
    public static readonly Scenario[] All =
    [
        new("drain_chain", "a queue of shared pools is drained whose item queues itself",
            """
            wq A shared 1
            0: queue A x, drain A, queue A x
            x*3: queue A x
            """),
        new("drain_chain_single", "the same of a classic queue",
            """
            wq A single
            0: queue A x, drain A, queue A x
            x*3: queue A x
            """),
        new("drain_across", "items of a drained queue queue one another on two CPUs",
            """
            wq A shared 1
            0: queue A x, drain A
            x*3: queue A y on 1
            y*3: queue A x on 0
            """),
        new("drain_across_cpus", "the same of a classic queue",
            """
            wq A percpu
            0: queue A x, drain A
            x*3: queue A y on 1
            y*3: queue A x on 0
            """),
        new("drain_stranger", "a stranger queues while a queue of shared pools is drained",
            """
            wq A shared 1
            refusals
            0: queue A x, drain A, queue A y
            1: queue A y, queue A z
            x*1: queue A x
            """),
        new("drain_stranger_single", "the same of a classic queue",
            """
            wq A single
            refusals
            0: queue A x, drain A, queue A y
            1: queue A y, queue A z
            x*1: queue A x
            """),
        new("drain_two", "two threads drain one queue",
            """
            wq A shared 2
            refusals
            0: queue A x, drain A, queue A y
            1: drain A, queue A z
            x*1: queue A x
            """),
        new("drain_fires", "delayed work fires while its queue is drained",
            """
            wq A shared 1
            refusals
            0: delay A x 1, queue A y, drain A
            1: delay A z 1
            y*2: queue A y
            """),
        new("drain_destroy", "a queue is destroyed after two drains",
            """
            wq A shared 1
            teardown
            0: queue A x, drain A, drain A, destroy A
            x*3: queue A x
            """),
        new("drain_hotplug", "a classic queue is drained while a CPU goes and comes back",
            """
            cpus 2
            wq A percpu
            0: queue A x on 1, drain A
            1: down 1, up 1
            x*2: queue A x on 1
            """),
    ];
}
