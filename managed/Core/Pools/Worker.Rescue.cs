// SPDX-License-Identifier: GPL-2.0-only
// A rescuer: the worker that a queue with WQ_MEM_RECLAIM has of its own, from its making on.
//
// It sleeps until a shared pool that has work of the queue lacks a worker and cannot make
// one. Then it goes from link to link. A pool that lacks a worker it joins, like any
// worker: it is on the pool's list, and its number is in the words of what it runs. But
// it takes only items of its queue, and one at a time, so nothing waits in its hand. When
// the pool lacks nobody any more, or has no such item, it leaves between two items.
//
// A rescuer never counts as running, so that the pool goes on trying to make a worker:
// IsBlocked is always on.
//
// It is called by one word. The caller sets it under the pool's lock, with the item on the
// list; the rescuer turns it off before it looks. So it sees the item, or looks again.
// Locks: the pools'. Kernel counterparts: rescuer_thread, init_rescuer, send_mayday.

using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

internal unsafe partial struct Worker
{
    /// <summary>Gives a new queue its rescuer. The queue has a link, and nobody else knows it.</summary>
    /// <returns>None, or why there is no thread.</returns>
    // A timer's thread is there from then on, too: it looks at pools whose worker waits, when no thread can be started.
    public static Errno StartRescuer(Workqueue* wq)
    {
        if (TimerBase.Ensure(TimerBase.AnyCpu, out Errno error) == null)
        {
            return error;
        }
        Worker* worker = Alloc(Workqueue.FirstOf(wq)->Pool);
        if (worker == null)
        {
            return Errno.ENOMEM;
        }
        worker->Rescues = wq;
        worker->IsBlocked = true;
        worker->_start.Func = (ThreadFunc)(delegate*<void*, void*>)&RescuerThread;
        worker->_start.Argument = worker;
        error = worker->Runner <= WorkWord.MaxRunner ? PThread.Create(&worker->_thread, cpu: -1, &worker->_start) : Errno.ENOMEM;
        if (error != Errno.None)
        {
            Free(worker);
            return error;
        }
        wq->Rescuer = worker;
        return Errno.None;
    }

    /// <summary>Ends the rescuer of a queue that has nothing in its pools any more, if it has one. Blocks.</summary>
    public static void EndRescuer(Workqueue* wq, WaitCall call)
    {
        Worker* rescuer = wq->Rescuer;
        if (rescuer != null)
        {
            wq->Rescuer = null;
            RequestStop(rescuer);
            CallRescuer(rescuer);
            Join(rescuer, call);
            Free(rescuer); // A call that comes too late meets a worker that does not look at the word, or looks in vain.
        }
    }

    /// <summary>Has a rescuer look at the pools of its queue.</summary>
    public static void CallRescuer(Worker* rescuer)
    {
        if (Atomic.Exchange(&rescuer->_isCalled, 1) == 0)
        {
            Futex.Wake(&rescuer->_isCalled, 1);
        }
    }

    /// <summary>Is the caller a rescuer?</summary>
    public static bool IsRescuer => CurrentWorker != null && CurrentWorker->Rescues != null;

    private static void* RescuerThread(void* argument)
    {
        Worker* rescuer = (Worker*)argument;
        ThreadLocals.SetCurrentWorker(rescuer);
        rescuer->_tid = PThread.CurrentTid();
        WorkerSetup.Enter(rescuer, rescuer->_id, &rescuer->_start, rescuer->_hooks, rescuer->_signals);
        while (AwaitCall(rescuer))
        {
            PoolWorkqueue* pwq = Workqueue.FirstOf(rescuer->Rescues);
            for (; pwq != null && !MustStop(rescuer); pwq = pwq->Next)
            {
                Rescue(rescuer, pwq->Pool);
            }
        }
        Watcher.Acquire(&rescuer->_attention);
        *ThreadLocals.CpuHolds() += ThreadLocals.InCpuTransition; // As in WorkerThread.
        ThreadLocals.SetCurrentWorker(null);
        WorkerSetup.Leave(rescuer->_hooks);
        return null;
    }

    // False if it is to end.
    private static bool AwaitCall(Worker* rescuer)
    {
        while (!MustStop(rescuer) && Atomic.Exchange(&rescuer->_isCalled, 0) == 0)
        {
            Futex.Wait(&rescuer->_isCalled, 0);
        }
        return !MustStop(rescuer);
    }

    // In a child that its item has forked it is no worker any more, and the pool is not touched. Else it leaves the pool it has
    // joined, also if it is told to end meanwhile.
    private static void Rescue(Worker* rescuer, WorkerPool* pool)
    {
        if (!WorkerPool.TryJoin(pool, rescuer))
        {
            return;
        }
        WorkerPool.BindRescuer(pool, rescuer);
        do
        {
            while (!rescuer->Batch.IsEmpty)
            {
                ProcessOneWork(rescuer);
            }
        }
        while (CurrentWorker == rescuer && WorkerPool.TryStay(pool, rescuer));
    }
}
