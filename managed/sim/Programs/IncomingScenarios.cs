// SPDX-License-Identifier: GPL-2.0-only
// Scenarios of items that were taken from a shared pool's inbox, and are not handed out yet.

namespace Wq.Sim;

internal static class IncomingScenarios
{
    public static readonly Scenario[] All =
    [
        new("incoming_order", "an item of an ordered queue queues another while a canceller takes the inbox",
            """
            wq A ordered
            0: queue A x
            1: queue A y, queue A z, cancel z
            x*1: queue A a
            """),
        new("incoming_many", "more items of two queues than their worker has room for, and a flush",
            """
            wq A shared 3
            wq B shared 3
            0: queue A x, queue A y, queue B z, queue A a, flush A
            1: queue A b on 0
            """),
        new("incoming_again", "items are queued again, from another CPU, while one of them runs",
            """
            wq A shared 3
            0: queue A x, queue A y, queue A z
            1: queue A x on 0, queue A y on 0, queue A x on 0
            """),
        new("incoming_look", "an item waits for the one behind it, and the last look at its pool is long over",
            """
            wq A shared 2
            0: queue A x, queue A z, flush A, sleep 9, queue A y, queue A a
            x*1: sleep 3
            y*1: block a
            """),
        new("incoming_slot", "items queue others of their queue behind one of another queue, beside a flush",
            """
            wq A shared 3
            wq B shared 3
            0: queue A x, queue B y
            1: flush A
            x*1: queue A a
            y*1: queue B z
            """),
        new("ordered_runs_elsewhere", "an item runs on one queue, and is queued on an ordered one between two others",
            """
            wq A unbound 2
            wq B ordered
            0: queue A x
            1: await x, queue B y, queue B x, queue B z
            x*1: sleep 1
            """),
        new("shared_flush_own_later", "an item flushes its own queue, and a later one does too, while an older one runs",
            """
            wq A shared 5
            wq B shared 1
            0: queue A z, queue A x, block x, queue A y
            1: block y, queue B b on 0
            z*1: block b
            x*1: flush A
            y*1: flush A
            """),
        new("shared_drain_frozen", "a stranger queues on a frozen queue that is drained",
            """
            wq A frozenshared 2
            refusals
            0: freeze, sleep 3, thaw
            1: drain A
            2: queue A x
            """),
        new("raid_cancelled", "what a worker has in hand behind a cancelled item is taken from it",
            """
            wq A frozenshared 3
            0: queue A x, queue A y, queue A z
            1: recall x, freeze, rest, thaw
            2: recall y
            """),
        new("incoming_cancel", "items are cancelled and flushed in the middle of what is incoming",
            """
            wq A shared 3
            0: queue A x, queue A y, queue A z, flushWork z
            1: cancel y, recall z, queue A y on 0
            """),
    ];
}
