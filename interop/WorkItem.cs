// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace Workqueues;

/// <summary>
/// One piece of work that can be queued on a <see cref="Workqueue"/> again and again. Each accepted
/// queueing calls the item's callback once, on a worker thread of the queue.
/// </summary>
/// <remarks>
/// All members may be used from any thread, the item's own callback included. A queued or running item
/// is not collected, even if the program drops it. The callback does not see the
/// <see cref="ExecutionContext"/> of the code that queued it, and has no <see cref="SynchronizationContext"/>.
/// </remarks>
public unsafe partial class WorkItem : IDisposable, IAsyncDisposable
{
    /// <summary>Makes an idle item.</summary>
    /// <param name="callback">What each run calls.</param>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the native part.</exception>
    public WorkItem(Action callback)
        : this(new WorkCallback.Plain(NotNull(callback)), sizeof(WorkStruct))
    {
        NativeMethods.wq_init_work(Work, &RunOnWorker);
    }

    /// <summary>Makes an idle item whose callback takes an argument, so that the delegate can be static.</summary>
    /// <param name="callback">What each run calls.</param>
    /// <param name="state">Passed to <paramref name="callback"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the native part.</exception>
    public WorkItem(Action<object?> callback, object? state)
        : this(new WorkCallback.WithState<object?>(NotNull(callback), state), sizeof(WorkStruct))
    {
        NativeMethods.wq_init_work(Work, &RunOnWorker);
    }

    /// <summary>
    /// Makes an idle item whose callback can be asked to stop: while <see cref="CancelAndWait"/> or
    /// <see cref="Dispose"/> waits for a run, that run's token is cancelled.
    /// </summary>
    /// <param name="callback">What each run calls.</param>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the native part.</exception>
    public WorkItem(Action<CancellationToken> callback)
        : this(new WorkCallback.WithToken(NotNull(callback)), sizeof(WorkStruct))
    {
        NativeMethods.wq_init_work(Work, &RunOnWorker);
    }

    private WorkItem(WorkCallback callback)
        : this(callback, sizeof(WorkStruct))
    {
        NativeMethods.wq_init_work(Work, &RunOnWorker);
    }

    /// <summary>
    /// Raised on the worker thread when the callback threw, before the run counts as finished; and on a thread that
    /// cancels, if what the callback has registered with its token threw. What handlers throw is added to
    /// <see cref="LastException"/> and goes no further.
    /// </summary>
    public event EventHandler<WorkItemFailedEventArgs>? Failed
    {
        add => _callback.Failed += value;
        remove => _callback.Failed -= value;
    }

    /// <summary>
    /// Raised after <see cref="Failed"/> for every item of the process, with the item as sender: the place to log
    /// failures that nobody else looks at.
    /// </summary>
    public static event EventHandler<WorkItemFailedEventArgs>? AnyFailed;

    /// <summary>
    /// What the callback threw in the latest run that failed, or null. An exception never harms the worker:
    /// it is kept here, delivered by <see cref="Failed"/> and by the tasks of <see cref="RunAsync"/> and
    /// <see cref="WaitForRunAsync"/>, and the next item runs.
    /// </summary>
    public Exception? LastException => _callback.LastException;

    /// <summary>
    /// Whether the item is queued, or its delay runs, and its run has not begun: a snapshot. False for a disposed
    /// item. Never blocks.
    /// </summary>
    public bool IsPending
    {
        get
        {
            if (!TryEnter())
                return false;
            bool pending = NativeMethods.wq_work_pending(Work);
            Leave();
            return pending;
        }
    }

    /// <summary>Makes an idle item whose callback takes a typed argument, which is not boxed.</summary>
    /// <typeparam name="TState">Type of the argument.</typeparam>
    /// <param name="callback">What each run calls; as a static lambda it costs no closure.</param>
    /// <param name="state">Passed to <paramref name="callback"/>.</param>
    /// <returns>The item.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the native part.</exception>
    public static WorkItem Create<TState>(Action<TState> callback, TState state) =>
        new(new WorkCallback.WithState<TState>(NotNull(callback), state));

    /// <summary>Makes an idle item that calls a static method without a delegate.</summary>
    /// <param name="function">What each run calls.</param>
    /// <param name="argument">Passed to <paramref name="function"/>.</param>
    /// <returns>The item.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="function"/> is null.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the native part.</exception>
    public static WorkItem Create(delegate*<nint, void> function, nint argument)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new(new WorkCallback.Function(function, argument));
    }

    /// <summary>
    /// Queues the item unless it is pending already. Queueing it while it runs gives one more run.
    /// What the caller wrote before the call is visible to that run, also if the call returns false.
    /// </summary>
    /// <remarks>
    /// Never blocks and allocates nothing. The first call for an item, and for one that was idle for long, takes a lock
    /// for some instructions. While another thread's call is refused, as its queue is being disposed, the item is pending
    /// for some instructions. While <see cref="CancelAndWait"/> waits for a run, the item is refused and no run follows.
    /// </remarks>
    /// <param name="queue">Where to run it.</param>
    /// <returns>
    /// True if the item was queued, false if it was pending, here or on another queue, is being cancelled or is
    /// disabled, or if the queue is being drained.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="queue"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The item or the queue was disposed.</exception>
    public bool TryQueue(Workqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        nint native = queue.Native;
        if (!IsReady || native == 0 || DirectQueueing.ReportsReachManagedCode)
            return TryQueueSlowly(queue);
        byte isQueued = DirectQueueing.QueueWork(native, _work); // Item and queue are held: both are used below.
        return (isQueued != 0 && IsReady) || FinishQueueing(queue, isQueued != 0);
    }

    /// <summary>Queues the item as <see cref="TryQueue"/> does, for the worker of a given CPU.</summary>
    /// <remarks>Never blocks and allocates nothing.</remarks>
    /// <param name="queue">Where to run it; with one worker for all CPUs, by that one.</param>
    /// <param name="cpu">
    /// The CPU's number. While it is offline, the worker of another CPU serves it; see <see cref="Cpus"/>.
    /// </param>
    /// <returns>
    /// True if the item was queued, false if it was pending, here or on another queue, is being cancelled or is
    /// disabled, or if the queue is being drained.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="queue"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The machine has no such CPU.</exception>
    /// <exception cref="ObjectDisposedException">The item or the queue was disposed.</exception>
    public bool TryQueueOn(Workqueue queue, int cpu)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentOutOfRangeException.ThrowIfNegative(cpu);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cpu, Cpus.NumberLimit);
        return TryQueueSafely(queue, cpu);
    }

    /// <summary>
    /// Queues the item unless it is pending already, and tells when the run that follows has finished.
    /// </summary>
    /// <remarks>
    /// Never blocks. The task is faulted with what the callback throws, and cancelled if the item is cancelled or
    /// disposed meanwhile, or was being cancelled; by <see cref="CancelAndWait"/> also if that comes when the run is just
    /// beginning. Continuations do not run on the worker. If another thread queues the item at that moment on
    /// another queue, which is just being disposed and refuses it, no run may follow: the task then waits for the next.
    /// So it does if the item is disabled, or if the queue is being drained.
    /// </remarks>
    /// <param name="queue">Where to run it.</param>
    /// <param name="cancellationToken">
    /// Ends the wait, not the item: see <see cref="CancelAndWaitAsync"/>. If it is cancelled already, nothing is queued.
    /// </param>
    /// <returns>A task that ends with a run which began after the call.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="queue"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The item or the queue was disposed.</exception>
    public Task RunAsync(Workqueue queue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);
        Task run = NextRun().Task;
        TryQueue(queue);
        return Within(run, cancellationToken);
    }

    /// <summary>Tells when the next run to begin has finished; queues nothing.</summary>
    /// <remarks>
    /// Never blocks. The task is faulted with what the callback throws, and cancelled if the item is disposed or
    /// cancelled; by <see cref="Cancel"/> only if it was pending, by <see cref="CancelAndWait"/> also if its run is just
    /// beginning. Continuations do not run on the worker.
    /// </remarks>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends with a run which began after the call.</returns>
    /// <exception cref="ObjectDisposedException">The item was disposed.</exception>
    public Task WaitForRunAsync(CancellationToken cancellationToken = default) =>
        Within(NextRun().Task, cancellationToken);

    /// <summary>
    /// Takes the item back if it is pending: off its queue, or off its delay. A run that is under way goes on, and may
    /// queue the item again; <see cref="CancelAndWait"/> waits for it.
    /// </summary>
    /// <remarks>Never blocks: it may wait for a worker that is between two items, and for a timer that fires.</remarks>
    /// <returns>
    /// True if the item was pending and now will not run for that, false if it was idle or only running, or another
    /// thread is cancelling it.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The item was disposed.</exception>
    public bool Cancel()
    {
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        bool wasPending = TakeBack();
        Leave();
        return wasPending;
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

    /// <summary><see cref="CancelAndWait"/> on a thread of the pool, which it occupies while it waits.</summary>
    /// <returns>
    /// True if the item was pending and now will not run, false if it was idle or only running. Faulted with
    /// <see cref="ObjectDisposedException"/> if the item was disposed.
    /// </returns>
    public Task<bool> CancelAndWaitAsync() => Task.Run(CancelAndWait);

    /// <summary>
    /// Cancels the item as <see cref="CancelAndWait"/> does and refuses it from now on. No run begins
    /// afterwards, even if another thread was queueing the item at that moment.
    /// </summary>
    /// <remarks>
    /// Blocks while the callback runs. From a callback of the item it does not wait. May be called more than
    /// once; only the first call waits. The native memory goes when the object is collected.
    /// </remarks>
    public void Dispose()
    {
        if (!TryEnter())
            return;
        bool first = (Interlocked.Or(ref _state, Disposed) & Disposed) == 0;
        if (first && !IsRunningHere())
            CancelEntered();
        else if (first)
            TakeBack();
        CancelWaiters();
        Leave();
    }

    /// <summary><see cref="Dispose"/> on a thread of the pool, which it occupies while it waits.</summary>
    /// <returns>A task that ends when no run is under way and none will begin.</returns>
    public ValueTask DisposeAsync() => new(Task.Run(Dispose));

    // The item was pending, or the queue is closed; or it was queued, and is being swept, or disposed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool FinishQueueing(Workqueue queue, bool isQueued)
    {
        if (isQueued)
            EnsureRooted();
        else if (queue.Native == 0)
            return TryQueueSlowly(queue);
        return isQueued;
    }

    // The queue is the global one, or was disposed; or the item is not rooted, or was disposed; or a report could lead to
    // managed code.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryQueueSlowly(Workqueue queue)
    {
        if (queue.IsSystem && IsReady && !DirectQueueing.ReportsReachManagedCode)
            return TryQueueOnSystem();
        return TryQueueSafely(queue, cpu: null);
    }

    private bool TryQueueSafely(Workqueue queue, int? cpu)
    {
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        try
        {
            bool isQueued = queue.QueueSafely(Work, cpu);
            if (isQueued)
                EnsureRooted();
            return isQueued;
        }
        finally
        {
            Leave();
        }
    }

    // Not inlined: the JIT looks such a function up when it compiles the call, which allocates, though not when it runs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryQueueOnSystem()
    {
        bool isQueued = DirectQueueing.ScheduleWork(_work);
        if (isQueued && !IsReady)
            EnsureRooted();
        GC.KeepAlive(this);
        return isQueued;
    }

    // What the run threw has been delivered: nobody need look at it here.
    private static Task Within(Task run, CancellationToken cancellationToken)
    {
        Task wait = run.WaitAsync(cancellationToken);
        if (wait != run)
        {
            _ = wait.ContinueWith(static w => _ = w.Exception, CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        return wait;
    }

    // The two that follow: within the caller's call.
    private bool TakeBack()
    {
        bool wasPending = NativeMethods.cancel_work(Work);
        if (wasPending)
            CancelWaiters();
        return wasPending;
    }

    private bool CancelEntered()
    {
        _callback.RefusalBegins();
        TellCancelled();
        bool wasPending = CancelNative();
        _callback.RefusalEnds();
        EndCancel(wasPending);
        return wasPending;
    }

    private void EndCancel(bool wasPending)
    {
        _callback.CancelEnds();
        // Who was refused while it was being cancelled waits for a run that does not come.
        if (wasPending || !NativeMethods.wq_work_pending(Work))
            CancelWaiters();
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

    private static T NotNull<T>(T callback)
        where T : Delegate
    {
        ArgumentNullException.ThrowIfNull(callback);
        return callback;
    }
}
