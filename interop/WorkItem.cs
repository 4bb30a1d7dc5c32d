// SPDX-License-Identifier: GPL-2.0-only
//
// The native work_struct of an item lives in a block of its own, followed by a
// weak handle that leads a worker back to the item. Three rules keep it safe:
//
//   References. _state counts the native calls that use the block and the
//     accepted queueings that have neither run nor been cancelled. Nothing
//     enters once Disposed is set, so the count then only falls, and whoever
//     takes it to zero frees the block.
//   Root. While the count is not zero, _root refers to the item, so a queued
//     item is not collected. An idle one is, unless the program holds it.
//   Handles. They are freed by the finalizer alone: no thread can be inside a
//     method of the item then, hence none can be writing to _root.
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Workqueues;

/// <summary>
/// One piece of work that can be queued on a <see cref="Workqueue"/> again and again. Each accepted
/// queueing calls the item's callback once, on a worker thread of the queue.
/// </summary>
/// <remarks>
/// All members may be used from any thread, the item's own callback included. A queued or running item
/// is not collected, even if the program drops it. The callback does not see the
/// <see cref="ExecutionContext"/> of the code that queued it.
/// </remarks>
public sealed unsafe class WorkItem : IDisposable
{
    private const int Disposed = 1;
    private const int Reference = 2;

    [ThreadStatic]
    private static Frame* t_frames;

    private readonly Delegate _callback;
    private readonly object? _argument;
    private readonly Block* _block;
    private readonly WeakGCHandle<WorkItem> _self;
    private GCHandle<WorkItem?> _root;
    private int _state; // Disposed, plus Reference for each reference
    private volatile Exception? _lastException;

    /// <summary>Makes an idle item.</summary>
    /// <param name="callback">What each run calls.</param>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the native part.</exception>
    public WorkItem(Action callback)
        : this((Delegate)callback, null)
    {
    }

    /// <summary>Makes an idle item whose callback takes an argument, so that the delegate can be static.</summary>
    /// <param name="callback">What each run calls.</param>
    /// <param name="state">Passed to <paramref name="callback"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the native part.</exception>
    public WorkItem(Action<object?> callback, object? state)
        : this((Delegate)callback, state)
    {
    }

    private WorkItem(Delegate callback, object? argument)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _callback = callback;
        _argument = argument;
        _block = (Block*)NativeMemory.Alloc((nuint)sizeof(Block));
        _self = new WeakGCHandle<WorkItem>(this, trackResurrection: true);
        _root = new GCHandle<WorkItem?>(null);
        _block->Item = WeakGCHandle<WorkItem>.ToIntPtr(_self);
        NativeMethods.wq_init_work(&_block->Work, &RunOnWorker);
    }

    /// <summary>Frees what a dropped item holds. A queued one is not dropped: see the file's head.</summary>
    ~WorkItem()
    {
        // Another object's finalizer may have queued the item: then it lives on until it has run.
        int old = Interlocked.CompareExchange(ref _state, Disposed, 0);
        if (old >= Reference)
        {
            GC.ReRegisterForFinalize(this);
            return;
        }
        if (old == 0)
            NativeMemory.Free(_block);
        _self.Dispose();
        _root.Dispose();
    }

    /// <summary>
    /// Raised on the worker thread when the callback threw, before the run counts as finished. What
    /// handlers throw is added to <see cref="LastException"/> and goes no further.
    /// </summary>
    public event EventHandler<WorkItemFailedEventArgs>? Failed;

    /// <summary>
    /// What the callback threw in the latest run that failed, or null. An exception never harms the worker:
    /// it is kept here and delivered by <see cref="Failed"/>, and the next item runs.
    /// </summary>
    public Exception? LastException => _lastException;

    /// <summary>
    /// Whether the item is queued and its run has not begun: a snapshot. False for a disposed item. Never blocks.
    /// </summary>
    public bool IsPending
    {
        get
        {
            if (!TryEnter())
                return false;
            bool pending = NativeMethods.wq_work_pending(&_block->Work);
            Leave();
            return pending;
        }
    }

    /// <summary>Whether the calling thread is a worker that runs an item of this assembly.</summary>
    internal static bool IsWorkerThread => t_frames != null;

    /// <summary>
    /// Queues the item unless it is pending already. Queueing it while it runs gives one more run.
    /// What the caller wrote before the call is visible to that run, also if the call returns false.
    /// </summary>
    /// <remarks>Never blocks and allocates nothing.</remarks>
    /// <param name="queue">Where to run it.</param>
    /// <returns>True if the item was queued, false if it was pending, here or on another queue.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="queue"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The item or the queue was disposed.</exception>
    public bool TryQueue(Workqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        bool queued = false;
        try
        {
            queued = queue.Queue(&_block->Work);
        }
        finally
        {
            if (!queued)
                Leave();
        }
        return queued;
    }

    /// <summary>
    /// Takes the item off its queue if it is pending, then waits until no worker of the queue it was last
    /// queued on is inside its callback. Holds even if the callback queues the item again. What the last run
    /// wrote is visible to the caller.
    /// </summary>
    /// <remarks>
    /// Blocks while the callback runs, so the caller must not hold a lock that the callback takes. From the
    /// item's own callback it does not wait for that run, and the library reports the call.
    /// </remarks>
    /// <returns>True if the item was pending and now will not run, false if it was idle or only running.</returns>
    /// <exception cref="ObjectDisposedException">The item was disposed.</exception>
    public bool CancelAndWait()
    {
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        bool wasPending = CancelEntered();
        Leave();
        return wasPending;
    }

    /// <summary>
    /// Cancels the item as <see cref="CancelAndWait"/> does and releases what it holds. No run begins
    /// afterwards, even if another thread was queueing the item at that moment.
    /// </summary>
    /// <remarks>
    /// Blocks while the callback runs. From a callback of the item it does not wait, and the item is released
    /// when that run ends. May be called more than once; only the first call waits.
    /// </remarks>
    public void Dispose()
    {
        if (!TryEnter())
            return;
        bool first = (Interlocked.Or(ref _state, Disposed) & Disposed) == 0;
        if (first && !IsRunningHere())
            CancelEntered();
        Leave();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RunOnWorker(WorkStruct* work)
    {
        var self = WeakGCHandle<WorkItem>.FromIntPtr(((Block*)work)->Item);
        if (!self.TryGetTarget(out WorkItem? item))
            Environment.FailFast("BUG: a work item was collected while it was queued");

        Frame frame = new() { Outer = t_frames, Work = work };
        t_frames = &frame;
        item.Run();
        t_frames = frame.Outer;
        item.Leave();
    }

    private void Run()
    {
        // Queued while Dispose cancelled: the promise that no run begins is kept here.
        if ((Volatile.Read(ref _state) & Disposed) != 0)
            return;
        try
        {
            if (_callback is Action action)
                action();
            else
                ((Action<object?>)_callback)(_argument);
        }
        catch (Exception e)
        {
            Deliver(e);
        }
    }

    private void Deliver(Exception e)
    {
        _lastException = e;
        try
        {
            Failed?.Invoke(this, new WorkItemFailedEventArgs(e));
        }
        catch (Exception thrownByHandler)
        {
            _lastException = new AggregateException(e, thrownByHandler);
        }
    }

    /// <summary>Cancels within the caller's reference. A cancelled queueing gives up the one that it held.</summary>
    private bool CancelEntered()
    {
        bool wasPending = NativeMethods.cancel_work_sync(&_block->Work);
        if (wasPending)
            Leave();
        return wasPending;
    }

    /// <summary>
    /// Whether the item's callback is on this thread's stack, perhaps below other items' that it flushed.
    /// </summary>
    private bool IsRunningHere()
    {
        for (Frame* frame = t_frames; frame != null; frame = frame->Outer)
        {
            if (frame->Work == &_block->Work)
                return true;
        }
        return false;
    }

    private bool TryEnter()
    {
        int old = Volatile.Read(ref _state);
        while ((old & Disposed) == 0)
        {
            int seen = Interlocked.CompareExchange(ref _state, old + Reference, old);
            if (seen == old)
            {
                if (old < Reference)
                    SyncRoot();
                return true;
            }
            old = seen;
        }
        return false;
    }

    private void Leave()
    {
        int now = Interlocked.Add(ref _state, -Reference);
        if (now >= Reference)
            return;
        SyncRoot();
        if (now == Disposed)
            NativeMemory.Free(_block);
    }

    // Several threads may be here at once, one of them with an old count. The last to write compares the
    // count afterwards, so what it leaves behind is right; until then it keeps the item alive itself.
    private void SyncRoot()
    {
        bool used;
        do
        {
            used = Volatile.Read(ref _state) >= Reference;
            _root.Target = used ? this : null;
            Interlocked.MemoryBarrier(); // the write above before the read below
        }
        while (used != Volatile.Read(ref _state) >= Reference);
        GC.KeepAlive(this);
    }

    /// <summary>What the library and the trampoline see of an item.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Block
    {
        public WorkStruct Work;
        public nint Item;
    }

    /// <summary>One callback on the stack of a worker.</summary>
    private struct Frame
    {
        public Frame* Outer;
        public WorkStruct* Work;
    }
}
