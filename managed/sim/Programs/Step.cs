// SPDX-License-Identifier: GPL-2.0-only
// One call of a program, as its threads and its items' functions make them.

namespace Wq.Sim;

internal enum Verb
{
    Queue,        // queue_work_on(CPU or the caller's, wq, item)
    Delay,        // queue_delayed_work_on(CPU or any, wq, item, jiffies)
    Mod,          // mod_delayed_work_on(CPU or any, wq, item, jiffies)
    Recall,       // cancel_work(item)
    Cancel,       // cancel_work_sync(item)
    CancelTimer,  // cancel_delayed_work(item)
    CancelDelayed, // cancel_delayed_work_sync(item)
    Disable,      // disable_work(item)
    DisableSync,  // disable_work_sync(item)
    Enable,       // enable_work(item)
    Flush,        // flush_workqueue(wq), or without a queue flush_scheduled_work()
    FlushWork,    // flush_work(item)
    FlushDelayed, // flush_delayed_work(item)
    Drain,        // drain_workqueue(wq)
    Create,       // create_*workqueue()
    Destroy,      // destroy_workqueue(wq)
    Close,        // wq_close_workqueue(wq)
    Limit,        // workqueue_set_max_active(wq, number)
    Congested,    // workqueue_congested(CPU or the caller's, wq)
    Freeze,       // freeze_workqueues_begin()
    Rest,         // wait while freeze_workqueues_busy()
    Thaw,         // thaw_workqueues()
    Up,           // wq_cpu_up(CPU)
    Down,         // wq_cpu_down(CPU)
    Rescan,       // wq_cpu_rescan()
    Allow,        // the process may use these CPUs from now on: a mask
    Hold,         // get_online_cpus()
    Release,      // put_online_cpus()
    Each,         // schedule_on_each_cpu()
    Schedule,     // schedule_work(item)
    Free,         // give the item's memory back
    Reclaim,      // give it back if it is neither pending nor among wq_running_works()
    Await,        // wait until the item's function has begun
    Block,        // the same, asleep
    Move,         // go to another CPU
    Sleep,        // jiffies
    Burn,         // compute for so many milliseconds
    Stand,        // try_to_freeze()
    Tell,         // wq_blocking_begin(); the worker does not count as running then
    GoOn,         // wq_blocking_end()
    Yield,
}

internal readonly record struct Step(Verb Verb, int Queue = -1, int Item = -1, int Cpu = -1, int Jiffies = 0);
