// SPDX-License-Identifier: GPL-2.0-only
using System;

namespace Workqueues;

/// <summary>What kind of queue <see cref="Workqueue.Create(WorkqueueOptions)"/> makes.</summary>
public sealed class WorkqueueOptions
{
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

    /// <summary>Whether the queue has one worker that is bound to no CPU, instead of one per CPU.</summary>
    public bool IsSingleThreaded { get; init; }

    /// <summary>
    /// Whether the queue stops while <see cref="Freezer"/> has queues frozen. Such a queue has one worker.
    /// </summary>
    public bool IsFreezable { get; init; }
}
