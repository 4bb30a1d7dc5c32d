// SPDX-License-Identifier: GPL-2.0-only
// Scenarios about when items run: those of the kernel's workqueue.rst, with its own times.
//
// "w0 burns CPU for 5ms then sleeps for 10ms then burns CPU for 5ms again before finishing. w1 and w2 burn CPU for 5ms then
// sleep for 10ms." They are x, y and z here, on one CPU. The thread that queues them sleeps until all is over, as the
// choices of a run end with its last thread.
//
// A batch has room for two here, and what a worker has in hand when it sleeps goes behind what is on the list by then. So z
// is queued when x has begun, at the same time: it is in the inbox then, and behind y.

namespace Wq.Sim;

internal static class TimeScenarios
{
    public static readonly Scenario[] All =
    [
        new("time_original", "workqueue.rst: the original queue runs one item after another",
            """
            cpus 1
            wq A percpu
            0: queue A x, queue A y, queue A z, sleep 60
            x*1: burn 5, tell, sleep 10, goon, burn 5
            y*1: burn 5, tell, sleep 10, goon
            z*1: burn 5, tell, sleep 10, goon
            at 0 x starts
            at 5 x sleeps
            at 15 x wakes
            at 20 x finishes
            at 20 y starts
            at 25 y sleeps
            at 35 y wakes
            at 35 y finishes
            at 35 z starts
            at 40 z sleeps
            at 50 z wakes
            at 50 z finishes
            then x finishes, y starts
            then y finishes, z starts
            """),
        new("time_max_three", "workqueue.rst: with max_active of three, the next one starts when one sleeps",
            """
            cpus 1
            wq A shared 3
            0: queue A x, queue A y, queue A z, sleep 40
            x*1: burn 5, tell, sleep 10, goon, burn 5
            y*1: burn 5, tell, sleep 10, goon
            z*1: burn 5, tell, sleep 10, goon
            at 0 x starts
            at 5 x sleeps
            at 5 y starts
            at 10 y sleeps
            at 10 z starts
            at 15 z sleeps
            at 15 x wakes
            at 20 x finishes
            at 20 y wakes
            at 20 y finishes
            at 25 z wakes
            at 25 z finishes
            then x sleeps, y starts
            then y sleeps, z starts
            """),
        new("time_max_two", "workqueue.rst: with max_active of two, the third item waits until one has finished",
            """
            cpus 1
            wq A shared 2
            0: queue A x, queue A y, queue A z, sleep 50
            x*1: burn 5, tell, sleep 10, goon, burn 5
            y*1: burn 5, tell, sleep 10, goon
            z*1: burn 5, tell, sleep 10, goon
            at 0 x starts
            at 5 x sleeps
            at 5 y starts
            at 10 y sleeps
            at 15 x wakes
            at 20 x finishes
            at 20 y wakes
            at 20 y finishes
            at 20 z starts
            at 25 z sleeps
            at 35 z wakes
            at 35 z finishes
            then x sleeps, y starts
            """),
        new("time_intensive", "workqueue.rst: two that are CPU-intensive start together, and share the CPU",
            """
            cpus 1
            wq A shared 3
            wq B intensive 3
            0: queue A x, queue B y, queue B z, sleep 40
            x*1: burn 5, tell, sleep 10, goon, burn 5
            y*1: burn 5, tell, sleep 10, goon
            z*1: burn 5, tell, sleep 10, goon
            at 0 x starts
            at 5 x sleeps
            at 5 y starts
            at 5 z starts
            at 10 to 15 y sleeps
            at 10 to 15 z sleeps
            at 15 x wakes
            at 20 x finishes
            at 20 to 25 y finishes
            at 20 to 25 z finishes
            then x sleeps, y starts
            then x sleeps, z starts
            """),
        new("time_untold", "the same as with three, but nobody tells that it sleeps: a look finds it",
            """
            cpus 1
            wq A shared 3
            0: queue A x, queue A y, queue A z, sleep 50
            x*1: burn 5, sleep 10, burn 5
            y*1: burn 5, sleep 10
            z*1: burn 5, sleep 10
            at 0 x starts
            at 5 x sleeps
            at 5 to 8 y starts
            at 10 to 13 y sleeps
            at 10 to 16 z starts
            at 15 to 25 z sleeps
            at 15 x wakes
            at 20 to 25 x finishes
            at 20 to 23 y finishes
            at 25 to 35 z finishes
            then x sleeps, y starts within 3
            then y sleeps, z starts within 3
            """),
        new("time_hog", "an item that has computed for 10 ms holds up others no more",
            """
            cpus 1
            wq A shared 3
            0: queue A x, queue A y, sleep 40
            x*1: burn 20
            y*1: burn 1
            at 0 x starts
            at 10 to 14 y starts
            at 20 x finishes
            at 21 y finishes
            """),
        new("time_told_queues", "what an item queues while it waits starts when the pool's other item has finished",
            """
            cpus 1
            wq A shared 3
            0: queue A x, block x, queue A z, sleep 40
            x*1: tell, block z, queue A y, sleep 10, goon
            z*1: burn 5
            y*1: burn 2
            at 0 x starts
            at 0 z starts
            at 5 z finishes
            at 5 y starts
            at 7 y finishes
            at 10 x finishes
            then x sleeps, z starts
            then z finishes, y starts
            """),
        new("time_waits_for_cpu", "an item that waits for its CPU does not sleep, and the next one waits for it",
            """
            cpus 1
            wq A percpu
            wq B shared 2
            0: queue A x, block x, sleep 1, queue B y, queue B z, sleep 40
            x*1: burn 8
            y*1: burn 4
            z*1: burn 1
            at 0 x starts
            at 1 y starts
            at 8 x finishes
            at 5 to 12 y finishes
            at 5 to 12 z starts
            then y finishes, z starts
            """),
    ];
}
