// SPDX-License-Identifier: GPL-2.0-only
//
// The delayed work and timer half of native/include/workqueue.h; see NativeMethods.cs.
using System.Runtime.InteropServices;

namespace Workqueues;

/// <summary><c>struct timer_list</c>: 64 bytes, aligned to 8; must not move while pending.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TimerListStruct
{
    /// <summary>Link while pending.</summary>
    public nint EntryNext;

    /// <summary>Not zero exactly while the timer is pending.</summary>
    public nint EntryPprev;

    /// <summary>When it fires, in jiffies.</summary>
    public nuint Expires;

    /// <summary>What it calls, with <see cref="Data"/> or, by its flags, with its own address.</summary>
    public delegate* unmanaged[Cdecl]<nuint, void> Function;

    /// <summary>The function's argument.</summary>
    public nuint Data;

    private readonly ulong _deadlineNs;
    private readonly nint _base;

    /// <summary>The header's <c>TIMER_SELF</c> and <c>TIMER_DEFERRABLE</c>, and private bits.</summary>
    public uint Flags;

    private readonly uint _seq;
}

/// <summary><c>struct delayed_work</c>: a work item and its timer, 96 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DelayedWorkStruct
{
    /// <summary>The item.</summary>
    public WorkStruct Work;

    /// <summary>Pending while the delay runs.</summary>
    public TimerListStruct Timer;
}

internal static unsafe partial class NativeMethods
{
    /// <summary>Initialises a delayed work at its address.</summary>
    [LibraryImport(Library)]
    internal static partial void wq_init_delayed_work(DelayedWorkStruct* dwork,
        delegate* unmanaged[Cdecl]<WorkStruct*, void> func, [MarshalAs(UnmanagedType.U1)] bool deferrable);

    /// <summary>Queues an item after a delay in milliseconds; false if it was pending, or errno says why not.</summary>
    [LibraryImport(Library, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool queue_delayed_work(WorkqueueHandle wq, DelayedWorkStruct* dwork, nuint delay);

    /// <summary>The same with the timer on a given CPU, and through the timer for a delay of 0 too.</summary>
    [LibraryImport(Library, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool queue_delayed_work_on(
        int cpu, WorkqueueHandle wq, DelayedWorkStruct* dwork, nuint delay);

    /// <summary>The same in nanoseconds.</summary>
    [LibraryImport(Library, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wq_queue_delayed_work_ns(
        WorkqueueHandle wq, DelayedWorkStruct* dwork, ulong nanoseconds);

    /// <summary><see cref="queue_delayed_work"/> on the global queue.</summary>
    [LibraryImport(Library, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool schedule_delayed_work(DelayedWorkStruct* dwork, nuint delay);

    /// <summary><see cref="queue_delayed_work_on"/> on the global queue.</summary>
    [LibraryImport(Library, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool schedule_delayed_work_on(int cpu, DelayedWorkStruct* dwork, nuint delay);

    /// <summary>Takes a delayed work back from its timer; false if the timer was not armed.</summary>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool cancel_delayed_work(DelayedWorkStruct* dwork);

    /// <summary>After it returns the item is neither armed, queued nor running. Blocks.</summary>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool cancel_delayed_work_sync(DelayedWorkStruct* dwork);

    /// <summary>An older name of <see cref="cancel_delayed_work_sync"/>.</summary>
    [LibraryImport(Library)]
    internal static partial void cancel_rearming_delayed_work(DelayedWorkStruct* dwork);

    /// <summary>Another older name of <see cref="cancel_delayed_work_sync"/>.</summary>
    [LibraryImport(Library)]
    internal static partial void cancel_rearming_delayed_workqueue(WorkqueueHandle wq, DelayedWorkStruct* dwork);

    /// <summary>CLOCK_MONOTONIC in milliseconds.</summary>
    [LibraryImport(Library)]
    internal static partial nuint wq_jiffies();

    /// <summary>Initialises a timer at its address.</summary>
    [LibraryImport(Library)]
    internal static partial void wq_init_timer(TimerListStruct* timer, uint flags);

    /// <summary>Arms a timer for its <c>Expires</c>; aborts if it is pending.</summary>
    [LibraryImport(Library)]
    internal static partial void add_timer(TimerListStruct* timer);

    /// <summary><see cref="add_timer"/> on a given CPU.</summary>
    [LibraryImport(Library)]
    internal static partial void add_timer_on(TimerListStruct* timer, int cpu);

    /// <summary>Arms a timer, pending or not; 1 if it was pending.</summary>
    [LibraryImport(Library)]
    internal static partial int mod_timer(TimerListStruct* timer, nuint expires);

    /// <summary>Disarms a timer; 1 if it was pending.</summary>
    [LibraryImport(Library)]
    internal static partial int del_timer(TimerListStruct* timer);

    /// <summary>Disarms a timer unless its function is running, -1.</summary>
    [LibraryImport(Library)]
    internal static partial int try_to_del_timer_sync(TimerListStruct* timer);

    /// <summary>Disarms a timer and waits for its function. Blocks.</summary>
    [LibraryImport(Library)]
    internal static partial int del_timer_sync(TimerListStruct* timer);
}
