// SPDX-License-Identifier: GPL-2.0-only
// Items run inside another item's function, which flushes its worker's own queue.
//
// The outer items stay visible to cancel and flush in a list of frames on the
// worker's stack. Locks: the pool's, for the list.
// Kernel counterpart: run_workqueue called by flush_cpu_workqueue.

using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

/// <summary>An item whose function is waiting for items run inside it.</summary>
internal unsafe struct RunFrame
{
    public Work* Work;
    public void* Func;
    public WorkWord Claimed;
    public WorkerDesc Desc;
    public RunFrame* Outer;
}

internal unsafe partial struct Worker
{
    /// <summary>RunWorkqueue from inside an item's function, with the item kept visible.</summary>
    public static void RunWorkqueueNested(Worker* worker)
    {
        WorkerPool* pool = worker->Pool;
        RunFrame frame;
        FutexMutex.Lock(&pool->Lock);
        frame.Work = (Work*)worker->_current;
        frame.Func = worker->_func;
        frame.Claimed = worker->_claimed;
        frame.Desc = worker->_desc;
        frame.Outer = worker->_frames;
        worker->_frames = &frame;
        FutexMutex.Unlock(&pool->Lock);
        ForgetDesc(worker);

        Guard.Call((ThreadFunc)(delegate*<void*, void*>)&RunWorkqueueGuarded, worker); // The outer function must not catch what an inner one throws.

        FutexMutex.Lock(&pool->Lock);
        worker->_frames = frame.Outer;
        worker->_func = frame.Func;
        worker->_claimed = frame.Claimed;
        RestoreDesc(worker, &frame.Desc);
        Atomic.Store(&worker->_current, (nuint)frame.Work);
        FutexMutex.Unlock(&pool->Lock);
    }

    private static void* RunWorkqueueGuarded(void* worker)
    {
        RunWorkqueue((Worker*)worker);
        return null;
    }
}
