// SPDX-License-Identifier: GPL-2.0-only
// Scenarios about queues on shared pools.

namespace Wq.Sim;

internal static class SharedScenarios
{
    public static readonly Scenario[] All =
    [
        new("shared_queue", "two CPUs queue on a queue of shared pools",
            """
            wq A shared 2
            events
            0: queue A x, queue A y
            1: queue A x, queue A z
            """),
        new("shared_requeue", "an item queued from another CPU while it runs",
            """
            wq A shared 2
            0: queue A x
            1: block x, queue A x
            x*1: yield, yield
            """),
        new("shared_self", "an item of a shared pool queues itself",
            """
            wq A shared 1
            events
            0: queue A x, queue A y
            x*2: queue A x
            """),
        new("shared_blocked", "an item waits for a later one of its pool",
            """
            wq A shared 2
            0: queue A x, queue A y
            x*1: block y
            """),
        new("shared_blocked_batch", "an item waits for the third one, of another queue",
            """
            wq A shared 1
            wq B shared 1
            0: queue A x, queue A y, queue B z
            x*1: block z
            """),
        new("shared_parked", "what is parked runs when the active item has ended",
            """
            wq A shared 1
            0: queue A x, queue A y
            1: queue A z on 0
            x*1: yield
            """),
        new("shared_parked_mixed", "a worker that is through with one queue's items is held up by another's",
            """
            wq A shared 1
            wq B shared 1
            0: queue A x, queue B y
            1: block y, queue A z on 0
            y*1: block z
            """),
        new("shared_cancel", "cancelling an item wherever it is",
            """
            wq A shared 1
            0: queue A x, queue A y
            1: cancel y, cancel x
            """),
        new("shared_cancel_parked", "an item is cancelled while it is parked, and another parked behind it",
            """
            wq A shared 1
            0: queue A x, queue A y, queue A z
            1: block x, cancel y
            x*1: yield
            """),
        new("shared_cancel_listed", "a cancelled item lets the next parked one in",
            """
            wq A shared 1
            wq B shared 1
            0: queue B x, queue A y, queue A z
            1: block x, recall y
            x*1: block z
            """),
        new("cancel_moved_between", "an item is cancelled that runs on two queues, and is pending on the first of them again",
            """
            wq A shared 2
            wq B shared 2
            0: queue B x
            1: block x, queue A x, yield, queue B x, cancel x
            x*2: yield, yield, yield
            """),
        new("shared_flush", "a flush of a queue on shared pools",
            """
            wq A shared 2
            0: queue A x, queue A y, flush A
            1: queue A z, flush A
            """),
        new("shared_flush_blocked", "a flush beside an item that waits for a later one",
            """
            wq A shared 2
            0: queue A x, flush A
            1: block x, queue A y on 0
            x*1: block y
            """),
        new("shared_flush_own", "two items flush their own queue at once",
            """
            wq A shared 2
            0: queue A x, queue A y
            x*1: flush A
            y*1: flush A
            """),
        new("shared_flush_two", "a flush waits for what two workers are at",
            """
            wq A shared 2
            0: queue A x, queue A y, flush A
            x*1: block y, yield, yield
            y*1: yield
            """),
        new("unbound_parked_mixed", "a worker is through with one queue's item, and computes for another's",
            """
            wq A unbound 1
            wq B unbound 1
            0: queue A x, queue B y
            1: block y, queue A z
            y*1: await z
            """),
        new("unbound_flush_mixed", "a flush beside a worker that has another queue's item behind",
            """
            wq A unbound 2
            wq B unbound 2
            0: queue A x, queue B y, flush A, queue B z
            y*1: await z
            """),
        new("shared_blocked_pair", "an item waits for the one behind it in its worker's hand",
            """
            wq A shared 1
            wq B shared 1
            0: queue A x, queue B y, block y
            x*1: block y
            """),
        new("shared_requeue_flushing", "an item is queued again while its run waits in a flush",
            """
            wq A shared 3
            wq B shared 3
            0: queue B y, queue A x, block x, queue A x, queue B z
            x: flush B; yield
            y: block z
            """),
        new("shared_destroy_chain", "a queue on shared pools is destroyed while its item keeps queueing itself",
            """
            wq A shared 1
            teardown
            0: queue A x, destroy A
            x*5: queue A x
            """),
        new("shared_destroy_across", "a queue is destroyed whose items queue one another on two CPUs",
            """
            wq A shared 1
            teardown
            0: queue A x, destroy A
            x*4: queue A y on 1
            y*4: queue A x on 0
            """),
        new("shared_requeue_blocked", "an item is queued on its own CPU while it runs there and waits",
            """
            wq A shared 3
            0: queue A x, block x, queue A x, queue A y
            x: block y; yield
            """),
        new("shared_self_blocked", "an item queues itself, and then waits for another one",
            """
            wq A shared 3
            0: queue A x, queue A y
            x: queue A x, block y; yield
            """),
        new("shared_told", "an item tells that it waits for the one behind it in its worker's hand",
            """
            wq A shared 3
            0: queue A x, queue A y, queue A z
            x*1: tell, block y, goon, yield
            """),
        new("shared_told_queues", "an item tells that it waits, and beside another one queues what it waits for",
            """
            wq A shared 3
            0: queue A x, queue A z
            x*1: tell, block z, queue A y, block y, goon
            z*1: yield, yield
            """),
        new("shared_told_leak", "an item tells that it waits and never that it goes on; a later one tells it too",
            """
            wq A shared 2
            0: queue A x, queue A y, queue A z
            x*1: tell
            y*1: tell, block z, goon
            """),
        new("shared_blocked_flush", "an item flushes another queue whose items are behind it",
            """
            wq A shared 2
            wq B shared 2
            0: queue A x, queue B y, queue B z
            x*1: flush B
            """),
        new("shared_freeze", "queues on shared pools are frozen and thawed",
            """
            wq A frozenshared 2
            0: queue A x, queue A y, queue A z
            1: freeze, rest, queue A x, thaw
            """),
        new("shared_freeze_self", "an item of a frozen queue queues itself",
            """
            wq A frozenshared 1
            0: queue A x
            1: block x, freeze, rest, cancel x, thaw
            x*3: queue A x
            """),
        new("shared_stand", "an item stands still in the middle, through two times of freezing",
            """
            wq A frozenshared 2
            0: queue A x, queue A y
            1: block x, freeze, rest, thaw, freeze, rest, thaw
            x*1: stand
            """),
        new("shared_stand_queued", "an item that stands still is queued again meanwhile",
            """
            wq A frozenshared 2
            wq B shared 2
            0: queue A x, queue B y
            1: block x, queue A x, queue B z on 0, freeze, rest, thaw
            x*1: stand
            """),
        new("shared_own_blocked", "an item waits for one that it has queued itself",
            """
            wq A shared 2
            0: queue A x
            1: block y
            x*1: queue A y, block y
            """),
        new("shared_own_passed", "an item that was passed by waits for one that it queues itself",
            """
            wq A shared 3
            0: queue A x, queue A z
            1: block y
            x*1: sleep 3, queue A y, block y
            """),
        new("shared_intensive", "items that others need not wait for, between others",
            """
            wq A intensive 2
            wq B shared 2
            0: queue B y, queue A x, queue A z, queue B a
            x*1: tell, block a, goon
            """),
        new("shared_intensive_cancel", "such items are cancelled in the hand of their worker",
            """
            wq A intensive 1
            wq B shared 2
            0: queue A x, queue A z, queue B y
            1: cancel x, recall z, queue A x on 0
            """),
        new("shared_destroy_late", "a stranger queues while a queue on shared pools is destroyed",
            """
            wq A shared 1
            teardown
            refusals
            0: queue A x, destroy A
            1: block x, queue A y
            x*1: yield, yield
            """),
        new("shared_close_late_frozen", "a freezable queue on shared pools is closed while another thread queues",
            """
            wq A frozenshared 2
            teardown
            refusals
            0: queue A x
            1: close A, queue A y
            2: queue A z on 0
            """),
        new("shared_close_late", "a queue on shared pools is closed while another thread queues",
            """
            wq A shared 2
            teardown
            0: queue A x
            1: close A, queue A y
            """),
        new("shared_destroy", "a queue on shared pools is destroyed with an item that queues itself",
            """
            wq A shared 1
            teardown
            0: queue A x
            1: queue A y
            x*2: queue A x
            """),
        new("shared_delayed", "delayed work of shared pools that arms itself",
            """
            wq A shared 1
            0: delay A x 1
            1: sleep 1, cancelDelayed x
            x*2: delay A x 1
            """),
        new("shared_two_queues", "two queues in one pool, one of them flushed",
            """
            wq A shared 1
            wq B shared 1
            0: queue A x, queue B y, flush A
            1: queue B z on 0, flush B
            """),
        new("shared_other_queue", "an item that runs is queued on another queue, from another CPU",
            """
            wq A shared 2
            wq B shared 2
            0: queue A x
            1: block x, queue B x
            x*1: yield, yield
            """),
        new("shared_then_private", "an item that ran on a shared pool is cancelled in the hand of a queue's own worker",
            """
            wq A shared 2
            wq B single
            0: queue A x, block x, queue B y, queue B x
            1: block y, cancel x
            y*1: yield
            """),
        new("unbound_queue", "three items of an unbound queue",
            """
            wq A unbound 2
            0: queue A x, queue A y
            1: queue A z, flush A
            """),
        new("unbound_max", "no more items of an unbound queue at once than it may have",
            """
            wq A unbound 1
            0: queue A x, queue A y
            1: queue A z
            x*1: yield
            """),
        new("ordered_queue", "an ordered queue keeps its order, whatever CPU queues",
            """
            wq A ordered
            events
            0: queue A x, queue A y, queue A x
            1: queue A z
            """),
        new("ordered_cancel", "an item is cancelled in the middle of an ordered queue",
            """
            wq A ordered
            0: queue A x, queue A y, queue A z
            1: cancel y, queue A y
            """),
        new("ordered_flush_requeue", "an item of an ordered queue queues itself, beside a flush",
            """
            wq A ordered
            0: queue A x, flush A
            1: queue A y
            x*2: queue A x
            """),
        new("shared_limit", "the limit is raised under an item that waits for a parked one",
            """
            wq A shared 1
            0: queue A x, queue A y
            1: block x, limit A 2
            x*1: block y
            """),
        new("shared_limit_unseen", "the limit is raised when nobody looks after the pool, as all that waits is parked",
            """
            wq A shared 1
            0: queue A x, queue A y, queue A z
            1: block x, congested A on 0, sleep 8, limit A 2, block y
            x*1: block y
            """),
        new("shared_limit_own", "an item raises the limit of its queue, waits for another, and lowers it",
            """
            wq A unbound 1
            0: queue A x, queue A y
            1: queue A z
            x*1: limit A 2, block y, limit A 1
            last: flush A
            """),
        new("shared_limit_frozen", "a limit that is set while the queue is frozen is that of the thaw",
            """
            wq A frozenshared 1
            0: queue A z
            1: freeze, rest, limit A 2, queue A x, queue A y, thaw
            x*1: block y
            """),
        new("shared_limit_close", "the limit is set while the queue is closed",
            """
            wq A shared 1
            teardown
            refusals
            0: queue A x, close A
            1: limit A 2, queue A y
            x*1: limit A 3
            """),
        new("shared_faults", "queues on shared pools where threads and memory are refused",
            """
            wq A shared 2
            wq B ordered late
            faults
            refusals
            0: queue A x, flush A
            1: create B, queue B y, cancel x
            """),
    ];
}
