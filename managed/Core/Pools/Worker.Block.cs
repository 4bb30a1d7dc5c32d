// SPDX-License-Identifier: GPL-2.0-only
// A worker of a shared pool tells it that it waits inside its item, and that it goes on.
//
// Begin and end nest. From the first begin to the last end the worker does not count as
// running, and has nothing in hand: what it held is put back, and what its item queues goes
// to the inbox. A worker that was told to begin by the program is called too: so what the
// item leaves begun is undone before the next item.
// No locks here. Kernel counterparts: wq_worker_sleeping, wq_worker_running.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct Worker
{
    /// <summary>The calling thread is about to wait. Does nothing if it is no worker of a shared pool.</summary>
    public static void BeginBlock()
    {
        Worker* worker = CurrentWorker;
        if (worker != null && worker->Pool->IsShared && worker->_blockDepth++ == 0)
        {
            WorkerPool.BeginBlock(worker->Pool, worker);
        }
    }

    /// <summary>The wait is over.</summary>
    public static void EndBlock()
    {
        Worker* worker = CurrentWorker;
        if (worker != null && worker->Pool->IsShared && --worker->_blockDepth == 0)
        {
            WorkerPool.EndBlock(worker->Pool, worker);
        }
    }

    /// <summary>BeginBlock for the program, which may forget the end.</summary>
    public static void TellBlock()
    {
        Worker* worker = CurrentWorker;
        if (worker != null && worker->Pool->IsShared)
        {
            Call(worker);
            BeginBlock();
        }
    }

    /// <summary>EndBlock for the program. False if there is nothing to end.</summary>
    public static bool TellEndOfBlock()
    {
        Worker* worker = CurrentWorker;
        bool isWrong = worker != null && worker->Pool->IsShared && worker->_blockDepth == 0;
        if (!isWrong)
        {
            EndBlock();
        }
        return !isWrong;
    }

    // The function has returned and left some begun. The caller has the worker count as running again.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetBlocksSlow(Worker* worker)
    {
        Report report = default;
        report.Text("BUG: workqueue leaked wq_blocking_begin(): "u8);
        AppendName(ref report, worker);
        report.Text(", depth "u8);
        report.Decimal(worker->_blockDepth);
        report.Text(", last function: "u8);
        Bug.AppendSymbol(ref report, worker->_func);
        worker->_blockDepth = 0;
        Bug.Warn(ref report);
    }
}
