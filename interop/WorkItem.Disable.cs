// SPDX-License-Identifier: GPL-2.0-only
//
// What is asked of one item, as later kernels have it: to be waited for, and to refuse queueing for a time.
using System;
using System.Threading;
using System.Threading.Tasks;

namespace Workqueues;

public unsafe partial class WorkItem
{
    private const uint BusyRunning = 2; // WORK_BUSY_RUNNING

    /// <summary>
    /// Whether the item is pending or its callback runs: a snapshot, for decisions that may be wrong and for debugging.
    /// False for a disposed item.
    /// </summary>
    /// <remarks>
    /// Never blocks. From any thread, the item's own callback included. A run counts if it is on the queue that the item
    /// was queued on last. Mirrors the kernel's <c>work_busy()</c>.
    /// </remarks>
    public bool IsBusy => Busy() != 0;

    /// <summary>Whether the item's callback runs: a snapshot, as <see cref="IsBusy"/>.</summary>
    /// <remarks>Never blocks. From any thread. Mirrors <c>WORK_BUSY_RUNNING</c> of the kernel's <c>work_busy()</c>.</remarks>
    public bool IsRunning => (Busy() & BusyRunning) != 0;

    /// <summary>
    /// Waits until the run that was asked for last has finished; a delay that runs is cut short. What that run wrote is
    /// visible to the caller. No other item is waited for, nor what is queued while the call waits.
    /// </summary>
    /// <remarks>
    /// Blocks, so the caller must not hold a lock that the callback takes. From any thread; from the item's own callback
    /// it does not wait for that run, and the library reports the call. If the item is cancelled, the wait ends. On a
    /// queue with a worker per CPU of its own, an earlier run on another CPU is not waited for. What the callback throws
    /// is not thrown here: see <see cref="LastException"/>. Mirrors the kernel's <c>flush_work()</c>; of a
    /// <see cref="DelayedWorkItem"/> <c>flush_delayed_work()</c>.
    /// </remarks>
    /// <returns>
    /// True if it waited. False if the item was idle, or a run whose delay was cut short had ended by then.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The item was disposed.</exception>
    public bool Flush()
    {
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        bool waited = FlushNative();
        Leave();
        return waited;
    }

    /// <summary><see cref="Flush"/> on a thread of the pool, which it occupies while it waits.</summary>
    /// <remarks>Never blocks. From any thread.</remarks>
    /// <param name="cancellationToken">Ends the wait; the flush itself goes on in the background.</param>
    /// <returns>
    /// As that of <see cref="Flush"/>. Faulted with <see cref="ObjectDisposedException"/> if the item was disposed.
    /// </returns>
    public Task<bool> FlushAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<bool>(cancellationToken)
            : Task.Run(Flush, CancellationToken.None).WaitAsync(cancellationToken);

    /// <summary>
    /// Takes the item back if it is pending, delay included, and has it refuse to be queued until <see cref="Enable"/>
    /// was called as often as this. A run that is under way goes on.
    /// </summary>
    /// <remarks>
    /// Never blocks: it may wait for a worker that is between two items, and for a timer that fires. From any thread, the
    /// item's own callback included. Tasks that wait for a run are cancelled if the item was pending. Mirrors the
    /// kernel's <c>disable_work()</c> and <c>disable_delayed_work()</c>. At most 65,535 times: more is reported.
    /// </remarks>
    /// <returns>True if the item was pending and now will not run for that, else false.</returns>
    /// <exception cref="ObjectDisposedException">The item was disposed.</exception>
    public bool Disable()
    {
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        _callback.DisablingBegins();
        bool wasPending = NativeMethods.disable_work(Work);
        if (wasPending)
            CancelWaiters();
        Leave();
        return wasPending;
    }

    /// <summary>
    /// <see cref="Disable"/>, and waits for a run that is under way: afterwards the item is neither pending nor running.
    /// What the last run wrote is visible to the caller.
    /// </summary>
    /// <remarks>
    /// Blocks while the callback runs, so the caller must not hold a lock that the callback takes. While it waits, the
    /// token of a callback that takes one is cancelled. From any thread; from the item's own callback it does not wait
    /// for that run, and the library reports the call. Mirrors the kernel's <c>disable_work_sync()</c> and
    /// <c>disable_delayed_work_sync()</c>.
    /// </remarks>
    /// <returns>True if the item was pending and now will not run for that, else false.</returns>
    /// <exception cref="ObjectDisposedException">The item was disposed.</exception>
    public bool DisableAndWait()
    {
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        _callback.DisablingBegins();
        TellCancelled();
        bool wasPending = DisableNative();
        EndCancel(wasPending);
        Leave();
        return wasPending;
    }

    /// <summary><see cref="DisableAndWait"/> on a thread of the pool, which it occupies while it waits.</summary>
    /// <remarks>Never blocks. From any thread.</remarks>
    /// <returns>
    /// True if the item was pending, else false. Faulted with <see cref="ObjectDisposedException"/> if the item was
    /// disposed.
    /// </returns>
    public Task<bool> DisableAndWaitAsync() => Task.Run(DisableAndWait);

    /// <summary>Undoes one <see cref="Disable"/> or <see cref="DisableAndWait"/>. Queues nothing.</summary>
    /// <remarks>
    /// Never blocks. From any thread, the item's own callback included. Of an item that is not disabled it changes
    /// nothing, and the library reports it. Mirrors the kernel's <c>enable_work()</c> and <c>enable_delayed_work()</c>.
    /// </remarks>
    /// <returns>True if the item may be queued now; false if it was disabled more often, or not at all.</returns>
    /// <exception cref="ObjectDisposedException">The item was disposed.</exception>
    public bool Enable()
    {
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        bool isEnabled = NativeMethods.enable_work(Work);
        _callback.DisablingEnds();
        Leave();
        return isEnabled;
    }

    /// <summary><see cref="Enable"/>, and queues the item if it may be.</summary>
    /// <remarks>
    /// Never blocks. From any thread, the item's own callback included. Mirrors the kernel's
    /// <c>enable_and_queue_work()</c>.
    /// </remarks>
    /// <param name="queue">Where to run it.</param>
    /// <returns>
    /// True if the item may be queued now: it has been, or was pending by then, or <paramref name="queue"/> is being
    /// drained and refused it. False if it was disabled more often, or not at all.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="queue"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">
    /// The item or the queue was disposed. The item is as disabled as it was.
    /// </exception>
    public bool EnableAndQueue(Workqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        try
        {
            bool isEnabled = queue.EnableAndQueue(Work);
            _callback.DisablingEnds();
            if (isEnabled)
                EnsureRooted();
            return isEnabled;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The library's flush of the item.</summary>
    private protected virtual bool FlushNative() => NativeMethods.flush_work(Work);

    /// <summary>The library's disabling that waits.</summary>
    private protected virtual bool DisableNative() => NativeMethods.disable_work_sync(Work);

    /// <summary>See <see cref="WorkCallback.Refusals"/>.</summary>
    private protected long Refusals => _callback.Refusals;

    private uint Busy()
    {
        if (!TryEnter())
            return 0;
        uint busy = NativeMethods.work_busy(Work);
        Leave();
        return busy;
    }
}
