// SPDX-License-Identifier: GPL-2.0-only
// Scenarios about CPUs that come and go.

namespace Wq.Sim;

internal static class HotplugScenarios
{
    public static readonly Scenario[] All =
    [
        new("cpu_answers", "what the calls about CPUs return, whatever they are asked for",
            """
            wq A percpu
            0: down 2, up 2, down -1, down 1, down 1, down 0, up 1, down 0, down 1, up 0
            1: queue A x
            """),
        new("cpu_both", "two callers each take the CPU that the other leaves",
            """
            wq A percpu
            0: down 1
            1: down 0
            """),
        new("cpu_only_taken", "a CPU that was taken is used while the process may use no other",
            """
            wq A percpu
            0: down 0, allow 1, rescan, up 1, allow 3, rescan, up 0, allow 2, down 0
            1: queue A x, flush A
            """),
        new("cpu_down_faults", "a CPU goes, and those that should come cannot",
            """
            wq A percpu
            faults
            0: down 0, allow 1, rescan, allow 3, down 1, down 0, up 0, allow 1, rescan, allow 2, down 1
            1: queue A x, flush A
            """),
        new("cpu_own", "a thread that would wait for itself may not change CPUs",
            """
            wq A percpu
            0: release, hold, down 1, rescan, release, release, down 1
            1: queue A x
            x: down 1, up 1, rescan
            """),
        new("cpu_hold", "the online CPUs are held while one goes and comes",
            """
            wq A percpu
            0: down 1, up 1
            1: hold, queue A x on 1, release
            """),
        new("cpu_hold_two", "two threads hold the online CPUs, one of them twice",
            """
            0: down 1
            1: hold, release
            1: hold, hold, release, release
            """),
        new("cpu_hold_item", "an item of a CPU that goes holds the online CPUs",
            """
            wq A percpu
            0: down 1
            1: queue A x
            x: hold, release
            """),
        new("cpu_told", "notifiers hear of each step, by priority",
            """
            wq A percpu
            notifier -5
            notifier 5
            notifier 5
            0: down 1, up 1
            1: queue A x
            """),
        new("cpu_told_no_up", "a notifier lets no CPU come, and those before it hear of that",
            """
            wq A percpu
            notifier -5 refuses 3
            notifier 5
            notifier -1
            0: down 1, up 1, rescan
            1: queue A x
            """),
        new("cpu_told_no_up_other", "while a notifier lets one CPU not come, another is asked for, and a third goes",
            """
            cpus 3
            wq A percpu
            notifier 5 refuses 3
            0: down 1, up 1, down 2, allow 3, up 2, rescan
            """),
        new("cpu_told_no_down", "a notifier lets no CPU go, but one that is lost",
            """
            wq A percpu
            notifier 5
            notifier -5 refuses 5
            notifier -6
            0: down 1, rescan, allow 1, rescan, allow 3, rescan
            1: queue A x
            """),
        new("cpu_told_three", "one of three CPUs stays away, and is not spoken of",
            """
            cpus 3
            wq A percpu
            notifier 5
            0: down 1, rescan, allow 3, rescan, rescan, allow 7, rescan, up 1
            """),
        new("cpu_told_stops", "a notifier ahead of the queues keeps them from hearing that a CPU is dead",
            """
            wq A percpu
            notifier 5 stops 7
            0: down 1, up 1, down 1
            1: queue A x
            """),
        new("cpu_told_stops_up", "a notifier ahead of the queues keeps them from hearing that a CPU comes",
            """
            wq A percpu
            notifier 5 stops 3
            0: down 1, up 1
            1: queue A x
            """),
        new("cpu_told_stops_no_up", "a notifier ahead of the queues keeps them from hearing that a CPU does not come",
            """
            wq A percpu
            notifier 5 stops 4
            notifier -5 refuses 3
            0: down 1, up 1
            1: queue A x
            """),
        new("cpu_three_faults", "two CPUs come at once, and either may have no workers",
            """
            cpus 3
            wq A percpu
            faults
            first: allow 1, rescan, allow 7
            0: rescan, rescan, allow 5, rescan, allow 3, rescan
            """),
        new("cpu_up_create_faults", "a queue is made while a CPU comes, and its worker there cannot be started",
            """
            wq A percpu late
            notifier 5
            faults
            first: down 1
            0: up 1
            1: create A
            """),
        new("cpu_told_faults", "notifiers hear that a CPU has not come, as its workers cannot be started",
            """
            wq A percpu
            wq B percpu
            notifier 5
            notifier -5
            faults
            first: down 1
            0: up 1, rescan
            1: queue A x on 1
            """),
        new("cpu_down_queue_on", "a CPU goes while an item is sent there from another",
            """
            wq A percpu
            0: down 1
            0: queue A x on 1
            """),
        new("cpu_down_queue", "a CPU goes while items are queued there",
            """
            wq A percpu
            0: down 1
            1: queue A x, queue A y
            """),
        new("cpu_down_flush", "a flush while a CPU goes",
            """
            wq A percpu
            0: down 1
            1: queue A x, flush A
            """),
        new("cpu_down_cancel", "a cancel of an item whose worker ends",
            """
            wq A percpu
            0: down 1
            1: queue A x, cancel x, free x
            """),
        new("cpu_down_requeue", "an item that queues itself on a worker that ends",
            """
            wq A percpu
            0: down 1
            1: queue A x, flush A
            x*3: queue A x
            """),
        new("cpu_down_nested", "a function flushes its queue while its worker is told to end",
            """
            wq A percpu
            0: down 1
            1: queue A x, queue A y
            x: flush A
            """),
        new("cpu_down_up", "a CPU goes and comes back under queueing",
            """
            wq A percpu
            0: down 1, up 1
            1: queue A x, cancel x
            """),
        new("cpu_down_up_flush", "a CPU comes back under a flush",
            """
            wq A percpu
            first: down 1
            0: up 1, down 1
            1: queue A x, flush A
            """),
        new("cpu_down_destroy", "a queue is destroyed while a CPU goes",
            """
            wq A percpu
            wq B percpu
            0: down 1
            1: queue A x, destroy A
            """),
        new("cpus_change_destroy", "a queue is destroyed while CPUs go and come, one after another",
            """
            wq A percpu
            first: queue A x
            0: down 1, up 1, down 0
            1: destroy A
            """),
        new("cpu_down_destroy_queues", "a function queues on a CPU that goes, while its queue is destroyed",
            """
            wq A percpu
            teardown
            first: queue A x on 0
            0: await x, down 1
            0: await x, destroy A
            x*1: queue A y on 1
            """),
        new("cpu_down_after_destroy", "one of two queues is destroyed, and the other is told of the CPU that goes",
            """
            wq A percpu
            wq B percpu
            0: destroy A, down 1, queue B x on 1
            """),
        new("cpu_up_destroy", "a queue is destroyed while a CPU comes",
            """
            wq A percpu
            first: down 1
            0: up 1
            1: destroy A
            """),
        new("cpu_down_create", "a queue is made while a CPU goes and comes",
            """
            wq A percpu late
            wq B percpu
            0: down 1, up 1
            1: create A, queue A x, destroy A
            """),
        new("cpu_create_faults", "a queue whose workers cannot be started is gone before a CPU goes",
            """
            wq A percpu late
            wq B percpu
            faults
            0: create A, down 1
            1: queue B x
            """),
        new("cpu_down_delayed", "a timer of a CPU that goes fires",
            """
            wq A percpu
            first: delay A x 1 on 1
            0: down 1
            1: sleep 1, canceldelayed x, free x
            """),
        new("cpu_up_faults", "a CPU comes, and its workers cannot be started",
            """
            wq A percpu
            wq B percpu
            faults
            first: down 1
            0: up 1, queue A x, flush A
            1: queue B y, flush B
            """),
        new("cpu_two_transitions", "two callers bring a CPU down and up",
            """
            wq A percpu
            0: down 1, up 1
            0: down 1, up 1
            1: queue A x
            """),
        new("cpu_taken", "the process may use one CPU only, and later two again",
            """
            wq A percpu
            0: allow 1, rescan, allow 3, rescan
            1: queue A x, flush A
            """),
        new("cpu_astray", "a worker whose CPU is gone, which nobody has noticed yet",
            """
            wq A percpu
            0: allow 1, queue A y, rescan
            1: queue A x, cancel x, queue A z
            """),
    ];
}
