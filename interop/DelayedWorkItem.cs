// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.ComponentModel;
using System.Threading;

namespace Workqueues;

/// <summary>
/// A work item that can also be queued after a delay. While the delay runs the item is pending, so
/// <see cref="WorkItem.TryQueue"/> refuses it too.
/// </summary>
/// <remarks>
/// All members may be used from any thread, the item's own callback included. An item whose delay runs is not
/// collected, nor is its queue, even if the program drops both; disposing the queue cancels it. An item that the
/// program holds also holds the queue that it was scheduled on last. Delays are measured by the monotonic clock and
/// never end early.
/// </remarks>
public sealed unsafe class DelayedWorkItem : WorkItem
{
    private readonly Lock _scheduling = new();
    private Workqueue? _queue; // where it was accepted last; a running delay keeps it alive

    /// <summary>Makes an idle item.</summary>
    /// <param name="callback">What each run calls.</param>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the native part.</exception>
    public DelayedWorkItem(Action callback)
        : this(new WorkCallback.Plain(callback ?? throw new ArgumentNullException(nameof(callback))))
    {
    }

    /// <summary>Makes an idle item whose callback can be asked to stop, as that of a <see cref="WorkItem"/>.</summary>
    /// <param name="callback">What each run calls.</param>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the native part.</exception>
    public DelayedWorkItem(Action<CancellationToken> callback)
        : this(new WorkCallback.WithToken(callback ?? throw new ArgumentNullException(nameof(callback))))
    {
    }

    private DelayedWorkItem(WorkCallback callback)
        : base(callback, sizeof(DelayedWork))
    {
        NativeMethods.wq_init_delayed_work(Delayed, Trampoline, deferrable: false);
    }

    private DelayedWork* Delayed => (DelayedWork*)Work;

    /// <summary>Makes an idle item whose callback takes a typed argument, which is not boxed.</summary>
    /// <typeparam name="TState">Type of the argument.</typeparam>
    /// <param name="callback">What each run calls; as a static lambda it costs no closure.</param>
    /// <param name="state">Passed to <paramref name="callback"/>.</param>
    /// <returns>The item.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the native part.</exception>
    public static new DelayedWorkItem Create<TState>(Action<TState> callback, TState state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return new(new WorkCallback.WithState<TState>(callback, state));
    }

    /// <summary>
    /// Queues the item when the delay is over, unless it is pending already: then the deadline stays as it is.
    /// </summary>
    /// <remarks>
    /// Never blocks, but for the first delay on a CPU, which starts a timer thread. Allocates nothing, but for the
    /// first time on a queue.
    /// </remarks>
    /// <param name="queue">Where to run it.</param>
    /// <param name="delay">From now. Zero queues at once, without a timer.</param>
    /// <returns>
    /// True if it was accepted, false if it was pending, here or on another queue, or is being cancelled.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="queue"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The item or the queue was disposed.</exception>
    /// <exception cref="Win32Exception">There is no timer to be had; carries the error number.</exception>
    public bool Schedule(Workqueue queue, TimeSpan delay)
    {
        CheckArguments(queue, delay);
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        try
        {
            lock (_scheduling)
                return ArmLocked(queue, delay);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// Gives the item a new deadline: it runs after <paramref name="delay"/>, whether or not another delay was
    /// running. Calling this again and again puts the run off: what a debouncer does.
    /// </summary>
    /// <remarks>May wait for a timer that is firing, never for an item.</remarks>
    /// <param name="queue">Where to run it.</param>
    /// <param name="delay">From now. Zero queues at once, without a timer.</param>
    /// <returns>
    /// True if the item runs when the delay is over; false if an earlier delay is over, or it was queued without one,
    /// so that its run is about to begin, or if it is being cancelled, so that no run follows.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="queue"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The item or the queue was disposed. A former delay is cancelled then.
    /// </exception>
    /// <exception cref="Win32Exception">
    /// There is no timer to be had; carries the error number. A former delay is cancelled then.
    /// </exception>
    public bool Reschedule(Workqueue queue, TimeSpan delay)
    {
        CheckArguments(queue, delay);
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        try
        {
            lock (_scheduling)
                return RearmLocked(queue, delay);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// The queue is about to go: the library would take the item off its timer and tell nobody.
    /// </summary>
    internal void QueueIsEnding(WorkqueueHandle queue)
    {
        if (!TryEnter())
            return; // disposed: who did that has cancelled it, or does
        lock (_scheduling)
        {
            if (_queue?.IsOwnerOf(queue) == true)
                CancelDelay();
        }
        Leave();
    }

    private protected override bool CancelNative() => NativeMethods.cancel_delayed_work_sync(Delayed);

    private static void CheckArguments(Workqueue queue, TimeSpan delay)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
    }

    // What is queued already stays there.
    private void CancelDelay()
    {
        if (NativeMethods.cancel_delayed_work(Delayed))
            CancelWaiters();
    }

    private bool RearmLocked(Workqueue queue, TimeSpan delay)
    {
        bool wasArmed = NativeMethods.cancel_delayed_work(Delayed);
        try
        {
            return ArmLocked(queue, delay);
        }
        catch when (wasArmed)
        {
            CancelWaiters(); // else they stay: they wait for the run, which has only been put off
            throw;
        }
    }

    // A Dispose that came in between has found nothing to cancel.
    private bool ArmLocked(Workqueue queue, TimeSpan delay)
    {
        bool accepted = queue.QueueDelayed(this, Delayed, delay, ref _queue);
        if (accepted)
            EnsureRooted();
        if (accepted && IsDisposed)
            CancelDelay();
        return accepted;
    }
}
