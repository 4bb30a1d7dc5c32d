// SPDX-License-Identifier: GPL-2.0-only
// Scenarios about items: queueing, cancelling, flushing.

namespace Wq.Sim;

internal static class ItemScenarios
{
    public static readonly Scenario[] All =
    [
        // ---- Queueing and running ----
        new("queue_queue", "two callers queue one item: one run sees both, or there are two",
            """
            wq A percpu
            events
            0: queue A x
            0: queue A x
            """),
        new("queue_during_run", "an item is queued while it runs: exactly one more run",
            """
            wq A single
            events
            0: queue A x, queue A x
            1: queue A x
            """),
        new("queue_order", "items of one worker run in order, in batches, by the list and by the inbox",
            """
            wq A single
            0: queue A x, queue A y, queue A z, queue A a
            1: queue A b, cancel y
            """),
        new("requeue_self", "an item queues itself, and another caller queues it too",
            """
            wq A single
            events
            0: queue A x
            1: queue A x
            x*2: queue A x
            """),
        new("requeue_order", "an item that a function queues runs after those queued before",
            """
            wq A single
            0: queue A x, queue A y
            1: queue A z
            x*1: queue A a
            """),
        new("requeue_many", "a function queues more than its worker has room for",
            """
            wq A single
            0: queue A x
            x*1: queue A y, queue A z, queue A a, queue A b
            """),
        new("requeue_order_cancel", "a function queues an item while a canceller moves the inbox to the list",
            """
            wq A single
            0: queue A x
            1: queue A y, queue A z, cancel z
            x*1: queue A a
            """),
        new("two_cpus", "one item queued from two CPUs may run on both",
            """
            wq A percpu
            0: queue A x
            1: queue A x
            """),
        new("self_free", "a function frees its item: nobody touches it after",
            """
            wq A single
            0: queue A x
            1: queue A y, flush A
            x*1: free x
            """),
        // ---- Cancelling ----
        new("cancel_queue", "a cancel against a queueing and the run",
            """
            wq A percpu
            0: queue A x
            1: cancel x
            """),
        new("cancel_pending", "a cancel against the worker that takes the item from the inbox",
            """
            wq A single
            0: queue A y, queue A x, cancel x
            1: queue A z
            """),
        new("cancel_in_batch", "a cancel of an item in hand, behind one that runs",
            """
            wq A single
            0: queue A y, queue A x
            1: await y, cancel x
            """),
        new("cancel_running", "a cancel waits for the run on another CPU",
            """
            wq A percpu
            0: queue A x
            1: await x, cancel x
            """),
        new("cancel_two_runs", "a cancel waits for the runs on every CPU",
            """
            wq A percpu
            0: queue A x
            1: await x, queue A x, cancel x
            """),
        new("cancel_free", "a canceller may free the item at once",
            """
            wq A percpu
            first: queue A x, queue A y
            0: cancel x, free x
            1: cancel y, free y
            """),
        new("cancel_requeue", "a cancel of an item that queues itself",
            """
            wq A single
            first: queue A x
            0: cancel x
            x*9: queue A x
            """),
        new("cancel_cancel", "two cancellers and a queueing",
            """
            wq A percpu
            first: queue A x
            0: cancel x
            1: cancel x
            """),
        new("cancel_cancel_running", "two cancellers wait for one run",
            """
            wq A single
            first: queue A x
            0: await x, cancel x
            1: await x, cancel x
            x*1: yield, yield
            """),
        new("cancel_cancel_nested", "two cancellers wait for one run, one of them on a worker that runs items inside an item",
            """
            wq A percpu
            first: queue A x on 1, queue A y on 0, queue A z on 0
            0: await x, cancel x
            x*1: yield, yield
            y*1: flush A
            z*1: await x, cancel x
            """),
        new("cancel_cancel_queue", "two cancellers, and a third caller that queues again",
            """
            wq A single
            first: queue A x
            0: cancel x
            1: cancel x
            0: queue A x
            """),
        new("cancel_from_function", "an item cancels itself while another thread does",
            """
            wq A single
            0: queue A x
            1: await x, cancel x
            x*1: queue A x, cancel x
            """),
        new("cancel_other_from_function", "a function cancels the item behind its own",
            """
            wq A single
            0: queue A x, queue A y
            1: cancel y
            x*1: cancel y
            """),
        new("mere_claim", "a waiter takes a worker's mere claim of an item for a run of it",
            """
            wq A single
            wq B single
            0: queue A x, cancel x, queue B x
            1: cancel x
            """),
        new("recall_queue", "taking an item back without waiting, against queueing",
            """
            wq A single
            first: queue A x
            0: recall x, queue A x
            1: queue A x
            """),
        new("recall_before_wake", "an item is taken back before the worker was woken for it, and another is queued",
            """
            wq A single
            0: queue A x, queue A y
            1: recall x
            """),
        new("recall_batch", "taking items back that are in the worker's hand",
            """
            wq A single
            first: queue A x, queue A y
            0: recall y, queue A y
            1: recall x
            """),
        new("recall_recall", "two callers take an item back: neither gives up because the other has it for a moment",
            """
            wq A single
            first: queue A x
            0: recall x, queue A x
            1: recall x, queue A x
            """),
        new("recall_running", "taking an item back that queues itself, while it runs",
            """
            wq A single
            first: queue A x
            0: recall x
            1: recall x
            x: queue A x
            """),
        new("recall_cancel", "two cancellers: one waits for the run, the other does not",
            """
            wq A single
            first: queue A x
            0: cancel x
            1: recall x, queue A x
            x: queue A x
            """),
        new("recall_never_queued", "an item that was never queued is with a canceller that waits, and another does not",
            """
            wq A single
            0: cancel x
            1: recall x
            """),
        new("recall_own", "an item cancels itself while another thread takes it back without waiting",
            """
            wq A single
            first: queue A x
            0: await x, recall x
            x: queue A x, cancel x, queue A x
            """),
        new("recall_own_cancel", "an item cancels itself, while one other canceller waits and one does not",
            """
            wq A single
            first: queue A x
            0: await x, recall x
            1: await x, cancel x
            x*1: queue A x, cancel x
            """),
        new("recall_armed", "taking armed work back does not wait for its timer",
            """
            wq A single
            first: delay A x 90
            0: recall x
            1: recall x
            """),
        new("recall_delay", "taking an item back from its timer, or from the pool that the timer has queued it on",
            """
            wq A single
            first: delay A x 1
            0: sleep 1, recall x, queue A x
            1: recall x, delay A x 1
            """),
        new("recall_round", "the word has its old value again, by way of another pool, while an item is taken back",
            """
            wq A single
            wq B single
            0: queue A y
            1: await y, recall x
            y: queue A x
            x: queue B a, queue B b, queue B x; queue A x
            """),
        new("word_comes_round", "the word has its old value again, by way of another pool, while a canceller holds it",
            """
            wq A single
            wq B single
            0: queue A y
            1: await y, cancel x
            y: queue A x
            x: queue B a, queue B b, queue B x; queue A x
            """),
        new("leaves_for_other_list", "an item has gone to another pool's list while a canceller looks for it",
            """
            wq A single
            wq B single
            0: queue A y
            1: await y, cancel x
            y: queue A x
            x*1: queue B a, queue B b, queue B x
            """),
        new("two_queues", "an item moves from queue to queue while it is cancelled",
            """
            wq A single
            wq B percpu
            0: queue A x, queue B x
            1: cancel x, queue B x
            """),
        // ---- Flushing ----
        new("flush_queue", "a flush waits for the items queued before it",
            """
            wq A percpu
            0: queue A x, flush A
            1: queue A y, flush A
            """),
        new("flush_flush", "two flushes and a queueing",
            """
            wq A single
            0: queue A x, flush A
            1: flush A
            """),
        new("flush_requeue", "a flush ends although the item queues itself",
            """
            wq A single
            first: queue A x
            0: flush A
            x*9: queue A x
            """),
        new("flush_cancel", "a cancel takes the items that a flush waits for",
            """
            wq A single
            0: queue A x, queue A y, flush A
            1: cancel x, cancel y
            """),
        new("flush_from_function", "a function flushes its own queue, while others flush it and cancel the item behind",
            """
            wq A single
            0: queue A x, queue A y, flush A
            1: cancel y
            x*1: flush A
            """),
        new("flush_nested_cancel", "the outer item of a nested run stays visible to a canceller",
            """
            wq A single
            0: queue A x, queue A y
            1: await y, cancel x
            x*1: flush A
            """),
        new("flush_nested_waiters", "two cancellers wait for the outer and the inner item of a nested run",
            """
            wq A single
            0: queue A x, queue A y, await x, cancel x
            1: await y, cancel y
            x*1: flush A
            """),
        new("flush_own_cancel", "a function flushes its own queue while a canceller moves the inbox to the list",
            """
            wq A single
            0: queue A x
            1: queue A y, queue A z, cancel z
            x*1: flush A
            """),
        new("queue_on", "an item sent to one CPU and then to the other, and a cancel",
            """
            wq A percpu
            0: queue A x on 1, queue A x on 0
            1: cancel x
            """),
        new("queue_on_hop", "a function sends its item to the other CPU, while the queue is flushed",
            """
            wq A percpu
            first: queue A x on 0
            0: flush A
            x: queue A x on 1; queue A x on 0
            """),
        new("reclaim", "no thread has an item any more that is neither pending nor listed as running",
            """
            wq A single
            first: queue A x
            0: reclaim x
            1: queue A y, cancel y
            """),
        new("reclaim_two", "the same of an item that has run on two queues",
            """
            wq A single
            wq B single
            0: queue A x, await x, queue B x, reclaim x
            """),
        new("lock_crowd", "three callers want the pool's lock",
            """
            wq A single
            0: queue A x, cancel x
            1: queue A y, cancel y
            0: queue A z, cancel z
            """),
        new("flush_across", "the workers of two CPUs: one flushes, one queues to the other",
            """
            wq A percpu
            0: queue A x
            1: queue A y
            x*1: queue A z
            y*1: cancel z
            """),
    ];
}
