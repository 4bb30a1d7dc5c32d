// SPDX-License-Identifier: GPL-2.0-only
// Scenarios about queues that have a rescuer, where no worker can be made.

namespace Wq.Sim;

internal static class RescueScenarios
{
    public static readonly Scenario[] All =
    [
        new("rescue", "without threads a queue's rescuer runs its items, and a stranger's waits",
            """
            wq A rescued 1
            wq B shared 1
            nothreads
            0: queue B y, queue A x, flush A
            """),
        new("rescue_two_cpus", "two pools lack a worker, and one rescuer helps both",
            """
            wq A rescued 2
            nothreads
            0: queue A x, flush A
            1: queue A y, flush A
            """),
        new("rescue_two_queues", "one pool lacks a worker for two queues with a rescuer",
            """
            wq A rescued 1
            wq B rescued 1
            nothreads
            0: queue A x, queue B y, flush B
            1: queue A z on 0, flush A
            """),
        new("rescue_blocked", "the only worker waits in a stranger's item for one that the rescuer runs",
            """
            wq A rescued 1
            wq B shared 1
            nothreads
            first: queue B y on 0, block y
            0: queue A x, flush A
            y*1: block x
            """),
        new("rescue_requeue", "an item that the rescuer runs is queued again meanwhile, from another CPU",
            """
            wq A rescued 2
            nothreads
            0: queue A x
            1: block x, queue A x, flush A
            x*1: yield, yield
            """),
        new("rescue_self", "an item that the rescuer runs queues itself, and another",
            """
            wq A rescued 1
            nothreads
            0: queue A x, block y, flush A
            x*2: queue A x, queue A y
            """),
        new("rescue_cancel", "items that a rescuer is to run are cancelled",
            """
            wq A rescued 1
            nothreads
            0: queue A x, queue A y, cancel x
            1: cancel y, queue A z, flush A
            """),
        new("rescue_ordered", "the rescuer keeps an ordered queue's order",
            """
            wq A rescuedordered 1
            nothreads
            0: queue A x, queue A y, flush A
            1: queue A z, flush A
            """),
        new("rescue_destroy", "a queue is destroyed while its rescuer runs an item that queues itself",
            """
            wq A rescued 1
            wq B shared 1
            teardown
            nothreads
            0: queue B y, queue A x, destroy A
            x*3: queue A x
            """),
        new("rescue_limit", "the limit is changed while the rescuer runs an item",
            """
            wq A rescued 1
            nothreads
            0: queue A x, queue A y, flush A
            1: limit A 2, queue A z on 0, limit A 1, flush A
            """),
        new("rescue_faults", "now and then a thread is refused, also to a rescuer",
            """
            wq A rescued 2
            wq B rescued 1 late
            faults
            refusals
            0: queue A x, flush A, queue A z
            1: create B, queue B y, flush B
            """),
    ];
}
