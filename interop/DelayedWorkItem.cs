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
    /// Gives the item a new deadline: it runs once, after <paramref name="delay"/>, whether it was idle, a delay was
    /// running, or it was queued already. A run that is under way goes on. Calling this again and again puts the run off:
    /// what a debouncer does.
    /// </summary>
    /// <remarks>
    /// May wait for a timer that is firing or a worker that is between two items, never for an item. From any thread, the
    /// item's own callback included, and under a lock that the callback takes. Mirrors the kernel's
    /// <c>mod_delayed_work()</c>, and is one call of it if <paramref name="delay"/> is whole milliseconds and
    /// <paramref name="queue"/> is not <see cref="Workqueue.System"/>. Else the item is taken back first and then
    /// scheduled, so another thread that queues it in between comes first.
    /// </remarks>
    /// <param name="queue">Where to run it. It may be another queue than before.</param>
    /// <param name="delay">From now. Zero queues at once, without a timer.</param>
    /// <returns>
    /// True if the item runs when the delay is over. False if it does not: it is being cancelled or is disabled, another
    /// thread has queued it in between, or <paramref name="delay"/> is zero and the queue is being drained.
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

    /// <summary>
    /// <see cref="Schedule"/> of an item whose delay may have ended at a queue that was being drained: one that still
    /// runs, or is just being refused, begins anew. What is queued already stays there.
    /// </summary>
    internal void ScheduleAnew(Workqueue queue, TimeSpan delay)
    {
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        try
        {
            lock (_scheduling)
            {
                NativeMethods.cancel_delayed_work(Delayed); // which waits for a timer that is firing
                ArmLocked(queue, delay);
            }
        }
        finally
        {
            Leave();
        }
    }

    private protected override bool CancelNative() => NativeMethods.cancel_delayed_work_sync(Delayed);

    private protected override bool DisableNative() => NativeMethods.disable_delayed_work_sync(Delayed);

    private protected override bool FlushNative() => NativeMethods.flush_delayed_work(Delayed);

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
        bool wasTaken = false;
        try
        {
            if (queue.CanModify(delay) && TryModifyLocked(queue, delay, out bool isAccepted))
                return isAccepted;
            wasTaken = NativeMethods.cancel_work(Work);
            return ArmLocked(queue, delay);
        }
        catch
        {
            // Else they stay: they wait for the run, which has only been put off.
            if (wasTaken)
                CancelWaiters();
            CancelDelay();
            throw;
        }
    }

    // False if there may be no timer for it: then it is done by two calls, of which the second says so.
    private bool TryModifyLocked(Workqueue queue, TimeSpan delay, out bool isAccepted)
    {
        long before = Refusals;
        bool wasPending = queue.ModifyDelayed(this, Delayed, delay, ref _queue, out bool takesWork, out int error);
        isAccepted = takesWork && (wasPending || !WasRefused(before));
        if (wasPending && !takesWork)
            CancelWaiters(); // it has been taken from where it was, and is idle
        if (isAccepted)
            EnsureRooted();
        if (isAccepted && IsDisposed)
            CancelDelay();
        return !takesWork || wasPending || error == 0;
    }

    // The library says false of an item that was idle, and of one that it refuses: what may refuse it is known here.
    private bool WasRefused(long before)
    {
        long after = Refusals;
        return (int)after != 0 || (after != before && !NativeMethods.wq_work_pending(Work));
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
