// SPDX-License-Identifier: GPL-2.0-only
// The library's entry points for queues and items: check, call, return.
//
// There is one method for each function of native/include/workqueue.h, which documents
// it. Bad arguments are refused here; code below may rely on its pointers. No managed
// exception leaves the library: nothing below throws.

using System.Runtime;
using System.Runtime.CompilerServices;
using Wq.Core;
using Wq.Os;

namespace Wq.Abi;

internal static unsafe class Exports
{
    [RuntimeExport("__create_workqueue_key")]
    private static Workqueue* CreateWorkqueueKey(byte* name, int singleThread, int freezeable, void* key, byte* lockName) =>
        CreateWorkqueue(name, FlagsOf(singleThread != 0, freezeable != 0), key, lockName);

    [RuntimeExport("create_workqueue")]
    private static Workqueue* CreateWorkqueue(byte* name) => CreateWorkqueue(name, WqFlags.None);

    [RuntimeExport("create_singlethread_workqueue")]
    private static Workqueue* CreateSinglethreadWorkqueue(byte* name) => CreateWorkqueue(name, WqFlags.SingleThread);

    [RuntimeExport("create_freezeable_workqueue")]
    private static Workqueue* CreateFreezeableWorkqueue(byte* name) => CreateWorkqueue(name, WqFlags.SingleThread | WqFlags.Freezable);

    [RuntimeExport("create_freezable_workqueue")]
    private static Workqueue* CreateFreezableWorkqueue(byte* name) =>
        CreateWorkqueue(name, WqFlags.SingleThread | WqFlags.Freezable);

    [RuntimeExport("wq_alloc_workqueue")]
    private static Workqueue* AllocWorkqueue(byte* name, uint flags, int maxActive)
    {
        Errno error = Errno.EINVAL;
        Workqueue* wq = null;
        if (name != null)
        {
            error = Errno.ENOMEM;
            wq = Engine.EnsureReady() ? Alloc.AllocWorkqueue(name, (WqFlags)flags, maxActive, out error) : null;
        }
        if (wq == null)
        {
            Libc.Errno = error;
        }
        return wq;
    }

    [RuntimeExport("destroy_workqueue")]
    private static void DestroyWorkqueue(Workqueue* wq)
    {
        if (wq == null)
        {
            return;
        }
        if (Workqueue.SystemNumberOf(wq) >= 0)
        {
            Bug.Refuse("workqueue: destroy_workqueue() of a system queue: refused"u8);
        }
        else if (!Workqueue.IsOne(wq) || !IsThere(wq))
        {
            Bug.Refuse("workqueue: destroy_workqueue() of a queue that was destroyed, or is not of this process"u8);
        }
        else if (Worker.IsOf(wq))
        {
            Bug.Refuse("workqueue: destroy_workqueue() from the queue's own worker: refused"u8);
        }
        else if (!Destroy.DestroyWorkqueue(wq))
        {
            Bug.Refuse("workqueue: destroy_workqueue() of a queue that is being destroyed or closed"u8);
        }
    }

    [RuntimeExport("wq_close_workqueue")]
    private static void CloseWorkqueue(Workqueue* wq)
    {
        if (Workqueue.SystemNumberOf(wq) >= 0)
        {
            Bug.Refuse("workqueue: wq_close_workqueue() of a system queue: refused"u8);
        }
        else if (wq == null || !Workqueue.IsOne(wq) || !IsThere(wq))
        {
            Bug.Refuse("workqueue: wq_close_workqueue() of NULL, or of a queue that was destroyed or is not of this process"u8);
        }
        else if (Worker.IsOf(wq))
        {
            Bug.Refuse("workqueue: wq_close_workqueue() from the queue's own worker: refused"u8);
        }
        else if (!Destroy.CloseWorkqueue(wq))
        {
            Bug.Refuse("workqueue: wq_close_workqueue() of a queue that is closed, or being closed or destroyed"u8);
        }
    }

    [RuntimeExport("workqueue_set_max_active")]
    private static void SetMaxActive(Workqueue* wq, int maxActive)
    {
        if (wq == null || !IsThere(wq))
        {
            Bug.Refuse("workqueue: workqueue_set_max_active() of a queue that is NULL, was destroyed or is not of this process"u8);
            return;
        }
        Limit.SetMaxActive(wq, maxActive);
    }

    [RuntimeExport("workqueue_set_min_active")]
    private static void SetMinActive(Workqueue* wq, int minActive)
    {
        if (wq == null || !IsThere(wq))
        {
            Bug.Refuse("workqueue: workqueue_set_min_active() of a queue that is NULL, was destroyed or is not of this process"u8);
            return;
        }
        Limit.SetMinActive(wq);
    }

    [RuntimeExport("queue_work")]
    private static byte QueueWork(Workqueue* wq, Work* work) =>
        wq != null && work != null ? Bool(Queue.QueueWork(wq, work)) : RefuseNull("workqueue: queue_work() of NULL"u8);

    [RuntimeExport("queue_work_on")]
    private static byte QueueWorkOn(int cpu, Workqueue* wq, Work* work) => wq != null && work != null
        ? Bool(Queue.QueueWorkOn(cpu, wq, work))
        : RefuseNull("workqueue: queue_work_on() of NULL"u8);

    [RuntimeExport("queue_work_node")]
    private static byte QueueWorkNode(int node, Workqueue* wq, Work* work) => wq != null && work != null
        ? Bool(Queue.QueueWorkNode(wq, work))
        : RefuseNull("workqueue: queue_work_node() of NULL"u8);

    [RuntimeExport("flush_workqueue")]
    private static void FlushWorkqueue(Workqueue* wq)
    {
        if (wq == null)
        {
            RefuseNull("workqueue: flush_workqueue() of NULL"u8);
        }
        else if (!IsThere(wq))
        {
            Bug.Refuse("workqueue: flush_workqueue() of a queue that was destroyed, or is not of this process"u8);
        }
        else
        {
            Flush.FlushWorkqueue(wq, WaitCall.FlushWorkqueue);
        }
    }

    [RuntimeExport("drain_workqueue")]
    private static void DrainWorkqueue(Workqueue* wq)
    {
        if (wq == null || !Workqueue.IsOne(wq) || !IsThere(wq))
        {
            Bug.Refuse("workqueue: drain_workqueue() of NULL, or of a queue that was destroyed or is not of this process"u8);
        }
        else if (Worker.IsOf(wq))
        {
            Bug.Refuse("workqueue: drain_workqueue() from the queue's own worker: refused"u8);
        }
        else
        {
            Drain.DrainWorkqueue(wq);
        }
    }

    [RuntimeExport("cancel_work")]
    private static byte CancelWork(Work* work)
    {
        if (work == null)
        {
            return RefuseNull("workqueue: cancel_work() of NULL"u8);
        }
        if (!PoolWorkqueue.IsValid(Work.WordOf(work)))
        {
            return RefuseNull("workqueue: cancel_work() of an item that was never initialised"u8);
        }
        return Bool(Cancel.CancelWork(work));
    }

    [RuntimeExport("cancel_work_sync")]
    private static byte CancelWorkSync(Work* work)
    {
        if (work == null)
        {
            return RefuseNull("workqueue: cancel_work_sync() of NULL"u8);
        }
        if (!PoolWorkqueue.IsValid(Work.WordOf(work)))
        {
            return RefuseNull("workqueue: cancel_work_sync() of an item that was never initialised"u8);
        }
        return Bool(Cancel.CancelWorkSync(work));
    }

    [RuntimeExport("flush_work")]
    private static byte FlushWork(Work* work)
    {
        if (work == null)
        {
            return RefuseNull("workqueue: flush_work() of NULL"u8);
        }
        if (work->Func == null || !PoolWorkqueue.IsValid(Work.WordOf(work)))
        {
            return RefuseNull("workqueue: flush_work() of an item that was never initialised"u8);
        }
        return Bool(Flush.FlushWork(work, WaitCall.FlushWork));
    }

    [RuntimeExport("wq_init_work")]
    private static void InitWork(Work* work, WorkFunc func)
    {
        if (work != null)
        {
            Work.Init(work, func);
        }
    }

    [RuntimeExport("wq_work_pending")]
    private static byte WorkPending(Work* work) => Bool(work != null && Work.IsPending(work));

    [RuntimeExport("wq_work_clear_pending")]
    private static void WorkClearPending(Work* work)
    {
        if (work != null)
        {
            Work.ClearPending(work);
        }
    }

    [RuntimeExport("destroy_work_on_stack")]
    private static void DestroyWorkOnStack(Work* work)
    {
        if (IsPendingThoughGoing(work))
        {
            Cancel.CancelWorkSync(work);
        }
    }

    /// <summary>Is the item pending that is about to leave the stack? With WQ_DEBUG=1 that is looked for, and reported.</summary>
    internal static bool IsPendingThoughGoing(Work* work)
    {
        bool isPending = work != null && Checks.IsOn(Checks.Debug) && PoolWorkqueue.IsValid(Work.WordOf(work)) && Work.IsPending(work);
        if (isPending)
        {
            DebugObjects.ReportGoing(work);
        }
        return isPending;
    }

    // The first call in a forked child notices that the queue is the parent's.
    internal static bool IsThere(Workqueue* wq)
    {
        Fork.Settle();
        return SystemWorkqueues.IsUsable(wq) && Workqueue.IsThere(wq);
    }

    internal static byte Bool(bool value) => value ? (byte)1 : (byte)0;

    /// <summary>What a call returns for an error: 0 or a negative number, as the kernel's do.</summary>
    internal static int Negative(Errno error) => -(int)error;

    internal static void SetErrno(Errno error)
    {
        if (error != Errno.None)
        {
            Libc.Errno = error;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static byte RefuseNull(System.ReadOnlySpan<byte> text)
    {
        Bug.Refuse(text);
        return 0;
    }

    private static WqFlags FlagsOf(bool singleThread, bool freezeable) =>
        freezeable ? WqFlags.SingleThread | WqFlags.Freezable
            : singleThread ? WqFlags.SingleThread : WqFlags.None;

    private static Workqueue* CreateWorkqueue(byte* name, WqFlags flags, void* key = null, byte* keyName = null)
    {
        Errno error = Errno.EINVAL;
        Workqueue* wq = null;
        if (name != null)
        {
            error = Errno.ENOMEM;
            wq = Engine.EnsureReady()
                ? Create.CreateWorkqueue(name, flags, out error)
                : null;
        }
        if (wq == null)
        {
            Libc.Errno = error;
            return null;
        }
        wq->Lockdep.Key = key;
        wq->Lockdep.Name = keyName;
        if (Checks.IsOn(Checks.Lockdep))
        {
            Lockdep.Learn(wq);
        }
        return wq;
    }
}
