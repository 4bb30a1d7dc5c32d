// SPDX-License-Identifier: GPL-2.0-only
// Scenarios about mod_delayed_work().

namespace Wq.Sim;

internal static class ModScenarios
{
    public static readonly Scenario[] All =
    [
        new("mod_run", "an item is re-timed while its worker takes it",
            """
            wq A single
            events
            0: queue A x
            1: mod A x 0
            """),
        new("mod_mod", "two callers re-time one item",
            """
            wq A percpu
            events
            first: queue A x
            0: mod A x 0
            1: mod A x 0
            """),
        new("mod_in_batch", "an item is re-timed in its worker's hand, behind one that runs",
            """
            wq A single
            0: queue A y, queue A x
            1: await y, mod A x 1
            """),
        new("mod_fire", "an armed item is re-timed when its timer fires",
            """
            wq A percpu
            events
            first: delay A x 1
            0: sleep 1, mod A x 1
            """),
        new("mod_fire_now", "an armed item is queued at once when its timer fires",
            """
            wq A single
            first: delay A x 1
            0: sleep 1, mod A x 0
            1: sleep 1, mod A x 0
            """),
        new("mod_earlier", "an item armed for a distant time is armed for an early one, from two CPUs",
            """
            wq A percpu
            first: delay A x 30
            0: mod A x 1
            1: mod A x 2
            """),
        new("mod_own", "an item re-times itself while another caller does",
            """
            wq A single
            0: mod A x 0
            1: mod A x 1
            x*2: mod A x 0
            """),
        new("mod_queue", "an item is queued, armed and re-timed at once",
            """
            wq A single
            events
            0: queue A x, delay A x 1
            1: mod A x 0, mod A x 1
            """),
        new("mod_flush", "an item goes behind what a flush waits for",
            """
            wq A single
            0: queue A x, queue A y, flush A
            1: mod A x 0, flush A
            """),
        new("mod_flush_work", "a flush of an item that is armed again does not wait for that",
            """
            wq A single
            0: queue A y, queue A x, flushwork x
            1: await y, mod A x 20
            """),
        new("mod_flush_work_now", "a flush of an item that is queued again waits for that",
            """
            wq A single
            first: queue A x
            0: flushwork x
            1: mod A x 0
            """),
        new("mod_flush_delayed", "an item is re-timed while a flush has its timer fire",
            """
            wq A percpu
            first: delay A x 5
            0: flushdelayed x
            1: mod A x 9
            """),
        new("mod_two_queues", "an item is taken from queue to queue",
            """
            wq A single
            wq B single
            first: queue A x
            0: mod B x 0
            1: mod A x 0
            """),
        new("mod_two_timers", "an item armed for one queue is armed for another, and cancelled",
            """
            wq A single
            wq B percpu
            first: delay A x 1
            0: mod B x 1
            1: sleep 1, canceldelayed x
            """),
        new("mod_round", "the word has its old value again, by way of another pool, while an item is re-timed",
            """
            wq A single
            wq B single
            0: queue A y
            1: await y, mod A x 0
            y: queue A x
            x: queue B a, queue B b, queue B x; queue A x
            """),
        // ---- Cancelling ----
        new("mod_cancel", "an item is re-timed while a call that waits cancels it",
            """
            wq A single
            first: queue A x
            0: mod A x 0
            1: cancel x
            """),
        new("mod_cancel_running", "an item that runs is re-timed while a call that waits cancels it",
            """
            wq A percpu
            first: queue A x
            0: await x, mod A x 1, mod A x 0
            1: await x, canceldelayed x
            x*1: yield
            """),
        new("mod_cancel_armed", "an armed item is re-timed while it is cancelled, with its timer and without",
            """
            wq A single
            first: delay A x 1
            0: mod A x 1
            1: cancel x
            1: canceldelayed x
            """),
        new("mod_cancel_free", "who cancels an item that another re-times may free it",
            """
            wq A percpu
            first: delay A x 1
            0: mod A x 1
            1: sleep 1, await x, canceldelayed x
            x*1: mod A x 1
            """),
        new("mod_recall", "an item is taken back while it is re-timed: neither gives up because of the other",
            """
            wq A single
            first: queue A x
            0: mod A x 0
            1: recall x
            """),
        new("mod_recall_armed", "an armed item is taken back while it is re-timed",
            """
            wq A single
            first: delay A x 30
            0: mod A x 20
            1: recall x
            """),
        new("mod_canceltimer", "cancel_delayed_work() between an item's old time and its new one",
            """
            wq A percpu
            first: delay A x 30
            0: mod A x 20
            1: canceltimer x
            """),
        // ---- Queues that end ----
        new("mod_close", "an item is re-timed on a queue that is closed: it is cancelled, or refused",
            """
            wq A percpu
            teardown
            first: delay A x 1
            0: mod A x 1, sleep 2
            1: close A
            """),
        new("mod_close_now", "an item is queued again on a queue that is closed",
            """
            wq A single
            teardown
            first: queue A x
            0: mod A x 0
            1: close A
            """),
        new("mod_close_other", "an item is taken to a queue that is closed",
            """
            wq A single
            wq B single
            teardown
            first: queue A x
            0: mod B x 0
            1: close B
            """),
        new("mod_leaves", "an armed item is taken from a queue that is destroyed",
            """
            wq A percpu
            wq B single
            teardown
            refusals
            first: delay A x 1
            0: destroy A
            1: mod B x 1
            """),
        new("mod_freeze", "an item in the hands of a frozen worker is re-timed",
            """
            wq A freezeable
            first: queue A x, queue A y
            0: freeze, rest, mod A x 0, thaw
            1: mod A y 1
            """),
        new("mod_faults", "items are re-timed where there may be no threads, descriptors or memory",
            """
            wq A single
            faults
            refusals
            0: queue A x, mod A x 1
            1: mod A y 1, sleep 1, mod A y 0
            """),
        new("mod_cpu_down", "an item goes to a CPU that goes",
            """
            wq A percpu
            first: queue A x on 0
            0: mod A x 0 on 1, mod A x 1 on 1
            1: down 1, up 1
            """),
        // ---- Shared pools ----
        new("mod_shared", "an item of a shared pool is re-timed wherever it is",
            """
            wq A shared 1
            events
            0: queue A x, queue A y
            1: mod A y 0, mod A x 1
            """),
        new("mod_shared_parked", "a parked item is re-timed, and another parked behind it",
            """
            wq A shared 1
            0: queue A x, queue A y, queue A z
            1: block x, mod A y 0 on 0
            x*1: yield
            """),
        new("mod_shared_running", "an item that runs on another CPU is re-timed",
            """
            wq A shared 2
            0: queue A x
            1: block x, mod A x 0, mod A x 1, mod A x 0
            x*1: yield, yield
            """),
        new("mod_shared_recall", "an item that runs and is queued again is re-timed and taken back",
            """
            wq A shared 2
            0: queue A x
            1: block x, queue A x, mod A x 0
            0: block x, recall x
            x*1: yield
            """),
        new("mod_shared_recall_two", "two take an item back that runs and is queued again",
            """
            wq A shared 2
            0: queue A x, block x, queue A x, recall x
            1: block x, recall x
            x*1: yield
            """),
        new("mod_shared_blocked", "an item is re-timed on its own CPU while it runs there and waits",
            """
            wq A shared 3
            0: queue A x, block x, mod A x 1, mod A x 0, queue A y
            x: block y; yield
            """),
        new("mod_shared_two", "an item goes from queue to queue of one pool, beside a flush",
            """
            wq A shared 1
            wq B shared 1
            0: queue A x, queue A y, flush A
            1: mod B y 0 on 0, mod A x 0 on 0
            """),
        new("mod_unbound", "items of an unbound queue are re-timed from two CPUs",
            """
            wq A unbound 1
            0: queue A x, queue A y, mod A x 0
            1: mod A y 0, mod A y 1
            """),
        new("mod_ordered", "an item of an ordered queue goes to its end",
            """
            wq A ordered
            0: queue A x, queue A y, queue A z
            1: mod A y 0
            """),
        new("mod_shared_close", "an item is re-timed on a queue of shared pools that is closed",
            """
            wq A shared 2
            teardown
            0: queue A x, mod A x 0, mod A x 1
            1: close A
            """),
    ];
}
