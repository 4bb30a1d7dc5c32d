// SPDX-License-Identifier: GPL-2.0-only
using System;

namespace Workqueues;

/// <summary>Carries the exception that left a work item's callback.</summary>
public sealed class WorkItemFailedEventArgs : EventArgs
{
    /// <summary>Makes the arguments of one <see cref="WorkItem.Failed"/> event.</summary>
    /// <param name="exception">What the callback threw.</param>
    /// <exception cref="ArgumentNullException"><paramref name="exception"/> is null.</exception>
    public WorkItemFailedEventArgs(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        Exception = exception;
    }

    /// <summary>What the callback threw.</summary>
    public Exception Exception { get; }
}
