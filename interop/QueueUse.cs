// SPDX-License-Identifier: GPL-2.0-only
//
// Queues an item at little more than what queue_work() costs a C program. Two things are dear in the usual way to call:
//
//   The SafeHandle. It keeps a queue from ending between a thread's look at it and its call with two atomic operations.
//     Here a thread announces the queue in a cell of its own with a plain store, then looks whether the queue is
//     closed. Whoever closes it has every thread's stores made visible (a barrier on all CPUs, which is slow and made
//     once per queue) and waits until no cell names the queue: either the thread sees that it is closed, or the closer
//     sees the cell. Cells are native memory, a cache line each, and are never freed, only used again.
//
//   The GC transition, which costs half as much as queue_work() itself. Without it a collection waits for the call, and
//     the call may not come back into managed code. Both are to be had:
//     - It does not block. It takes no lock, and its loops go round again only if another thread got on, or while a
//       canceller is a few instructions from giving an item back. Those threads run native code, which a collection
//       here does not stop; what they wait for in turn is never managed code. The library has
//       no collector at work. Its system calls wake a worker that sleeps, or arm a timer if the caller's CPU has no worker:
//       some microseconds that a collection may have to wait.
//     - It calls back only to report, and of a whole item on a queue that is open there is nothing to report, unless
//       WQ_DEBUG is set. From then, or from the first handler of reports in managed code on, the usual way is taken: so
//       an item that the program has overwritten is reported, and not the end of the process.
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Workqueues;

/// <summary>Calls of queue_work(), and what keeps a queue from ending meanwhile. An object is a thread's cell.</summary>
internal sealed unsafe partial class QueueUse
{
    private const nuint CacheLine = 64;

    // In it: the queue that the thread is about to queue on; null as always while it runs code that is not here.
    [ThreadStatic]
    private static nint* t_cell;

    // Collected when the thread has ended.
    [ThreadStatic]
    private static QueueUse? t_owner;

    private readonly nint* _cell;

    private QueueUse(nint* cell)
    {
        _cell = cell;
    }

    /// <summary>Hands the cell of a thread that has ended on.</summary>
    ~QueueUse()
    {
        lock (Cells.All)
            Cells.Free.Push((nint)_cell);
    }

    /// <summary>What became of <see cref="Queue"/>.</summary>
    internal enum Outcome
    {
        /// <summary>It was pending.</summary>
        Refused,

        /// <summary>It was queued.</summary>
        Queued,

        /// <summary>The queue is closed.</summary>
        Closed,
    }

    /// <summary>Whether a report within a call may lead to managed code: then calls are made in the usual way.</summary>
    /// <remarks>Once set it stays, as one report may still come after the last handler was removed.</remarks>
    internal static bool ReportsReachManagedCode { get; set; }

    /// <summary>Queues an item whose memory the caller keeps alive. Never blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Outcome Queue(WorkqueueHandle handle, WorkStruct* work)
    {
        if (ReportsReachManagedCode)
            return QueueReporting(handle, work);
        nint* cell = t_cell;
        if (cell == null)
            cell = Register();
        nint queue = handle.DangerousGetHandle();
        Volatile.Write(ref *cell, queue);
        bool closed = handle.IsClosed;
        bool queued = !closed && QueueWork(queue, work);
        Volatile.Write(ref *cell, 0);
        GC.KeepAlive(handle);
        return queued ? Outcome.Queued : closed ? Outcome.Closed : Outcome.Refused;
    }

    /// <summary>The same on the global queue, which has been started and never ends.</summary>
    // Not inlined: the JIT looks such a function up when it compiles the call, which allocates, though not when it runs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Outcome QueueOnSystem(WorkStruct* work)
    {
        bool queued = ReportsReachManagedCode ? NativeMethods.schedule_work(work) : ScheduleWork(work);
        return queued ? Outcome.Queued : Outcome.Refused;
    }

    /// <summary>Waits until no thread is about to use a queue whose handle is closed.</summary>
    internal static void AwaitNoneOf(nint queue)
    {
        Interlocked.MemoryBarrierProcessWide();
        lock (Cells.All)
        {
            foreach (nint cell in Cells.All)
            {
                SpinWait spin = default;
                while (Volatile.Read(ref *(nint*)cell) == queue)
                    spin.SpinOnce();
            }
        }
    }

    // In a method of its own: the usual transition costs the whole method that contains it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Outcome QueueReporting(WorkqueueHandle handle, WorkStruct* work)
    {
        try
        {
            return NativeMethods.queue_work(handle, work) ? Outcome.Queued : Outcome.Refused;
        }
        catch (ObjectDisposedException)
        {
            return Outcome.Closed;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint* Register()
    {
        nint* cell;
        lock (Cells.All)
        {
            if (Cells.Free.TryPop(out nint used))
            {
                cell = (nint*)used;
            }
            else
            {
                cell = (nint*)NativeMemory.AlignedAlloc(CacheLine, CacheLine);
                *cell = 0;
                Cells.All.Add((nint)cell);
            }
        }
        t_owner = new QueueUse(cell);
        return t_cell = cell;
    }

    [SuppressGCTransition]
    [LibraryImport(NativeLibraryResolver.Library, EntryPoint = "queue_work")]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool QueueWork(nint queue, WorkStruct* work);

    [SuppressGCTransition]
    [LibraryImport(NativeLibraryResolver.Library, EntryPoint = "schedule_work")]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool ScheduleWork(WorkStruct* work);

    // Apart, so that there is no static constructor to look after on the way to a thread's cell.
    private static class Cells
    {
        public static readonly List<nint> All = []; // also the lock of both
        public static readonly Stack<nint> Free = []; // of threads that have ended
    }
}
