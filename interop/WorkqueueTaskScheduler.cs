// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Workqueues;

/// <summary>
/// Runs tasks on a <see cref="Workqueue"/>: one after another in the order of their start on a queue of one thread and
/// on an ordered one; on any CPU on an unbound one; else on the CPU that started them.
/// </summary>
/// <remarks>
/// All members may be used from any thread. Starting a task never blocks, and allocates nothing beyond the task once
/// the scheduler has as many items as tasks are waiting at a time. There is no <see cref="SynchronizationContext"/>:
/// what follows an <c>await</c> returns to the scheduler unless <c>ConfigureAwait(false)</c> is given. The scheduler
/// does not own the queue; disposing the queue runs the tasks that wait, and what is started or follows an <c>await</c>
/// later runs on the thread pool: still one after another if the queue was one of one thread, but beside what that has
/// left to run. While the queue is drained the same holds of what others than its own items start. A task of <c>StartNew</c> whose token is cancelled ends when the queue comes to it, and what the
/// runtime continues at once then runs on the worker. <see cref="TaskCreationOptions.LongRunning"/> has no effect: such a task
/// keeps the queue's worker.
/// </remarks>
public sealed class WorkqueueTaskScheduler : TaskScheduler
{
    /// <summary>More items than this are not kept when their tasks have begun.</summary>
    private const int NrKept = 1024;

    [ThreadStatic]
    private static WorkqueueTaskScheduler? t_current;

    private readonly Workqueue _queue;
    private readonly ConcurrentQueue<Slot> _free = new();
    private readonly HashSet<Slot> _slots = []; // all of them; also its own lock
    private readonly ConcurrentQueue<Task> _late = new(); // came when the queue was disposed
    private int _nrLate;

    /// <summary>Makes a scheduler over a queue.</summary>
    /// <param name="queue">Where tasks run.</param>
    /// <exception cref="ArgumentNullException"><paramref name="queue"/> is null.</exception>
    public WorkqueueTaskScheduler(Workqueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        _queue = queue;
    }

    /// <summary>How many tasks may run at once: 1 on a queue of one thread and on an ordered one, else the number of CPUs.</summary>
    public override int MaximumConcurrencyLevel => _queue.RunsOneAtATime ? 1 : Environment.ProcessorCount;

    /// <summary>Queues a task; on the thread pool if the queue was disposed or refuses it.</summary>
    /// <param name="task">The task.</param>
    protected override void QueueTask(Task task)
    {
        if (!_free.TryDequeue(out Slot? slot))
            slot = NewSlot();
        Volatile.Write(ref slot.Task, task);
        try
        {
            if (!slot.Item.TryQueue(_queue))
                RunWithout(slot, task); // the queue is being drained
        }
        catch (ObjectDisposedException)
        {
            // To throw would be to lose it, if it goes on with an async method: the runtime then tells nobody.
            RunWithout(slot, task);
        }
        catch
        {
            Volatile.Write(ref slot.Task, null);
            Keep(slot);
            throw;
        }
    }

    /// <summary>Takes a task back that waits, as its cancellation does.</summary>
    /// <param name="task">The task.</param>
    /// <returns>True if it waited, and now will not run.</returns>
    protected override bool TryDequeue(Task task)
    {
        lock (_slots)
        {
            foreach (Slot slot in _slots)
            {
                if (Interlocked.CompareExchange(ref slot.Task, null, task) == task)
                    return true; // its item finds nothing to do
            }
        }
        return false;
    }

    /// <summary>
    /// Runs a task within the caller if that is a task of this scheduler, so that it may wait for its children on a
    /// queue of one thread.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="taskWasPreviouslyQueued">Whether it has been queued; it then does not run a second time.</param>
    /// <returns>True if it ran.</returns>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        t_current == this && TryExecuteTask(task);

    /// <summary>The tasks that wait, for a debugger.</summary>
    /// <returns>A snapshot.</returns>
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        List<Task> tasks = [];
        lock (_slots)
        {
            foreach (Slot slot in _slots)
            {
                if (Volatile.Read(ref slot.Task) is { } task)
                    tasks.Add(task);
            }
        }
        return tasks;
    }

    private void RunWithout(Slot slot, Task task)
    {
        Volatile.Write(ref slot.Task, null);
        Keep(slot);
        RunLate(task);
    }

    // One after another still, if that is the queue's promise.
    private void RunLate(Task task)
    {
        if (!_queue.RunsOneAtATime)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static t => t.Scheduler.TryExecuteTask(t.Task), (Scheduler: this, Task: task), preferLocal: false);
            return;
        }
        _late.Enqueue(task);
        if (Interlocked.Increment(ref _nrLate) == 1)
            ThreadPool.UnsafeQueueUserWorkItem(static s => s.RunAllLate(), this, preferLocal: false);
    }

    private void RunAllLate()
    {
        do
        {
            if (_late.TryDequeue(out Task? task))
                TryExecuteTask(task);
        }
        while (Interlocked.Decrement(ref _nrLate) != 0);
    }

    private Slot NewSlot()
    {
        Slot slot = new(this);
        lock (_slots)
            _slots.Add(slot);
        return slot;
    }

    private void Keep(Slot slot)
    {
        if (_free.Count < NrKept)
        {
            _free.Enqueue(slot);
            return;
        }
        lock (_slots)
            _slots.Remove(slot);
    }

    private void Execute(Slot slot)
    {
        // Free before the task runs: an item may be queued while it runs, and it has let go of the task.
        Task? task = Interlocked.Exchange(ref slot.Task, null);
        Keep(slot);
        if (task == null)
            return;
        WorkqueueTaskScheduler? outer = t_current;
        t_current = this;
        TryExecuteTask(task);
        t_current = outer;
    }

    /// <summary>A reusable item and the task it is queued for.</summary>
    private sealed class Slot
    {
        public Task? Task;

        public Slot(WorkqueueTaskScheduler scheduler) =>
            Item = WorkItem.Create(static s => s.Scheduler.Execute(s.This), (Scheduler: scheduler, This: this));

        public WorkItem Item { get; }
    }
}
