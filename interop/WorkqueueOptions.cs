// SPDX-License-Identifier: GPL-2.0-only
using System;

namespace Workqueues;

/// <summary>What kind of queue <see cref="Workqueue.Create(WorkqueueOptions)"/> makes.</summary>
/// <remarks>
/// There are two families. A classic queue has worker threads of its own. A queue that
/// <see cref="SharesWorkers">shares workers</see> has none, but for a rescuer if it is
/// <see cref="IsForMemoryReclaim">for memory reclaim</see>: pools of threads serve all such queues of the process, and
/// one item never runs twice at once. Any of <see cref="MaxActive"/>, <see cref="IsUnbound"/>,
/// <see cref="IsOrdered"/>, <see cref="IsHighPriority"/>, <see cref="IsForMemoryReclaim"/> and
/// <see cref="IsCpuIntensive"/> makes it one of the second family, which is the kernel's <c>alloc_workqueue()</c>.
/// </remarks>
public sealed class WorkqueueOptions
{
    private readonly int? _maxActive; // null: nothing was said

    /// <summary>Options of a queue with one worker per CPU that cannot be frozen.</summary>
    /// <param name="name">The workers' name, or its prefix. Cut after 31 bytes of UTF-8.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or contains a NUL.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    public WorkqueueOptions(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('\0'))
            throw new ArgumentException("The name contains a NUL character.", nameof(name));
        Name = name;
    }

    /// <summary>The workers' name, or its prefix.</summary>
    public string Name { get; }

    /// <summary>
    /// Whether the queue has one worker that is bound to no CPU, instead of one per CPU. It goes with no choice of the
    /// second family: there <see cref="IsOrdered"/> has the same order.
    /// </summary>
    public bool IsSingleThreaded { get; init; }

    /// <summary>
    /// Whether the queue stops while <see cref="Freezer"/> has queues frozen. A classic queue that does has one worker.
    /// Of the second family this is <c>WQ_FREEZABLE</c>.
    /// </summary>
    public bool IsFreezable { get; init; }

    /// <summary>
    /// Whether the queue shares workers with others, instead of having threads of its own. True as well if a choice is
    /// made that only such queues have.
    /// </summary>
    public bool SharesWorkers
    {
        get => field || _maxActive != null || IsUnbound || IsOrdered || IsHighPriority || IsForMemoryReclaim || IsCpuIntensive;
        init;
    }

    /// <summary>
    /// How many items of the queue may run at once: on each CPU, or in all if it <see cref="IsUnbound"/>. 0 is the
    /// kernel's default, 1024, and what a queue has that does not say. At most 2048. Items beyond it wait in order.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or more than 2048.</exception>
    public int MaxActive
    {
        get => _maxActive ?? 0;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(MaxActive));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Workqueue.LargestMaxActive, nameof(MaxActive));
            _maxActive = value;
        }
    }

    /// <summary>
    /// Whether items run on any CPU, and start as soon as they are queued and <see cref="MaxActive"/> allows:
    /// <c>WQ_UNBOUND</c>. Else an item runs on the CPU that queued it.
    /// </summary>
    public bool IsUnbound { get; init; }

    /// <summary>
    /// Whether items run one at a time, in the order in which they were queued, on any CPU: the kernel's
    /// <c>alloc_ordered_workqueue()</c>. <see cref="MaxActive"/> is 1 then, and cannot be another number.
    /// </summary>
    public bool IsOrdered { get; init; }

    /// <summary>
    /// Whether the workers have nice -20 where that is permitted, and are others than those of usual queues:
    /// <c>WQ_HIGHPRI</c>.
    /// </summary>
    public bool IsHighPriority { get; init; }

    /// <summary>
    /// Whether items of the queue may have to run for memory to become free: <c>WQ_MEM_RECLAIM</c>. The queue then has a
    /// thread of its own from the start, its rescuer, which runs its items, one after another, when no worker can be made. So an item
    /// must not wait for another one of the queue.
    /// </summary>
    public bool IsForMemoryReclaim { get; init; }

    /// <summary>
    /// Whether items compute for long: <c>WQ_CPU_INTENSIVE</c>. Such an item does not hold up the others of its CPU from
    /// its start on; one of another queue does not after it has computed for 10 ms. Means nothing if the queue
    /// <see cref="IsUnbound"/>.
    /// </summary>
    public bool IsCpuIntensive { get; init; }

    /// <summary>The flags for the library, of a queue that shares workers.</summary>
    internal WqFlags Flags =>
        (IsUnbound || IsOrdered ? WqFlags.WQ_UNBOUND : 0)
        | (IsOrdered ? WqFlags.__WQ_ORDERED : 0)
        | (IsFreezable ? WqFlags.WQ_FREEZABLE : 0)
        | (IsHighPriority ? WqFlags.WQ_HIGHPRI : 0)
        | (IsForMemoryReclaim ? WqFlags.WQ_MEM_RECLAIM : 0)
        | (IsCpuIntensive ? WqFlags.WQ_CPU_INTENSIVE : 0);

    /// <summary>Throws if two choices exclude each other.</summary>
    internal void Check()
    {
        if (IsSingleThreaded && SharesWorkers)
            throw new ArgumentException("A queue that shares workers has no thread of its own: use IsOrdered.", "options");
        if (IsOrdered && MaxActive > 1)
            throw new ArgumentException("An ordered queue runs one item at a time: leave MaxActive out.", "options");
    }
}
