// The scenarios, by the race each is about.

using System.Collections.Generic;

namespace Wq.Sim;

internal static class Scenarios
{
    public static readonly IReadOnlyList<Scenario> All =
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
        new("requeue_order", "what a function queues comes after what was queued before",
            """
            wq A single
            0: queue A x, queue A y
            1: queue A z
            x*1: queue A a
            """),
        new("requeue_order_cancel", "what a function queues while a canceller moves the inbox to the list",
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
        new("cancel_free", "who cancels may free the item at once",
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
        new("word_comes_round", "the word has its old value again, by way of another pool, while a canceller holds it",
            """
            wq A single
            wq B single
            0: queue A y
            1: await y, cancel x
            y: queue A x
            x: queue B a, queue B b, queue B x; queue A x
            """),
        new("two_queues", "an item moves from queue to queue while it is cancelled",
            """
            wq A single
            wq B percpu
            0: queue A x, queue B x
            1: cancel x, queue B x
            """),
        // ---- Flushing ----
        new("flush_queue", "a flush waits for what was queued before it",
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
        new("flush_cancel", "a cancel takes what a flush waits for",
            """
            wq A single
            0: queue A x, queue A y, flush A
            1: cancel x, cancel y
            """),
        new("flush_from_function", "a function flushes its own queue, and others wait for both",
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
        // ---- Queues that begin and end ----
        new("destroy_pending", "destroying a queue runs what is pending",
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
        new("system_queue", "the global queue starts with two first callers",
            """
            0: schedule x, cancel x
            1: schedule y
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
        new("delay_rearm_free", "who cancels work that arms itself may free it",
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
        new("freeze_cancel", "what is in the hands of a frozen worker can be cancelled",
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
        new("freeze_create", "a queue made while freezing is frozen",
            """
            wq A freezeable late
            first: freeze
            0: create A, rest, queue A x, sleep 1, thaw
            1: freeze
            """),
        new("freeze_twice", "frozen again while the worker comes out of the last time",
            """
            wq A freezeable
            first: freeze, queue A x
            0: thaw, freeze, rest, thaw
            1: queue A y
            """),

        // ---- Anything ----
        new GeneratedScenario(),
    ];

    public static Scenario? Find(string name)
    {
        foreach (Scenario scenario in All)
        {
            if (scenario.Name == name)
            {
                return scenario;
            }
        }
        return null;
    }
}
