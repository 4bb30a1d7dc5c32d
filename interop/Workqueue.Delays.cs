// SPDX-License-Identifier: GPL-2.0-only
//
// Items that get another delay.
using System;
using System.Runtime.InteropServices;

namespace Workqueues;

public sealed unsafe partial class Workqueue
{
    /// <summary>Whether <see cref="ModifyDelayed"/> can do it: it counts in milliseconds, and needs the native queue.</summary>
    internal bool CanModify(TimeSpan delay) => _handle != null && delay.Ticks % TimeSpan.TicksPerMillisecond == 0;

    /// <summary>
    /// Gives an item another delay, on this queue, whatever state it is in, by one call of the library. Unless the queue
    /// takes no work, <paramref name="acceptedBy"/> is set before it can end. It takes none if it is being drained: then
    /// the item is as it was, or idle. An <paramref name="error"/> may say that there is no timer to be had, and so
    /// nothing has happened; or nothing at all.
    /// </summary>
    /// <returns>True if the item was pending.</returns>
    internal bool ModifyDelayed(
        DelayedWorkItem item, DelayedWork* work, TimeSpan delay, ref Workqueue? acceptedBy, out bool takesWork, out int error)
    {
        bool held = false;
        try
        {
            _handle!.DangerousAddRef(ref held);
            if (!ReferenceEquals(acceptedBy, this))
                _handle.Remember(item);
            bool wasPending = NativeMethods.mod_delayed_work(_handle, work, Milliseconds(delay));
            error = Marshal.GetLastPInvokeError();
            takesWork = error != ShutDown;
            if (takesWork)
                acceptedBy = this;
            return wasPending;
        }
        catch (ObjectDisposedException)
        {
            throw Disposed();
        }
        finally
        {
            if (held)
                _handle!.DangerousRelease();
        }
    }
}
