// SPDX-License-Identifier: GPL-2.0-only
//
// The runs of an item, on the worker's side. A run takes the tasks that wait for it when it begins: one that is
// asked for later is of the next run.
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace Workqueues;

public unsafe partial class WorkItem
{
    [ThreadStatic]
    private static Frame* t_frames;

    /// <summary>Whether the calling thread is a worker that runs an item of this assembly.</summary>
    internal static bool IsWorkerThread => t_frames != null;

    /// <summary>What the library calls.</summary>
    private protected static delegate* unmanaged[Cdecl]<WorkStruct*, void> Trampoline => &RunOnWorker;

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
    /// item of our own comes behind it. Null if the queue refuses it, as it is being drained.
    /// </summary>
    internal static Task? FlushQueueAsync(Workqueue queue)
    {
        TaskCompletionSource flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            if (!Create(CompleteFlush, flushed).TryQueue(queue))
                return null;
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

    /// <summary>The library's cancel that waits.</summary>
    private protected virtual bool CancelNative() => NativeMethods.cancel_work_sync(Work);

    /// <summary>The run that tasks wait for will not come.</summary>
    private protected void CancelWaiters() => TakeWaiters()?.TrySetCanceled();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RunOnWorker(WorkStruct* work)
    {
        var self = WeakGCHandle<WorkItem>.FromIntPtr(((nint*)work)[-1]);
        if (!self.TryGetTarget(out WorkItem? item))
            Environment.FailFast("BUG: a work item was collected while it was queued");

        Frame frame = new() { Outer = t_frames, Work = work };
        t_frames = &frame;
        item.RunInOwnContext();
        t_frames = frame.Outer;
        if (frame.Flushes != 0)
            CompleteFlushes(frame.Flushes);
        GC.KeepAlive(item); // until here: a sweep that finds the worker no longer at the item lets go of it
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

    /// <summary>Has an exception known, as one that the callback threw.</summary>
    internal void Deliver(Exception e)
    {
        _callback.LastException = e;
        Raise(_callback.FailedHandlers, e);
        Raise(AnyFailed, e);
    }

    private void Raise(EventHandler<WorkItemFailedEventArgs>? handlers, Exception e)
    {
        foreach (EventHandler<WorkItemFailedEventArgs> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(this, new WorkItemFailedEventArgs(e));
            }
            catch (Exception thrownByHandler)
            {
                _callback.LastException = new AggregateException(_callback.LastException!, thrownByHandler);
            }
        }
    }

    private TaskCompletionSource NextRun()
    {
        TaskCompletionSource? next = Volatile.Read(ref _callback.NextRun);
        if (next == null)
        {
            TaskCompletionSource made = new(TaskCreationOptions.RunContinuationsAsynchronously);
            next = Interlocked.CompareExchange(ref _callback.NextRun, made, null) ?? made;
        }
        // Dispose sets its mark before it takes the waiters, and these are there before the mark is read.
        if (!TryEnter())
        {
            CancelWaiters();
            throw new ObjectDisposedException(GetType().FullName);
        }
        Leave();
        return next;
    }

    // The plain read comes first: most runs have nobody waiting, and an exchange costs more than they do.
    private TaskCompletionSource? TakeWaiters() =>
        Volatile.Read(ref _callback.NextRun) == null ? null : Interlocked.Exchange(ref _callback.NextRun, null);

    /// <summary>One callback on the stack of a worker.</summary>
    private struct Frame
    {
        public Frame* Outer;
        public WorkStruct* Work;
        public nint Flushes; // a handle of the flushes that end with this callback, or 0
    }
}
