// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Workqueues;

/// <summary>What holds for all queues of the process.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public static class WorkqueueSettings
{
    private const int InvalidArgument = -22; // -EINVAL

    /// <summary>
    /// Has waits that could deadlock reported from now on, for good: see <see cref="WorkqueueLog.Reported"/>. Items of
    /// this assembly are one class to it, so it tells of queues and of the program's native locks; and if one item waits
    /// for a queue on which another runs, it may report a deadlock that those items cannot have.
    /// </summary>
    /// <remarks>May block. May be called again.</remarks>
    /// <exception cref="Win32Exception">No memory.</exception>
    public static void EnableLockdep()
    {
        if (!NativeMethods.wq_lockdep_enable())
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>Sets after what time a wait within the library is reported as stalled; 30 seconds at first.</summary>
    /// <remarks>Never blocks. Concerns waits that begin afterwards.</remarks>
    /// <param name="timeout">The time, in whole milliseconds; zero for never.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="timeout"/> is negative or more than 49 days.
    /// </exception>
    public static void SetStallTimeout(TimeSpan timeout) => NativeMethods.wq_set_stall_timeout_ms(Milliseconds(timeout));

    /// <summary>
    /// Sets after what time a worker that queues share, and that has nothing to do, ends; five minutes at first, unless
    /// <c>WQ_IDLE_TIMEOUT_MS</c> says otherwise. The next item that needs one starts another.
    /// </summary>
    /// <remarks>
    /// Never blocks. Concerns workers that fall asleep afterwards. Queues with threads of their own keep them.
    /// </remarks>
    /// <param name="timeout">The time, in whole milliseconds; zero for never.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="timeout"/> is negative or more than 49 days.
    /// </exception>
    public static void SetIdleTimeout(TimeSpan timeout) => NativeMethods.wq_set_idle_timeout_ms(Milliseconds(timeout));

    /// <summary>Sets the size of the stacks of workers that are started afterwards.</summary>
    /// <remarks>Never blocks.</remarks>
    /// <param name="bytes">
    /// The size, or 0 for the default: what <c>WQ_STACK_SIZE</c> says, else the C library's.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is no size for a stack.</exception>
    public static void SetWorkerStackSize(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (NativeMethods.wq_set_worker_stack_size((nuint)bytes) == InvalidArgument)
            throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "This is no size for a stack.");
    }

    // Rounded up, so that a short time does not become "never".
    private static uint Milliseconds(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        double milliseconds = Math.Ceiling(timeout.TotalMilliseconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(milliseconds, uint.MaxValue, nameof(timeout));
        return (uint)milliseconds;
    }
}
