// SPDX-License-Identifier: GPL-2.0-only
// Scenarios about disable_work(), disable_work_sync() and enable_work().

namespace Wq.Sim;

internal static class DisableScenarios
{
    public static readonly Scenario[] All =
    [
        new("disable_one", "one item is queued by one thread, disabled and enabled by another",
            """
            wq A single
            0: queue A x
            1: disable x, enable x
            """),
        new("disable_queue", "an item is disabled while others queue it",
            """
            wq A single
            0: queue A x, queue A x
            1: disable x, enable x, queue A x
            """),
        new("disable_twice", "two threads disable an item, and enable it",
            """
            wq A percpu
            0: disable x, queue A x, enable x, queue A x
            1: disable x, enable x, queue A x
            """),
        new("disable_sync", "an item that queues itself is disabled, and waited for",
            """
            wq A single
            0: queue A x, disableSync x, queue A x
            1: queue A x
            x*3: queue A x
            """),
        new("disable_cancel", "an item is disabled while another thread cancels it and waits",
            """
            wq A single
            0: queue A x, cancel x, queue A x
            1: disable x, enable x
            2: queue A x
            x*2: yield
            """),
        new("disable_recall", "an item is disabled while another thread takes it back",
            """
            wq A single
            0: queue A y, queue A x, recall x, queue A x
            1: disable x
            """),
        new("disable_never_queued", "an item that was never queued is cancelled, disabled and enabled at once",
            """
            wq A single
            0: cancel x, queue A x
            1: disable x, enable x
            2: disable x, enable x
            """),
        new("disable_shared", "an item of a shared pool is disabled wherever it is",
            """
            wq A shared 1
            0: queue A y, queue A x, disable x, enable x, queue A x
            1: queue A x, disableSync x
            x*2: yield
            """),
        new("disable_shared_running", "an item of a shared pool is disabled while it runs, then enabled and queued elsewhere",
            """
            wq A shared 2
            0: queue A x
            1: block x, disable x, queue A x, enable x, queue A x
            x*1: yield, yield
            """),
        new("shared_requeue_cancelled", "an item is cancelled that was queued again while it runs, and is queued elsewhere",
            """
            wq A shared 2
            0: queue A x
            1: block x, queue A x, recall x, queue A x on 1
            x*1: yield, yield
            """),
        new("disable_delayed", "a delayed work is disabled while its timer is armed and fires",
            """
            wq A single
            0: delay A x 1, disable x, delay A x 1, enable x, delay A x 1
            1: sleep 1, disable x, enable x
            """),
        new("disable_mod", "a delayed work is re-timed while it is disabled",
            """
            wq A shared 1
            0: delay A x 1, mod A x 1, mod A x 0
            1: disable x, enable x
            """),
        new("disable_flush", "an item is disabled while it is flushed",
            """
            wq A shared 1
            0: queue A y, queue A x, flushWork x
            1: disable x
            y*1: yield
            """),
        new("disable_own", "an item disables itself, and is enabled by another thread",
            """
            wq A shared 1
            refusals
            0: queue A x
            1: block x, disable x, enable x, queue A x
            x*1: disable x, queue A x, enable x
            """),
    ];
}
