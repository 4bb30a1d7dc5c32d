// SPDX-License-Identifier: GPL-2.0-only
// Scenarios about flush_work() and flush_delayed_work(): one item is waited for.

namespace Wq.Sim;

internal static class FlushScenarios
{
    public static readonly Scenario[] All =
    [
        new("flush_recall", "a queue is flushed while another thread takes back what was queued behind",
            """
            wq A single
            0: queue A y, flush A
            1: queue A x, recall x
            """),
        new("flush_work", "two threads flush an item of a classic queue",
            """
            wq A single
            0: queue A x, flushWork x
            1: flushWork x, flushWork x
            """),
        new("flush_work_one", "one item, one thread that queues it, one that flushes it",
            """
            wq A single
            0: queue A x
            1: flushWork x
            """),
        new("flush_work_later", "a flush of an item is not held up by a later one, which waits for the flush",
            """
            wq A single
            wq B single
            0: queue A x, queue A y, flushWork x, queue B z
            1: flushWork y
            y*1: block z
            """),
        new("flush_work_requeue", "an item queues itself while it is flushed",
            """
            wq A percpu
            0: queue A x, flushWork x
            1: queue A x, flushWork x
            x*2: queue A x
            """),
        new("flush_work_cancel", "an item is cancelled while it is flushed, wherever it is",
            """
            wq A single
            0: queue A y, queue A x, flushWork x
            1: cancel x
            2: recall x
            """),
        new("flush_work_free", "an item that was flushed is given back",
            """
            wq A single
            first: queue A x
            0: flushWork x, cancel x, free x
            """),
        new("flush_work_round", "the word has its old value again, by way of another pool, while an item is flushed",
            """
            wq A single
            wq B single
            0: queue A y
            1: await y, flushWork x
            y: queue A x
            x: queue B a, queue B b, queue B x; queue A x
            """),
        new("flush_work_own", "an item flushes another of its own single-threaded queue",
            """
            wq A single
            0: queue A x, queue A y
            x*1: flushWork y
            """),
        new("flush_work_shared", "an item of a shared pool is flushed wherever it is",
            """
            wq A shared 1
            0: queue A x, queue A y, flushWork y
            1: flushWork x, flushWork y
            x*1: yield
            """),
        new("flush_work_shared_later", "a flush of an item of a shared pool is not held up by a younger one",
            """
            wq A shared 2
            0: queue A x, queue A y, flushWork x, queue A z
            y*1: block z
            """),
        new("flush_work_shared_requeue", "an item of a shared pool is queued from another CPU while it runs, and flushed",
            """
            wq A shared 2
            0: queue A x, flushWork x
            1: block x, queue A x, flushWork x
            x*1: yield
            """),
        new("flush_work_shared_cancel", "an item is cancelled while it is parked and flushed",
            """
            wq A shared 1
            0: queue A x, queue A y, flushWork y
            1: block x, cancel y
            x*1: yield
            """),
        new("flush_work_blocked", "an item of a shared pool flushes one that is behind it in its worker's hand",
            """
            wq A shared 2
            0: queue A x, queue A y
            x*1: flushWork y
            """),
        new("flush_work_frozen", "an item of a frozen queue is flushed",
            """
            wq A frozenshared 1
            0: queue A x, flushWork x
            1: freeze, rest, thaw
            """),
        new("flush_work_late", "an item that is queued on a queue that ends is flushed",
            """
            wq A shared 1
            teardown
            refusals
            0: queue A x, flushWork x
            1: destroy A
            2: flushWork x
            """),
        new("flush_work_faults", "an item is flushed where its worker may not be made, nor a timer's thread",
            """
            wq A shared 1
            faults
            refusals
            0: queue A x
            1: flushWork x
            1: flush A
            """),
        new("flush_work_ordered", "items of an ordered queue are flushed in the middle",
            """
            wq A ordered
            0: queue A x, queue A y, queue A z, flushWork y
            1: flushWork z
            """),
        new("flush_delayed", "a delayed work is flushed while its timer is armed and fires",
            """
            wq A single
            0: delay A x 1, flushDelayed x
            1: sleep 1, flushDelayed x
            """),
        new("flush_delayed_long", "a flush of delayed work does not wait for its delay",
            """
            wq A shared 1
            0: delay A x 300, flushDelayed x
            1: flushDelayed x
            """),
        new("flush_delayed_cancel", "a delayed work is flushed and cancelled at once",
            """
            wq A shared 1
            0: delay A x 1, flushDelayed x
            1: cancelDelayed x
            2: cancelTimer x
            """),
        new("flush_delayed_rearm", "a delayed work arms itself, is flushed, and cancelled",
            """
            wq A shared 1
            0: delay A x 1, flushDelayed x, cancelDelayed x
            x*2: delay A x 1
            """),
        new("flush_delayed_destroy", "a queue is destroyed while its delayed work is flushed",
            """
            wq A single
            teardown
            refusals
            0: delay A x 1, flushDelayed x
            1: destroy A
            """),
    ];
}
