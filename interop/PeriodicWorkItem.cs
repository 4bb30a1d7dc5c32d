// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace Workqueues;

/// <summary>
/// Calls a callback again and again on a <see cref="Workqueue"/>, at multiples of a period from the start: runs that
/// take long do not shift those that follow, and times that have passed by are left out.
/// </summary>
/// <remarks>
/// All members may be used from any thread, the callback included. Two runs never overlap. While it is started it is
/// not collected, nor is its queue. While the queue is drained no run begins; the next comes after that, at a multiple
/// of the period.
/// </remarks>
public sealed class PeriodicWorkItem : IDisposable, IAsyncDisposable
{
    private readonly DelayedWorkItem _item;
    private readonly Action<CancellationToken> _callback;
    private readonly Lock _starting = new();
    private Schedule? _schedule; // null: stopped; changes under the lock
    private int _running; // 1 while the callback is called
    private volatile bool _isDisposed;

    /// <summary>Makes one that is stopped.</summary>
    /// <param name="callback">What each run calls.</param>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the native part.</exception>
    public PeriodicWorkItem(Action callback)
        : this(Ignoring(callback))
    {
    }

    /// <summary>
    /// Makes one that is stopped, and whose run is told by its token when <see cref="Stop"/> waits for it.
    /// </summary>
    /// <param name="callback">What each run calls.</param>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="OutOfMemoryException">No memory for the native part.</exception>
    public PeriodicWorkItem(Action<CancellationToken> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _callback = callback;
        _item = new DelayedWorkItem(Run);
        _item.Failed += (_, e) => Failed?.Invoke(this, e);
    }

    /// <summary>
    /// Raised on the worker thread when the callback threw. The next run comes all the same. What handlers throw goes
    /// no further.
    /// </summary>
    public event EventHandler<WorkItemFailedEventArgs>? Failed;

    /// <summary>What the callback threw in the latest run that failed, or null.</summary>
    public Exception? LastException => _item.LastException;

    /// <summary>Whether it is started: a snapshot. Its queue's end does not stop it, though no run comes any more.</summary>
    public bool IsStarted => Volatile.Read(ref _schedule) != null;

    /// <summary>Whether the next run is to come, as its delay runs or it is queued: a snapshot.</summary>
    internal bool IsPending => _item.IsPending;

    /// <summary>Starts it: the first run comes after one period.</summary>
    /// <remarks>Never blocks, but for the first delay on a CPU, which starts a timer thread.</remarks>
    /// <param name="queue">Where to run.</param>
    /// <param name="period">From one run to the next.</param>
    /// <exception cref="ArgumentNullException"><paramref name="queue"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="period"/> is not positive.</exception>
    /// <exception cref="InvalidOperationException">It is started already, perhaps on a queue that was disposed.</exception>
    /// <exception cref="ObjectDisposedException">It or the queue was disposed.</exception>
    /// <exception cref="Win32Exception">There is no timer to be had; carries the error number.</exception>
    public void Start(Workqueue queue, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        lock (_starting)
        {
            if (_schedule != null)
                throw new InvalidOperationException("It is started already; stop it first, also if its queue was disposed.");
            Schedule schedule = new(queue, period, Stopwatch.GetTimestamp());
            SetLocked(schedule);
            Arm(schedule);
        }
    }

    /// <summary>Stops it: no run begins afterwards, and none is under way.</summary>
    /// <remarks>
    /// Blocks while the callback runs, so the caller must not hold a lock that the callback takes. From the callback
    /// it does not wait for that run. May be called when it is stopped.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <exception cref="Win32Exception">
    /// It has stopped, but was started again meanwhile, and there is no timer to be had; carries the error number.
    /// </exception>
    public void Stop()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        SetStopped();
        if (_item.IsRunningHere())
            _item.Cancel();
        else
            _item.CancelAndWait();
        ArmNext(); // a start that came meanwhile: its delay was cancelled too, or refused
    }

    /// <summary><see cref="Stop"/> on a thread of the pool, which it occupies while it waits.</summary>
    /// <returns>A task that ends when no run is under way and none will begin.</returns>
    public Task StopAsync() => Task.Run(Stop);

    /// <summary>Stops it for good, as <see cref="Stop"/> does.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        SetStopped();
        _item.Dispose();
    }

    /// <summary><see cref="Dispose"/> on a thread of the pool, which it occupies while it waits.</summary>
    /// <returns>A task that ends when no run is under way and none will begin.</returns>
    public ValueTask DisposeAsync() => new(Task.Run(Dispose));

    /// <summary>The queue has been drained: if its delay ended meanwhile, that was refused, and there is none now.</summary>
    internal void QueueWasDrained(Workqueue queue)
    {
        Win32Exception? failure = null;
        lock (_starting)
        {
            if (_schedule is not { } schedule || !ReferenceEquals(schedule.Queue, queue))
                return;
            try
            {
                _item.ScheduleAnew(queue, schedule.UntilNext());
            }
            catch (ObjectDisposedException)
            {
                // It or its queue has been disposed meanwhile.
            }
            catch (Win32Exception e)
            {
                SetLocked(null);
                failure = e;
            }
        }
        if (failure != null)
            _item.Deliver(failure); // there is no run that could throw it
    }

    private static Action<CancellationToken> Ignoring(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return _ => callback();
    }

    private void SetStopped()
    {
        lock (_starting)
            SetLocked(null);
    }

    private void SetLocked(Schedule? schedule)
    {
        _schedule?.Queue.RemovePeriodic(this);
        schedule?.Queue.AddPeriodic(this);
        Volatile.Write(ref _schedule, schedule);
    }

    // If it was stopped by its callback and started again elsewhere, that run may still be under way: then it arms
    // the next one when it ends, and this one is left out.
    private void Run(CancellationToken token)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0)
            return;
        try
        {
            if (Volatile.Read(ref _schedule) != null)
                _callback(token);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
            ArmNext();
        }
    }

    // A stop that comes after it finds the delay running, and ends it.
    private void ArmNext()
    {
        lock (_starting)
        {
            if (_schedule == null)
                return;
            try
            {
                Arm(_schedule);
            }
            catch (ObjectDisposedException)
            {
                // It or its queue has been disposed meanwhile.
            }
        }
    }

    private void Arm(Schedule schedule)
    {
        try
        {
            _item.Schedule(schedule.Queue, schedule.UntilNext());
        }
        catch
        {
            SetLocked(null);
            throw;
        }
    }

    private sealed record Schedule(Workqueue Queue, TimeSpan Period, long StartedAt)
    {
        public TimeSpan UntilNext()
        {
            long passed = Stopwatch.GetElapsedTime(StartedAt).Ticks;
            return TimeSpan.FromTicks(Period.Ticks - passed % Period.Ticks);
        }
    }
}
