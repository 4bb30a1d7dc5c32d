// SPDX-License-Identifier: GPL-2.0-only
//
// The native work_struct of an item lives in a block of its own, behind a weak handle that leads a worker back
// to the item, and the item's state: what a submitter and a worker hand to and fro is in one cache line, and in one
// more for the root. Three rules keep it safe:
//
//   References. The state counts the native calls that use the block and the
//     accepted queueings that have neither run nor been cancelled. Nothing
//     enters once Disposed is set, so the count then only falls.
//   Root. While the count is not zero, _root, which a handle keeps alive, refers
//     to the item, so a queued item is not collected. An idle one is, unless the
//     program holds it. A field of an object costs less to write than a handle.
//   Release. Block and handles are freed by the finalizer alone: no thread can
//     be inside a method of the item then.
//
// A run takes the tasks that wait for it when it begins: one that is asked for later is of the next run.
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace Workqueues;

public unsafe partial class WorkItem
{
    private const int Disposed = 1;
    private const int Reference = 2;
    private const nuint CacheLine = 64;

    [ThreadStatic]
    private static Frame* t_frames;

    private readonly WorkCallback _callback;
    private Block* _block; // null once finalized
    private readonly WeakGCHandle<WorkItem> _self;
    private readonly Root _root = new();
    private readonly GCHandle<Root> _rootHandle;
    private volatile Exception? _lastException;
    private TaskCompletionSource? _nextRun;

    /// <summary>Makes the block; the caller initialises its native part.</summary>
    private protected WorkItem(WorkCallback callback, int nativeBytes)
    {
        _callback = callback;
        _block = (Block*)NativeMemory.AlignedAlloc((nuint)(sizeof(Block) + nativeBytes), CacheLine);
        *_block = default; // first: the finalizer looks there if a handle is not to be had
        _self = new WeakGCHandle<WorkItem>(this, trackResurrection: true);
        _rootHandle = new GCHandle<Root>(_root);
        _block->Item = WeakGCHandle<WorkItem>.ToIntPtr(_self);
    }

    /// <summary>Frees what a dropped item holds. A queued one is not dropped: see the file's head.</summary>
    ~WorkItem()
    {
        if (_block == null)
            return; // the constructor threw before there was anything
        // Another object's finalizer may have queued the item: then it lives on until it has run.
        if (Interlocked.CompareExchange(ref _block->State, Disposed, 0) >= Reference)
        {
            GC.ReRegisterForFinalize(this);
            return;
        }
        NativeMemory.AlignedFree(_block);
        _block = null; // another object's finalizer may still call
        if (_self.IsAllocated)
            _self.Dispose();
        if (_rootHandle.IsAllocated)
            _rootHandle.Dispose();
    }

    /// <summary>Whether the calling thread is a worker that runs an item of this assembly.</summary>
    internal static bool IsWorkerThread => t_frames != null;

    /// <summary>Whether <see cref="Dispose"/> has begun.</summary>
    private protected bool IsDisposed => (Volatile.Read(ref _block->State) & Disposed) != 0;

    /// <summary>The native item; to be used between <see cref="TryEnter"/> and <see cref="Leave"/>.</summary>
    private protected WorkStruct* Work => (WorkStruct*)(_block + 1);

    /// <summary>What the library calls.</summary>
    private protected static delegate* unmanaged[Cdecl]<WorkStruct*, void> Trampoline => &RunOnWorker;

    /// <summary>The library's cancel that waits.</summary>
    private protected virtual bool CancelNative() => NativeMethods.cancel_work_sync(Work);

    /// <summary>Stops a delay that runs, without waiting for an item; true if there was one.</summary>
    private protected virtual bool CancelDelay() => false;

    /// <summary>Takes a reference, or returns false if the item was disposed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected bool TryEnter()
    {
        Block* block = _block;
        if (block == null)
            return false;
        int old = Volatile.Read(ref block->State);
        while ((old & Disposed) == 0)
        {
            int seen = Interlocked.CompareExchange(ref block->State, old + Reference, old);
            if (seen == old)
            {
                // No loop as in ReleaseRoot: the caller's own reference keeps the count up, and the library's
                // call that leads to the next ReleaseRoot is a barrier.
                if (old < Reference)
                    Volatile.Write(ref _root.Item, this);
                return true;
            }
            old = seen;
        }
        return false;
    }

    /// <summary>Gives a reference up.</summary>
    private protected void Leave()
    {
        int now = Interlocked.Add(ref _block->State, -Reference);
        if (now < Reference)
            ReleaseRoot();
    }

    /// <summary>A queueing was taken back: the reference and the waiters that it had are let go.</summary>
    private protected void QueueingCancelled()
    {
        CancelWaiters();
        Leave();
    }

    /// <summary>The run that tasks wait for will not come.</summary>
    private protected void CancelWaiters() => TakeWaiters()?.TrySetCanceled();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RunOnWorker(WorkStruct* work)
    {
        var self = WeakGCHandle<WorkItem>.FromIntPtr(((Block*)work)[-1].Item);
        if (!self.TryGetTarget(out WorkItem? item))
            Environment.FailFast("BUG: a work item was collected while it was queued");

        Frame frame = new() { Outer = t_frames, Work = work };
        t_frames = &frame;
        item.RunInOwnContext();
        t_frames = frame.Outer;
        if (frame.Flushes != 0)
            CompleteFlushes(frame.Flushes);
        item.Leave();
    }

    // What a callback has set for its thread, AsyncLocals among it, is neither for the next item's nor, if it has
    // flushed the queue, for those within its own.
    private void RunInOwnContext()
    {
        ExecutionContext? context = ExecutionContext.Capture();
        SynchronizationContext? synchronization = SynchronizationContext.Current;
        if (synchronization != null)
            SynchronizationContext.SetSynchronizationContext(null);
        Run();
        if (SynchronizationContext.Current != synchronization)
            SynchronizationContext.SetSynchronizationContext(synchronization);
        if (context != null && ExecutionContext.Capture() != context)
            ExecutionContext.Restore(context);
    }

    private void Run()
    {
        // Queued while Dispose cancelled: the promise that no run begins is kept here.
        if (IsDisposed)
            return;
        TaskCompletionSource? waiters = TakeWaiters();
        try
        {
            _callback.Invoke();
            waiters?.TrySetResult();
        }
        catch (Exception e)
        {
            Deliver(e);
            if (waiters != null && waiters.TrySetException(e))
                _ = waiters.Task.Exception; // it has been delivered, and need not be observed
        }
    }

    private void Deliver(Exception e)
    {
        _lastException = e;
        Raise(Failed, e);
        Raise(AnyFailed, e);
    }

    private void Raise(EventHandler<WorkItemFailedEventArgs>? handlers, Exception e)
    {
        try
        {
            handlers?.Invoke(this, new WorkItemFailedEventArgs(e));
        }
        catch (Exception thrownByHandler)
        {
            _lastException = new AggregateException(_lastException!, thrownByHandler);
        }
    }

    /// <summary>Cancels within the caller's reference. A cancelled queueing gives up the one that it held.</summary>
    private bool CancelEntered()
    {
        TellCancelled();
        bool wasPending = CancelNative();
        _callback.CancelEnds();
        if (wasPending)
            QueueingCancelled();
        return wasPending;
    }

    // What the callback has registered with its token is called here: if it throws, it is the callback that failed.
    private void TellCancelled()
    {
        try
        {
            _callback.CancelBegins();
        }
        catch (Exception e)
        {
            Deliver(e);
        }
    }

    /// <summary>
    /// Whether the item's callback is on this thread's stack, perhaps below other items' that it flushed.
    /// </summary>
    internal bool IsRunningHere()
    {
        for (Frame* frame = t_frames; frame != null; frame = frame->Outer)
        {
            if (frame->Work == Work)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Tells, without a thread that waits, when all that has been queued on a queue of one thread has finished: an
    /// item of our own comes behind it.
    /// </summary>
    internal static Task FlushAsync(Workqueue queue)
    {
        TaskCompletionSource flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            Create(CompleteFlush, flushed).TryQueue(queue);
        }
        catch (ObjectDisposedException e)
        {
            flushed.SetException(e);
        }
        return flushed.Task;
    }

    // Within a callback that flushes the queue itself, that callback is one of those to wait for.
    private static void CompleteFlush(TaskCompletionSource flushed)
    {
        Frame* outermost = t_frames;
        while (outermost->Outer != null)
            outermost = outermost->Outer;
        if (outermost == t_frames)
        {
            flushed.SetResult();
            return;
        }
        if (outermost->Flushes == 0)
            outermost->Flushes = GCHandle<List<TaskCompletionSource>>.ToIntPtr(new([]));
        GCHandle<List<TaskCompletionSource>>.FromIntPtr(outermost->Flushes).Target.Add(flushed);
    }

    private static void CompleteFlushes(nint flushes)
    {
        var handle = GCHandle<List<TaskCompletionSource>>.FromIntPtr(flushes);
        handle.Target.ForEach(static flushed => flushed.SetResult());
        handle.Dispose();
    }

    private TaskCompletionSource NextRun()
    {
        TaskCompletionSource? next = Volatile.Read(ref _nextRun);
        if (next == null)
        {
            TaskCompletionSource made = new(TaskCreationOptions.RunContinuationsAsynchronously);
            next = Interlocked.CompareExchange(ref _nextRun, made, null) ?? made;
        }
        // Dispose sets its mark before it takes the waiters, and these are there before the mark is read.
        Interlocked.MemoryBarrier();
        if (_block == null || IsDisposed)
        {
            CancelWaiters();
            throw new ObjectDisposedException(GetType().FullName);
        }
        return next;
    }

    // The plain read comes first: most runs have nobody waiting, and an exchange costs more than they do.
    private TaskCompletionSource? TakeWaiters() =>
        Volatile.Read(ref _nextRun) == null ? null : Interlocked.Exchange(ref _nextRun, null);

    // Several threads may be here at once, one of them with an old count. The last to write compares the
    // count afterwards, so what it leaves behind is right; until then it keeps the item alive itself.
    private void ReleaseRoot()
    {
        bool used;
        do
        {
            used = Volatile.Read(ref _block->State) >= Reference;
            Volatile.Write(ref _root.Item, used ? this : null);
            Interlocked.MemoryBarrier(); // the write above before the read below
        }
        while (used != Volatile.Read(ref _block->State) >= Reference);
        GC.KeepAlive(this);
    }

    /// <summary>What precedes the native item: 16 bytes.</summary>
    private struct Block
    {
        public nint Item; // the weak handle
        public int State; // Disposed, plus Reference for each reference
    }

    /// <summary>What keeps a queued item alive.</summary>
    private sealed class Root
    {
        public WorkItem? Item;
    }

    /// <summary>One callback on the stack of a worker.</summary>
    private struct Frame
    {
        public Frame* Outer;
        public WorkStruct* Work;
        public nint Flushes; // a handle of the flushes that end with this callback, or 0
    }
}
