// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using Microsoft.Win32.SafeHandles;

namespace Workqueues;

/// <summary>
/// Owns one native queue. The queue is destroyed when the handle has been disposed (or was
/// dropped) and no native call that uses it is under way. Destroying waits for the queue's
/// items, so only the thread that disposes does it itself; else the thread pool does.
/// </summary>
internal sealed class WorkqueueHandle : SafeHandleZeroOrMinusOneIsInvalid, IThreadPoolWorkItem
{
    private readonly ManualResetEventSlim _destroyed = new();

    // The value is the key once more: the queue there would be kept by each item that ever was on it.
    private readonly ConditionalWeakTable<DelayedWorkItem, DelayedWorkItem> _delayed = [];
    private bool _dropped;
    private int _disposingThread;

    /// <summary>Made by the P/Invoke layer, which fills in the queue's address.</summary>
    public WorkqueueHandle()
        : base(ownsHandle: true)
    {
    }

    /// <summary>
    /// Disposes the handle and waits until the queue is gone. On a worker thread it does not
    /// wait: the worker may be one that has to end first.
    /// </summary>
    internal void DisposeAndWait()
    {
        Volatile.Write(ref _disposingThread, Environment.CurrentManagedThreadId);
        Dispose();
        if (!WorkItem.IsWorkerThread)
            _destroyed.Wait();
    }

    /// <summary>Has the item told when the queue is about to end. The item may be collected all the same.</summary>
    internal void Remember(DelayedWorkItem item) => _delayed.TryAdd(item, item);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _dropped = !disposing;
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        // Here comes whoever lets the handle go last, perhaps a call that must not block.
        bool mayWait = Volatile.Read(ref _disposingThread) == Environment.CurrentManagedThreadId;
        if (mayWait && !_dropped && !WorkItem.IsWorkerThread)
            Destroy();
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => Destroy();

    private void Destroy()
    {
        QueueUse.AwaitNoneOf(handle);
        // A dropped queue has no delay running: the item would refer to it.
        if (!_dropped)
        {
            foreach (KeyValuePair<DelayedWorkItem, DelayedWorkItem> delayed in _delayed)
                delayed.Key.QueueIsEnding(this);
        }
        NativeMethods.destroy_workqueue(handle);
        _destroyed.Set();
    }
}
