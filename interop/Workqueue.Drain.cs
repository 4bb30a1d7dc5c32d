// SPDX-License-Identifier: GPL-2.0-only
//
// What is asked of a whole queue, as later kernels have it.
using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Workqueues;

public sealed unsafe partial class Workqueue
{
    /// <summary>The largest number of items that may run at once.</summary>
    internal const int LargestMaxActive = 2048;

    // Those that are started here. They refer to the queue as well: both live while one of them does.
    private readonly HashSet<PeriodicWorkItem> _periodic = [];
    private readonly Lock _periodicLock = new();

    /// <summary>
    /// Waits until the queue is empty: until all that was queued has finished, and all that the queue's own items have
    /// queued on it meanwhile. Others cannot queue on it until the call returns.
    /// </summary>
    /// <remarks>
    /// Blocks, so the caller must not hold a lock that an item takes. From any thread, but not from an item of the queue:
    /// that is reported and does nothing. Several threads may drain a queue at once; it takes work again when the last of
    /// them is through. An item that queues itself again for ever keeps the call from returning.
    /// While it lasts, <see cref="WorkItem.TryQueue"/> by others returns false, and the first such call is reported.
    /// <see cref="WorkItem.RunAsync"/> queues nothing then, and its task waits for the next run. Delays may be started
    /// and go on; one that ends meanwhile is lost, so its item is idle. A <see cref="PeriodicWorkItem"/> misses the runs
    /// whose time comes meanwhile, and goes on afterwards. Mirrors the kernel's <c>drain_workqueue()</c>.
    /// </remarks>
    /// <exception cref="InvalidOperationException">It is <see cref="System"/>, which others rely on.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public void Drain()
    {
        if (_handle is null)
            throw new InvalidOperationException("The global queue cannot be drained: it is the whole process's.");
        try
        {
            NativeMethods.drain_workqueue(_handle);
        }
        catch (ObjectDisposedException)
        {
            throw Disposed();
        }
        foreach (PeriodicWorkItem item in PeriodicItems())
            item.QueueWasDrained(this);
    }

    /// <summary><see cref="Drain"/> on a thread of the pool, which it occupies while it waits.</summary>
    /// <remarks>Never blocks. May be called from an item of the queue, which must not wait for the task.</remarks>
    /// <param name="cancellationToken">Ends the wait; the drain itself goes on in the background.</param>
    /// <returns>A task that ends when the queue is empty. Faulted with what <see cref="Drain"/> throws.</returns>
    public Task DrainAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled(cancellationToken)
            : Task.Run(Drain, CancellationToken.None).WaitAsync(cancellationToken);

    /// <summary>The item is started here: it is told when the queue has been drained, and kept until then.</summary>
    internal void AddPeriodic(PeriodicWorkItem item)
    {
        lock (_periodicLock)
            _periodic.Add(item);
    }

    /// <summary>It is not any more.</summary>
    internal void RemovePeriodic(PeriodicWorkItem item)
    {
        lock (_periodicLock)
            _periodic.Remove(item);
    }

    /// <summary>
    /// Changes how many items of the queue may run at once: on each CPU, or in all if it is unbound.
    /// </summary>
    /// <remarks>
    /// Never blocks. From any thread, the queue's items included. Raised, it starts items that wait for room. Lowered,
    /// it stops nothing: items that have begun end, and fewer follow. While the queue is frozen the number is kept for the
    /// thaw. Mirrors the kernel's <c>workqueue_set_max_active()</c>.
    /// </remarks>
    /// <param name="maxActive">From 1 to 2048. 0 is no default here.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="maxActive"/> is less than 1 or more than 2048.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The queue is ordered, or does not share workers, or is <see cref="System"/>: its limit is fixed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public void SetMaxActive(int maxActive)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxActive, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxActive, LargestMaxActive);
        if (_handle is null || !SharesWorkers || IsOrdered)
            throw new InvalidOperationException("The limit of an ordered queue, of one with its own threads and of the global one is fixed.");
        try
        {
            NativeMethods.workqueue_set_max_active(_handle, maxActive);
        }
        catch (ObjectDisposedException)
        {
            throw Disposed();
        }
    }
    // It is closed: nobody drains it.
    private void ForgetPeriodic()
    {
        lock (_periodicLock)
            _periodic.Clear();
    }

    private PeriodicWorkItem[] PeriodicItems()
    {
        lock (_periodicLock)
            return [.. _periodic];
    }
}
