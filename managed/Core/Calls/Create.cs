// SPDX-License-Identifier: GPL-2.0-only
// Making a queue and its workers.
//
// Locks: Hotplug's while the workers of a per-CPU queue start.
// Kernel counterpart: __create_workqueue_key.

using Wq.Os;

namespace Wq.Core;

internal static unsafe class Create
{
    /// <summary>A queue with its workers. Blocks only if that fails, until the workers that were started have ended.</summary>
    /// <returns>Null with <paramref name="error"/> set.</returns>
    public static Workqueue* CreateWorkqueue(byte* name, WqFlags flags, out Errno error)
    {
        Workqueue* wq = Start(name, flags, out error);
        if (error != Errno.None)
        {
            Abort(wq);
            return null;
        }
        return wq;
    }

    /// <summary>
    /// CreateWorkqueue for a caller that holds a lock: what a failure leaves is to be given to Abort without the lock.
    /// </summary>
    public static Workqueue* Start(byte* name, WqFlags flags, out Errno error)
    {
        Workqueue* wq = Workqueue.Alloc(name, flags);
        if (wq == null)
        {
            error = Errno.ENOMEM;
            return null;
        }
        error = flags == WqFlags.None ? Hotplug.Add(wq) : StartSingle(wq);
        if (error != Errno.None)
        {
            return wq;
        }
        if ((flags & WqFlags.Freezable) != 0)
        {
            Freezer.Add(wq);
        }
        QueueLife.Begin(&wq->Life);
        return wq;
    }

    /// <summary>Ends what a Start that failed has left, if anything. Blocks until its workers have ended.</summary>
    public static void Abort(Workqueue* wq)
    {
        if (wq == null)
        {
            return;
        }
        Destroy.JoinWorkers(wq, WaitCall.DestroyWorkqueue);
        Destroy.ReapWorkers(wq);
        if (wq->Flags == WqFlags.None)
        {
            Hotplug.ReportFailed(wq->Name, wq->FailedCpu);
        }
        Destroy.Free(wq);
    }

    private static Errno StartSingle(Workqueue* wq)
    {
        PoolWorkqueue* pwq = PrivatePool.Create(wq, cpu: -1);
        if (pwq == null)
        {
            return Errno.ENOMEM;
        }
        Workqueue.SetSingle(wq, pwq);
        return WorkerPool.Start(pwq->Pool);
    }
}
