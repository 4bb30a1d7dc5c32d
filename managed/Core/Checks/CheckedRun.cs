// SPDX-License-Identifier: GPL-2.0-only
// An item's function, called with the optional checks around it.
//
// Off the hot path: Worker comes here only while Checks.Any. The item may be gone once
// its function has been called. So what a check needs of it is read before.

using System.Runtime.CompilerServices;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class CheckedRun
{
    /// <summary>For an item the worker has published as CLAIMING. A canceller that has it waits meanwhile.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void BeforeClaim(Worker* worker, Work* work)
    {
        if (Checks.IsOn(Checks.Debug))
        {
            ItemCheck.CheckClaimSlow(worker->Pool, work);
            DebugObjects.RemoveSlow(work);
        }
    }

    /// <summary>Calls the function of a claimed item.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Run(Worker* worker, Work* work, WorkFunc func)
    {
        WorkerPool* pool = worker->Pool;
        if (WqBarrier.IsFunctionOfOne(func))
        {
            func(work);
            return;
        }
        Watcher.Acquire(work);
        RunTidily(worker, work, func);
        Watcher.Release(work);
        Watcher.Release(pool); // For a thread that waits until all runs here have ended.
    }

    private static void RunTidily(Worker* worker, Work* work, WorkFunc func)
    {
        if (!Checks.IsOn(Checks.Debug))
        {
            RunOrdered(worker, work, func);
            return;
        }
        LeakCheck leaks;
        LeakCheck.Enter(&leaks);
        RunOrdered(worker, work, func);
        LeakCheck.Leave(&leaks, func);
    }

    private static void RunOrdered(Worker* worker, Work* work, WorkFunc func)
    {
        if (!Checks.IsOn(Checks.Lockdep) || WqBarrier.IsFunctionOfOne(func))
        {
            func(work);
            return;
        }
        Workqueue* wq = Worker.CurrentPwq(worker)->Wq;
        LockdepRun run = Lockdep.BeginRun(wq, func);
        func(work);
        if (Checks.IsOn(Checks.Lockdep) && HeldLocks.Depth > run.Depth)
        {
            LeakCheck.LeaveLocks(run.Depth, func);
        }
        Lockdep.EndRun(run, wq, func);
    }
}
