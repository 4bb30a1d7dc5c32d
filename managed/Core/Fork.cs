// SPDX-License-Identifier: GPL-2.0-only
// What fork() means for the library: the child starts anew.
//
// Threads do not survive a fork, so in the child every queue of the parent is
// dead: queueing, flushing and destroying it are refused and reported, an item
// that was pending there can be cancelled, and new queues and timers work. The
// parent notices nothing.
//
// No lock is taken for a fork: the program's own handlers run between ours and the
// fork, and may call every function. So the child trusts nothing that a lock guards.
// Whoever held the lock is not in the child, and may have been in the middle of a change:
//
//   1. every lock is free again;
//   2. lists are forgotten: of queues, of free slots, of pending items;
//   3. timer bases are left alone from then on; a timer that is taken from one is not
//      unlinked from its neighbours;
//   4. what is kept is only ever changed by one store: numbers of slots, the workers'
//      settings, the chain of notifiers. Lockdep's tables are kept if nobody was changing
//      them; else it is off in the child.
//
// A handler of the program may also run in the child before ours. The first call that
// it makes has the above done (Settle). No kernel counterpart. Deliberately missing:
// carrying pending work over.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

internal static unsafe class Fork
{
    private static int s_pid;          // Whose process the library's state is of.
    private static bool s_isSettled;   // In a child: before its handler.

    /// <summary>Has every later fork() of the process go through here.</summary>
    public static void Watch()
    {
        s_pid = Libc.getpid();
        AtFork(&Prepare, &Parent, &Child);
    }

    /// <summary>Has the child start anew, if this is one that has not yet. Mostly one load.</summary>
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

    // Not prepared, the library was first used after that: in the parent, or in the child itself, by a handler.
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
        Freezer.Abandon();
        WorkerSetup.Abandon();
        Lockdep.Abandon();
        Cancel.Abandon();
        if (Engine.IsReady)
        {
            Hotplug.Abandon();
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
