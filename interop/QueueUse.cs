// SPDX-License-Identifier: GPL-2.0-only
//
// Keeps a queue from ending between a thread's look at it and its call of queue_work(). A SafeHandle does so with two
// atomic operations per call, which cost as much as queue_work() itself. Here a thread announces the queue in a cell of
// its own with a plain store, then looks whether the queue is closed. Whoever closes it has every thread's stores made
// visible (a barrier on all CPUs, which is slow and made once per queue) and waits until no cell names the queue:
// either the thread sees that it is closed, or the closer sees the cell.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;

namespace Workqueues;

/// <summary>One thread's announcement of the queue that it is about to queue on.</summary>
internal sealed unsafe partial class QueueUse
{
    private const int FirstPurge = 64;

    // Threads come and go; the cell of one that is gone is collected.
    private static readonly List<WeakReference<QueueUse>> s_all = [];
    private static int s_purgeAt = FirstPurge;

    [ThreadStatic]
    private static QueueUse? t_own;

    private nint _queue; // 0: none

    /// <summary>What became of <see cref="Queue"/>.</summary>
    internal enum Outcome
    {
        /// <summary>It was pending.</summary>
        Refused,

        /// <summary>It was queued.</summary>
        Queued,

        /// <summary>The queue is closed.</summary>
        Closed,
    }

    /// <summary>Queues an item whose memory the caller keeps alive. Never blocks.</summary>
    internal static Outcome Queue(WorkqueueHandle handle, WorkStruct* work)
    {
        QueueUse own = t_own ?? Register();
        if (own._queue != 0)
            return QueueNested(handle, work);
        nint queue = handle.DangerousGetHandle();
        Volatile.Write(ref own._queue, queue);
        bool closed = handle.IsClosed;
        bool queued = !closed && QueueWork(queue, work);
        Volatile.Write(ref own._queue, 0);
        GC.KeepAlive(handle);
        return queued ? Outcome.Queued : closed ? Outcome.Closed : Outcome.Refused;
    }

    /// <summary>Waits until no other thread is about to use a queue whose handle is closed.</summary>
    internal static void AwaitNoneOf(nint queue)
    {
        Interlocked.MemoryBarrierProcessWide();
        lock (s_all)
        {
            foreach (WeakReference<QueueUse> reference in s_all)
            {
                SpinWait spin = default;
                while (reference.TryGetTarget(out QueueUse? use) && use.IsOfOther(queue))
                    spin.SpinOnce();
            }
        }
    }

    private bool IsOfOther(nint queue) => this != t_own && Volatile.Read(ref _queue) == queue;

    // A handler of reports that queues, called from within queue_work().
    private static Outcome QueueNested(WorkqueueHandle handle, WorkStruct* work)
    {
        try
        {
            return NativeMethods.queue_work(handle, work) ? Outcome.Queued : Outcome.Refused;
        }
        catch (ObjectDisposedException)
        {
            return Outcome.Closed;
        }
    }

    private static QueueUse Register()
    {
        QueueUse own = new();
        lock (s_all)
        {
            if (s_all.Count >= s_purgeAt)
            {
                s_all.RemoveAll(r => !r.TryGetTarget(out _));
                s_purgeAt = Math.Max(FirstPurge, 2 * s_all.Count);
            }
            s_all.Add(new WeakReference<QueueUse>(own));
        }
        return t_own = own;
    }

    [LibraryImport(NativeLibraryResolver.Library, EntryPoint = "queue_work")]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool QueueWork(nint queue, WorkStruct* work);
}
