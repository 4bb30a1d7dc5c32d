// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Workqueues;

/// <summary>The library's reports: misuse, failures, stalls, possible deadlocks.</summary>
public static unsafe class WorkqueueLog
{
    private static readonly Lock s_subscribing = new();
    private static EventHandler<WorkqueueReportEventArgs>? s_reported;

    // From the first subscription on the library may call back: the assembly must not be unloaded then.
    private static GCHandle<Type> s_root;

    /// <summary>
    /// Raised for each report, with no sender, on whichever thread met the problem. While nobody subscribes, reports go
    /// to standard error.
    /// </summary>
    /// <remarks>
    /// Several threads may raise it at once. A handler must not block, nor call a member of this assembly that does;
    /// what it throws is lost. One report may still come after the last handler was removed. Subscribing does not
    /// block.
    /// </remarks>
    public static event EventHandler<WorkqueueReportEventArgs>? Reported
    {
        add
        {
            lock (s_subscribing)
                Install(s_reported + value);
        }
        remove
        {
            lock (s_subscribing)
                Install(s_reported - value);
        }
    }

    private static void Install(EventHandler<WorkqueueReportEventArgs>? handlers)
    {
        bool had = s_reported != null, has = handlers != null;
        if (has && !s_root.IsAllocated)
            s_root = new GCHandle<Type>(typeof(WorkqueueLog));
        Volatile.Write(ref s_reported, handlers);
        DirectQueueing.ReportsReachManagedCode |= has;
        if (had != has)
            NativeMethods.wq_set_log_handler(has ? &Receive : null, null);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Receive(int level, byte* text, void* context)
    {
        try
        {
            string report = Marshal.PtrToStringUTF8((nint)text) ?? "";
            Volatile.Read(ref s_reported)?.Invoke(
                null, new WorkqueueReportEventArgs((WorkqueueReportLevel)level, report));
        }
        catch (Exception)
        {
            // The thread may be any in the process, in the middle of a native call: there is nowhere to throw to.
        }
    }
}
