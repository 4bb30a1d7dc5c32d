// SPDX-License-Identifier: GPL-2.0-only
using System;

namespace Workqueues;

/// <summary>Severity of a report; the kernel's numbers.</summary>
public enum WorkqueueReportLevel
{
    /// <summary>A broken invariant; the process aborts after the report.</summary>
    Critical = WqLogLevel.WQ_LOG_CRIT,

    /// <summary>Misuse or failure; the call was refused.</summary>
    Error = WqLogLevel.WQ_LOG_ERR,

    /// <summary>Suspicious; the call went on.</summary>
    Warning = WqLogLevel.WQ_LOG_WARNING,

    /// <summary>Detail, if the environment has <c>WQ_DEBUG=1</c>.</summary>
    Debug = WqLogLevel.WQ_LOG_DEBUG,
}

/// <summary>One report of the library.</summary>
public sealed class WorkqueueReportEventArgs : EventArgs
{
    /// <summary>Makes the arguments of one <see cref="WorkqueueLog.Reported"/> event.</summary>
    /// <param name="level">How severe it is.</param>
    /// <param name="text">What it says.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public WorkqueueReportEventArgs(WorkqueueReportLevel level, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Level = level;
        Text = text;
    }

    /// <summary>How severe it is.</summary>
    public WorkqueueReportLevel Level { get; }

    /// <summary>What it says, without a newline at its end.</summary>
    public string Text { get; }
}
