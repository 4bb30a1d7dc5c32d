// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using Microsoft.Win32.SafeHandles;

namespace Workqueues;

/// <summary>
/// Owns one native queue until that is closed; <see cref="QueueMemory"/> frees it. The queue
/// is closed when the handle has been disposed (or was dropped) and no native call that uses it
/// is under way. Closing waits for the queue's items, so only the thread that disposes does it
/// itself; else the thread pool does.
/// </summary>
internal sealed class WorkqueueHandle : SafeHandleZeroOrMinusOneIsInvalid, IThreadPoolWorkItem
{
    private readonly ManualResetEventSlim _closed = new();

    // The value is the key once more: the queue there would be kept by each item that ever was on it.
    private readonly ConditionalWeakTable<DelayedWorkItem, DelayedWorkItem> _delayed = [];
    private Workqueue? _queue; // null: nobody else has the address
    private bool _dropped;
    private int _disposingThread;

    /// <summary>Made by the P/Invoke layer, which fills in the queue's address.</summary>
    public WorkqueueHandle()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Has the queue told before and after the native one is closed; it then frees that.</summary>
    internal void Tell(Workqueue queue) => _queue = queue;

    /// <summary>
    /// Disposes the handle and waits until the queue is closed. On a worker thread it does not
    /// wait: the worker may be one that has to end first.
    /// </summary>
    internal void DisposeAndWait()
    {
        Volatile.Write(ref _disposingThread, Environment.CurrentManagedThreadId);
        Dispose();
        if (!WorkItem.IsWorkerThread)
            _closed.Wait();
    }

    /// <summary>Has the item told when the queue is about to end. The item may be collected all the same.</summary>
    internal void Remember(DelayedWorkItem item) => _delayed.TryAdd(item, item);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _dropped = !disposing;
        _queue?.BeginClose();
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        // Here comes whoever lets the handle go last, perhaps a call that must not block.
        bool mayWait = Volatile.Read(ref _disposingThread) == Environment.CurrentManagedThreadId;
        if (mayWait && !_dropped && !WorkItem.IsWorkerThread)
            End();
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => End();

    private void End()
    {
        // A dropped queue has no delay running: the item would refer to it.
        if (!_dropped)
        {
            foreach (KeyValuePair<DelayedWorkItem, DelayedWorkItem> delayed in _delayed)
                delayed.Key.QueueIsEnding(this);
        }
        if (_queue == null)
        {
            NativeMethods.destroy_workqueue(handle);
        }
        else
        {
            NativeMethods.wq_close_workqueue(handle);
            _queue.EndClose();
        }
        _closed.Set();
    }
}
