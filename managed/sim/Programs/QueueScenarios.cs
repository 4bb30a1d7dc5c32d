// SPDX-License-Identifier: GPL-2.0-only
// Scenarios about what items come with: queues that begin and end, timers, freezing.

namespace Wq.Sim;

internal static class QueueScenarios
{
    public static readonly Scenario[] All =
    [
        // ---- Queues that begin and end ----
        new("destroy_pending", "destroying a queue runs the pending items",
            """
            wq A percpu
            teardown
            0: queue A x
            1: queue A y
            """),
        new("destroy_requeue", "destroying a queue whose item queues itself",
            """
            wq A single
            teardown
            0: queue A x
            x*3: queue A x
            """),
        new("destroy_cancel", "a cancel while the queue is destroyed",
            """
            wq A single
            0: queue A x, destroy A
            1: await x
            x*1: queue A x, cancel x
            """),
        new("destroy_delayed", "destroying a queue takes its armed work back",
            """
            wq A percpu
            0: delay A x 1, destroy A
            1: sleep 1
            """),
        new("destroy_armed", "work still armed when its queue is destroyed never fires",
            """
            wq A percpu
            teardown
            first: delay A x 1
            0: delay A y 2 on 1
            """),
        new("destroy_rearm", "destroying the queue of work that arms itself",
            """
            wq A single
            teardown
            first: delay A x 1
            0: sleep 1
            x*5: delay A x 1
            """),
        new("close_queue", "queueing while the queue is closed: it runs, or is refused",
            """
            wq A single
            teardown
            0: queue A x
            1: close A, queue A y
            """),
        new("close_percpu", "closing a queue with a worker per CPU, while another caller queues and cancels",
            """
            wq A percpu
            teardown
            0: queue A x, cancel x
            1: close A, flush A
            """),
        new("close_requeue", "closing a queue whose item queues itself, and another caller queues it too",
            """
            wq A single
            teardown
            first: queue A x
            0: close A
            1: queue A x
            x*2: queue A x
            """),
        new("close_list", "closing a queue whose worker has nothing in the inbox, but an item on its list",
            """
            wq A single
            teardown
            0: close A
            1: queue A x, queue A y, cancel y
            """),
        new("close_reuse", "a queue that was closed refuses, and does not touch one that is made later",
            """
            wq A single
            wq B single late
            teardown
            first: close A, create B
            0: queue A x, cancel x, flush A
            1: queue B y, cancel y
            """),
        new("close_frozen", "a frozen queue that is closed begins nothing before the thaw",
            """
            wq A freezeable
            teardown
            first: freeze, rest
            0: close A
            1: queue A x, thaw
            """),
        new("close_frozen_idle", "a frozen queue with nothing pending is closed without a thaw",
            """
            wq A freezeable
            teardown
            first: freeze, rest
            0: queue A x, cancel x, close A
            last: thaw
            """),
        new("close_freeze", "a queue is closed, and freezing begins",
            """
            wq A freezeable
            teardown
            first: queue A x
            0: close A
            1: queue A y, freeze, rest, thaw
            """),
        new("close_elsewhere", "a cancel of an item that a closed queue refused waits for its run on the other queue",
            """
            wq A single
            wq B single
            teardown
            first: close A
            0: queue B x, await x, queue A x, cancel x, free x
            x*1: yield
            """),
        new("close_refused", "a cancel of an item that a pool without a worker refused waits for its run on another",
            """
            wq A percpu
            teardown
            first: queue A y on 0
            0: close A
            0: queue A x on 1, await x, queue A x on 0, cancel x
            y*1: await x
            x*1: yield, yield, yield
            """),
        new("close_delayed", "arming on a queue that is closed: the item is cancelled, or refused",
            """
            wq A percpu
            teardown
            0: delay A x 1, sleep 2
            1: close A
            """),
        new("create_destroy", "two queues begin and end at once",
            """
            wq A single late
            wq B percpu late
            faults
            0: create A, queue A x, destroy A
            1: create B, queue B y, destroy B
            """),
        new("faults", "no threads, no descriptors, no memory",
            """
            wq A percpu late
            faults
            refusals
            0: create A, delay A x 1, queue A y, destroy A
            1: schedule z
            """),
        new("system_queue", "the global queue is made by two first callers",
            """
            0: schedule x, cancel x
            1: schedule y
            """),
        new("system_flush", "the global queue is made by two first callers on one CPU, who flush it",
            """
            0: schedule x, flush
            0: schedule y, flush
            """),
        new("system_own_flush", "an item of the global queue flushes it, beside another",
            """
            first: schedule x
            0: schedule y, flush
            1: schedule z, cancel z
            x: flush
            """),
        new("on_each_cpu", "schedule_on_each_cpu() against schedule_work()",
            """
            first: schedule x
            0: each
            1: schedule y, cancel y
            """),
        // ---- Delayed work ----
        new("delay_cancel", "a cancel against arming, firing and running",
            """
            wq A percpu
            0: delay A x 1
            1: canceldelayed x
            """),
        new("delay_fires_cancel", "a cancel when the timer has fired and the item is not queued yet",
            """
            wq A percpu
            0: delay A x 1, sleep 1, canceldelayed x, free x
            """),
        new("delay_canceltimer", "cancel_delayed_work() against firing",
            """
            wq A single
            0: delay A x 1, sleep 1, canceltimer x
            1: queue A x
            """),
        new("delay_cancel_work", "cancel_work_sync() of armed work sleeps until the timer fires or is taken",
            """
            wq A single
            first: delay A x 1
            0: cancel x
            1: canceltimer x
            """),
        new("delay_rearm", "a cancel of work that arms itself",
            """
            wq A single
            first: delay A x 1
            0: sleep 1, canceldelayed x
            x*5: delay A x 1
            """),
        new("delay_own_cancel", "an item that has armed itself cancels itself, and others cancel it too",
            """
            wq A single
            first: queue A x
            0: await x, canceldelayed x
            1: await x, cancel x
            x*1: delay A x 1, yield, cancel x
            """),
        new("delay_rearm_free", "a canceller of work that arms itself may free it",
            """
            wq A percpu
            first: delay A x 1
            1: sleep 1, canceldelayed x, free x
            x*5: delay A x 1 on 1
            """),
        new("delay_cancel_cancel", "two cancellers of delayed work",
            """
            wq A single
            first: delay A x 1
            0: canceldelayed x
            1: canceldelayed x
            """),
        new("delay_queue", "queue_work() of armed work is refused until it fires",
            """
            wq A percpu
            0: delay A x 1, sleep 1
            1: queue A x, delay A x 1
            """),
        new("delay_self_free", "neither timer nor worker touches an item whose function has begun",
            """
            wq A percpu
            first: delay A x 1
            0: sleep 2
            x*1: free x
            """),
        new("delay_move", "work armed on one CPU and then on another",
            """
            wq A percpu
            0: delay A x 1 on 0, canceldelayed x, delay A x 1 on 1
            1: canceldelayed x
            """),
        new("delay_earlier", "a timer armed for an earlier time than all others fires then",
            """
            wq A single
            first: delay A x 3
            0: delay A y 1, sleep 2
            1: canceldelayed x
            """),
        new("delay_refused", "timers go on when the kernel refuses to set descriptors, whatever it accepted before",
            """
            wq A single
            faults
            refusals
            first: delay A x 3
            0: delay A y 1, sleep 2, delay A z 2
            1: canceldelayed x, delay A x 1
            """),
        new("delay_first", "two callers arm the first timers of a CPU",
            """
            wq A percpu
            teardown
            0: delay A x 1
            0: delay A y 1
            """),
        // ---- Freezing ----
        new("freeze_queue", "freezing against queueing: nothing begins until the thaw",
            """
            wq A freezeable
            first: queue A x
            0: freeze, rest, queue A y, thaw
            1: queue A z
            """),
        new("freeze_thaw", "a thaw reaches a worker that is about to park",
            """
            wq A freezeable
            0: queue A x, flush A
            1: freeze, thaw
            """),
        new("freeze_cancel", "items in the hand of a frozen worker can be cancelled",
            """
            wq A freezeable
            first: queue A x, queue A y
            0: freeze, rest, cancel y, thaw
            1: cancel x
            """),
        new("freeze_destroy", "destroying a frozen queue waits for the thaw",
            """
            wq A freezeable
            first: freeze, queue A x
            0: destroy A
            1: thaw
            """),
        new("freeze_cancel_flush", "a flush of a frozen queue whose items were cancelled does not wait for the thaw",
            """
            wq A freezeable
            first: freeze, queue A x, queue A y
            0: cancel x, cancel y, flush A
            last: thaw
            """),
        new("freeze_cancel_destroy", "destroying a frozen queue whose items were cancelled does not wait for the thaw",
            """
            wq A freezeable
            first: freeze, queue A x
            0: cancel x, destroy A
            last: thaw
            """),
        new("freeze_flush_running", "a flush that begins while the last item runs does not wait for the thaw",
            """
            wq A freezeable
            first: queue A x
            0: await x, freeze, flush A
            last: thaw
            """),
        new("freeze_destroy_queues", "an item that queues itself while its frozen queue ends waits for the thaw",
            """
            wq A freezeable
            first: queue A x
            0: await x, freeze, rest, thaw
            1: await x, destroy A
            x: queue A x
            """),
        new("freeze_create", "a queue made while freezing is frozen",
            """
            wq A freezeable late
            first: freeze
            0: create A, rest, queue A x, sleep 1, thaw
            """),
        new("freeze_twice", "frozen again while the worker comes out of the freeze before",
            """
            wq A freezeable
            first: freeze, queue A x
            0: thaw, freeze, rest, thaw
            1: queue A y
            """),
    ];
}
