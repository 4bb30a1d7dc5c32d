// SPDX-License-Identifier: GPL-2.0-only
// A worker as others see it: for reports, and for the question what runs.
//
// Most of this may be asked about a worker of any age, by any thread and without a
// lock: Workers, pools and queues are type-stable, a Worker's words are plain, and
// a queue's name always ends within its buffer. The answer may be old.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct Worker
{
    /// <summary>The function of the item that runs, or the last one that did: for reports.</summary>
    public static void* FuncOf(Worker* worker) => worker->_func;

    /// <summary>The item that the calling worker is in calls this function: the one to name in reports.</summary>
    public static void NameRun(void* func) => CurrentWorker->_func = func;

    /// <summary>FuncOf if an item runs, else null. A snapshot, of a worker of any age.</summary>
    public static void* RunningFunc(Worker* worker) => Atomic.Load(&worker->_current) != 0 ? worker->_func : null;

    /// <summary>The item that the worker, of any age, is about to run or runs; null if there is none. A snapshot.</summary>
    public static Work* WorkAtHand(Worker* worker) => (Work*)(Atomic.Load(&worker->_current) & ~Claiming);

    /// <summary>In a forked child, where no worker is left: none is at an item.</summary>
    /// <param name="former">The one whose function has forked, or null: should that return, the thread ends.</param>
    public static void AbandonAll(Worker* former)
    {
        Worker* worker;
        for (nuint i = 1; (worker = (Worker*)TypeStable.At(Slots, i)) != null; i++)
        {
            worker->_current = 0;
        }
        if (former != null)
        {
            former->Batch = default;
            former->_attention = Stop;
            former->IsBlocked = false;
            former->IsIntensive = false;
            WorkerPool.Abandon(former->Pool);
        }
    }

    /// <summary>Is the worker, of any age, to park before its next item, or does it stand still?</summary>
    public static bool IsMarkedFrozen(Worker* worker) =>
        (Atomic.Load(&worker->_attention) & Frozen) != 0 || Atomic.Load(&worker->_parked) != 0;

    /// <summary>Appends the name of the queue the worker works for. For reports: the worker may be of any age.</summary>
    public static void AppendQueueName(ref Report report, Worker* worker)
    {
        PoolWorkqueue* pwq = CurrentPwq(worker);
        if (pwq != null && pwq->Wq != null)
        {
            report.CString(pwq->Wq->Name);
        }
    }

    /// <summary>Appends the thread as pool[/cpu]/tid. For reports: the worker may be of any age.</summary>
    public static void AppendName(ref Report report, Worker* worker)
    {
        WorkerPool* pool = worker->Pool;
        if (pool != null && pool->IsShared)
        {
            report.Text("kworker"u8);
        }
        else if (pool != null && pool->Name != null)
        {
            report.CString(pool->Name);
        }
        if (pool != null && pool->Cpu >= 0)
        {
            report.Text("/"u8);
            report.Decimal(pool->Cpu);
        }
        report.Text("/"u8);
        report.Decimal(worker->_tid);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReportNoFunctionSlow(Worker* worker)
    {
        Report report = default;
        report.Text("workqueue "u8);
        AppendQueueName(ref report, worker);
        report.Text(": an item was given NULL for its function while it was pending: nothing to run"u8);
        Bug.Refuse(ref report);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReportDepthSlow(int depth)
    {
        Report report = default;
        report.Text("run_workqueue: recursion depth exceeded: "u8);
        report.Decimal(depth);
        Stack.Append(ref report);
        Bug.Warn(ref report);
    }
}
