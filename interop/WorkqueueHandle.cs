// SPDX-License-Identifier: GPL-2.0-only
using System.Threading;
using Microsoft.Win32.SafeHandles;

namespace Workqueues;

/// <summary>
/// Owns one native queue. The queue is destroyed when the handle has been disposed (or was
/// dropped) and no native call that uses it is under way. Destroying waits for the queue's
/// items, so a worker or the finalizer thread never does it itself: the thread pool does.
/// </summary>
internal sealed class WorkqueueHandle : SafeHandleZeroOrMinusOneIsInvalid, IThreadPoolWorkItem
{
    private readonly ManualResetEventSlim _destroyed = new();
    private bool _dropped;

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
        Dispose();
        if (!WorkItem.IsWorkerThread)
            _destroyed.Wait();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _dropped = !disposing;
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        if (_dropped || WorkItem.IsWorkerThread)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        else
            Destroy();
        return true;
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => Destroy();

    private void Destroy()
    {
        NativeMethods.destroy_workqueue(handle);
        _destroyed.Set();
    }
}
