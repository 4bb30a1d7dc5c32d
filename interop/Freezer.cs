// SPDX-License-Identifier: GPL-2.0-only
using System.Threading;
using System.Threading.Tasks;

namespace Workqueues;

/// <summary>
/// Stops all of the process's freezable queues at once, as a program does before a snapshot or a suspend.
/// </summary>
/// <remarks>All members may be used from any thread.</remarks>
public static class Freezer
{
    private const int PollMilliseconds = 1;

    /// <summary>
    /// Whether a queue that shall stop is still at an item; false if all have stopped, or nothing is being frozen.
    /// Never blocks.
    /// </summary>
    public static bool IsBusy => NativeMethods.freeze_workqueues_busy();

    /// <summary>
    /// Has every freezable queue stop after the item it is at, until <see cref="Thaw"/>. Items can be queued and
    /// cancelled meanwhile; flushing or disposing a frozen queue with something pending waits for the thaw.
    /// </summary>
    /// <remarks>Never blocks: <see cref="IsBusy"/> tells when all have stopped. Twice is the same as once.</remarks>
    public static void Freeze() => NativeMethods.freeze_workqueues_begin();

    /// <summary><see cref="Freeze"/>, and waits until all queues have stopped.</summary>
    /// <param name="cancellationToken">Ends the wait; the queues stay as they are.</param>
    /// <returns>A task that ends when no freezable queue is at an item.</returns>
    public static async Task FreezeAsync(CancellationToken cancellationToken = default)
    {
        Freeze();
        // The library has no event for it: items of such queues are short, or ask StandStill.
        while (IsBusy)
            await Task.Delay(PollMilliseconds, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets frozen queues go on. Never blocks.</summary>
    public static void Thaw() => NativeMethods.thaw_workqueues();

    /// <summary>
    /// Stands still here while queues are frozen. In an item of a freezable queue the queue counts as stopped
    /// meanwhile; in an item of another queue the call returns at once.
    /// </summary>
    /// <remarks>Blocks until <see cref="Thaw"/>.</remarks>
    /// <returns>True if it stood still.</returns>
    public static bool StandStill() => NativeMethods.try_to_freeze();
}
