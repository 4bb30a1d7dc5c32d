// SPDX-License-Identifier: GPL-2.0-only
// What fork() means for the library: the child starts anew.
//
// Threads do not survive a fork, so in the child every queue of the parent is dead:
// queueing, flushing and destroying it are refused and reported. An item that was pending
// there can be cancelled. New queues and timers work. The parent notices nothing.
//
// No lock is taken for a fork, because the program's own handlers run between the
// library's handler and the fork, and may call every function. So a thread may hold a
// lock, in the middle of a change, and not exist in the child. The child trusts nothing
// that a lock guards:
//
//   1. It makes every lock free.
//   2. It forgets lists: of queues, of free slots, of pending items.
//   3. It leaves timer bases alone from then on. A timer that is taken from one is not
//      unlinked from its neighbours.
//   4. It keeps only what is always changed by one store: numbers of slots, the workers'
//      settings, the chain of notifiers. It keeps lockdep's tables if no thread was
//      changing them; else lockdep is off in the child.
//
// A handler of the program may run in the child before the library's. The first call that
// it makes does the above (Settle). No kernel counterpart. Deliberately missing: carrying
// pending work over.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

internal static unsafe class Fork
{
    private static int s_pid;          // The process that the library's state belongs to.
    private static bool s_isSettled;   // In a child: before the library's handler there.

    /// <summary>Sets the handlers that every later fork() of the process calls.</summary>
    public static void Watch()
    {
        s_pid = Libc.getpid();
        AtFork(&Prepare, &Parent, &Child);
    }

    /// <summary>In a forked child that has not started anew yet: does that. Mostly one load.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Settle()
    {
        if (Checks.IsForking)
        {
            SettleSlow();
        }
    }

    [DllImport("wqglue", EntryPoint = "wq_at_fork")]
    private static extern void AtFork(delegate*<void> prepare, delegate*<void> parent, delegate*<int, void> child);

    private static void Prepare() => Checks.BeginFork();

    private static void Parent() => Checks.EndFork();

    // If Prepare was not called, the library was first used after that: in the parent, or in the child, by a handler.
    private static void Child(int prepared)
    {
        if (!s_isSettled && (prepared != 0 || Libc.getpid() != s_pid))
        {
            StartAnew();
        }
        s_isSettled = false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SettleSlow()
    {
        if (Libc.getpid() != s_pid)
        {
            StartAnew();
            s_isSettled = true;
        }
    }

    private static void StartAnew()
    {
        Worker* former = Worker.CurrentWorker;
        s_pid = Libc.getpid();
        Checks.ForgetForks();
        ThreadLocals.SetCurrentWorker(null);
        *ThreadLocals.InterruptDepth() = 0;
        HeldLocks.LeaveItems();
        Engine.Abandon();
        SystemWorkqueues.Abandon();
        WorkOnCpu.Abandon();
        Freezer.Abandon();
        WorkerSetup.Abandon();
        Lockdep.Abandon();
        Cancel.Abandon();
        Drain.Abandon();
        if (Engine.IsReady)
        {
            Hotplug.Abandon();
            SharedPools.Abandon();
            Membarrier.Init();
            Workqueue.AbandonAll();
            TypeStable.Abandon(WorkerPool.Slots);
            TypeStable.Abandon(Worker.Slots);
            Worker.AbandonAll(former);
            DebugObjects.Abandon();
            TimerBase.AbandonAll();
        }
    }
}
