// SPDX-License-Identifier: GPL-2.0-only
//
// Calls of queue_work() without the GC transition, which costs a quarter to a half of queue_work() itself. A collection
// waits for such a call, and it may not come back into managed code. Both are to be had:
//
//   It does not block. It takes no lock, and its loops go round again only if another thread got on, or while a
//     canceller is a few instructions from giving an item back. Those threads run native code, which a collection
//     here does not stop; what they wait for in turn is never managed code. The library has no collector at work.
//     Its system calls wake a worker that sleeps, or arm a timer if the caller's CPU has no worker: some microseconds
//     that a collection may have to wait.
//
//   It calls back only to report, and of a whole item on a queue that is open or closed there is nothing to report,
//     unless WQ_DEBUG is set, or the queue is being drained: then the first refusal is written to standard error. From then, or from the first handler of reports in managed code on, the usual way is
//     taken: so an item that the program has overwritten is reported instead of ending the process.
using System.Runtime.InteropServices;

namespace Workqueues;

/// <summary>The declarations of queue_work() and schedule_work() that cost least.</summary>
internal static unsafe partial class DirectQueueing
{
    /// <summary>Whether a report within a call may lead to managed code: then calls are made in the usual way.</summary>
    /// <remarks>Once set it stays, as one report may still come after the last handler was removed.</remarks>
    internal static bool ReportsReachManagedCode { get; set; }

    /// <summary>Queues an item on a queue. The memory of both is there. Never blocks. Not 0 if it was queued.</summary>
    [SuppressGCTransition]
    [LibraryImport(NativeLibraryResolver.Library, EntryPoint = "queue_work")]
    internal static partial byte QueueWork(nint queue, WorkStruct* work);

    /// <summary>Queues an item on the global queue, which is up. Never blocks.</summary>
    [SuppressGCTransition]
    [LibraryImport(NativeLibraryResolver.Library, EntryPoint = "schedule_work")]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool ScheduleWork(WorkStruct* work);
}
