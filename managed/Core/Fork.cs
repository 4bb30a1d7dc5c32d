// What fork() means for the library: the child starts anew.
//
// Threads do not survive a fork, so in the child every queue of the parent is
// dead: queueing, flushing and destroying it are refused and reported, an item
// that was pending there can be cancelled, and new queues and timers work. The
// parent notices nothing.
//
// fork() calls Prepare, then Parent or Child. Prepare takes, in lock order, every
// lock that guards something the child goes on using, so that it finds lists and
// wheels whole; pool locks are not among them, as the child leaves pools alone.
// Watch comes before the first lock is taken. A fork that began before Watch may
// still find a lock held by a thread the child has not: unlocking is storing
// "free", so Child does right by it too.
// No kernel counterpart. Deliberately missing: carrying pending work over.

using System.Runtime.InteropServices;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

internal static unsafe class Fork
{
    /// <summary>Has every later fork() of the process go through here.</summary>
    public static void Watch() => AtFork(&Prepare, &Parent, &Child);

    [DllImport("wqglue", EntryPoint = "wq_at_fork")]
    private static extern void AtFork(delegate*<void> prepare, delegate*<void> parent, delegate*<void> child);

    private static void Prepare()
    {
        Engine.LockForFork();
        SystemWorkqueues.LockForFork();
        Freezer.LockForFork();
        Hotplug.LockForFork();
        WorkerSetup.LockForFork();
        Lockdep.LockForFork();
        Cancel.LockForFork();
        if (Engine.IsReady)
        {
            TimerBase.LockAllForFork();
            Workqueue.LockSlotsForFork();
            DebugObjects.LockForFork();
        }
    }

    private static void Parent() => Unlock();

    private static void Child()
    {
        ThreadLocals.SetCurrentWorker(null);
        *ThreadLocals.InterruptDepth() = 0;
        HeldLocks.LeaveItems();
        SystemWorkqueues.Abandon();
        Freezer.Abandon();
        if (Engine.IsReady)
        {
            Hotplug.Abandon();
            Membarrier.Init();
            Workqueue.AbandonAll();
            Worker.AbandonAll();
            DebugObjects.Abandon();
        }
        Unlock();
        if (Engine.IsReady)
        {
            TimerBase.AbandonAll();
        }
    }

    private static void Unlock()
    {
        if (Engine.IsReady)
        {
            DebugObjects.UnlockAfterFork();
            Workqueue.UnlockSlotsAfterFork();
            TimerBase.UnlockAllAfterFork();
        }
        Cancel.UnlockAfterFork();
        Lockdep.UnlockAfterFork();
        WorkerSetup.UnlockAfterFork();
        Hotplug.UnlockAfterFork();
        Freezer.UnlockAfterFork();
        SystemWorkqueues.UnlockAfterFork();
        Engine.UnlockAfterFork();
    }
}
