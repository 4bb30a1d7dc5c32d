// SPDX-License-Identifier: GPL-2.0-only
//
// Every function of native/include/workqueue.h and the structs they take, under
// the names they have there. The header is the contract: these comments only
// say what a C# caller has to know on top of it.
using System.Runtime.InteropServices;

namespace Workqueues;

/// <summary>
/// <c>struct work_struct</c>: 32 bytes, aligned to 8, at an address that does not change
/// while the item is in use. Its fields belong to the library.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct WorkStruct
{
    /// <summary>State bits and the queue last used.</summary>
    public nuint Data;

    /// <summary>Link to the next pending item, or to itself.</summary>
    public nint EntryNext;

    /// <summary>Link to the previous pending item, or to itself.</summary>
    public nint EntryPrev;

    /// <summary>What a worker calls, with the address of this struct.</summary>
    public delegate* unmanaged[Cdecl]<WorkStruct*, void> Func;
}

/// <summary><c>struct execute_work</c>: storage for <see cref="NativeMethods.execute_in_process_context"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExecuteWork
{
    /// <summary>The item that is queued if the function cannot be called at once.</summary>
    public WorkStruct Work;
}

/// <summary><c>enum wq_log_level</c>: severity of a report, the kernel's numbers.</summary>
internal enum WorkqueueLogLevel
{
    /// <summary>A broken invariant; the process aborts after the report.</summary>
    Critical = 2,

    /// <summary>Misuse or failure; the call was refused.</summary>
    Error = 3,

    /// <summary>Suspicious; the call went on.</summary>
    Warning = 4,

    /// <summary>Detail for debugging.</summary>
    Debug = 7,
}

/// <summary>
/// The C functions of <c>libworkqueue.so</c>. Nothing here checks an argument: the classes
/// <see cref="Workqueue"/> and <see cref="WorkItem"/> do.
/// </summary>
internal static unsafe partial class NativeMethods
{
    /// <summary>Name of the library for the loader; see <see cref="NativeLibraryResolver"/>.</summary>
    internal const string Library = "workqueue";

    /// <summary><c>WORKQUEUE_ABI_VERSION</c> of the header these declarations follow.</summary>
    internal const uint AbiVersion = 1;

    /// <summary>Bit number of the pending flag in <see cref="WorkStruct.Data"/>.</summary>
    internal const int PendingBit = 0;

    /// <summary>Bits of <see cref="WorkStruct.Data"/> that are flags.</summary>
    internal const nuint FlagMask = 0xff;

    /// <summary>Initialises an item at its final address. Never blocks; the item must not be pending.</summary>
    [LibraryImport(Library)]
    internal static partial void wq_init_work(WorkStruct* work, delegate* unmanaged[Cdecl]<WorkStruct*, void> func);

    /// <summary>Tells whether the item is queued and its run not begun: a snapshot. Never blocks.</summary>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wq_work_pending(WorkStruct* work);

    /// <summary>Clears the pending bit of an item that no queue holds. Never blocks.</summary>
    [LibraryImport(Library)]
    internal static partial void wq_work_clear_pending(WorkStruct* work);

    /// <summary>
    /// Creates a queue with every choice of the C API. May block. Invalid handle and errno on failure.
    /// </summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial WorkqueueHandle __create_workqueue_key(
        string? name, int singlethread, int freezeable, nint key, string? lockName);

    /// <summary>
    /// Creates a queue with one bound worker per CPU. May block. Invalid handle and errno on failure.
    /// </summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial WorkqueueHandle create_workqueue(string? name);

    /// <summary>Creates a queue with one unbound worker. May block. Invalid handle and errno on failure.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial WorkqueueHandle create_singlethread_workqueue(string? name);

    /// <summary>
    /// Creates a single-threaded queue that can be frozen. May block. Invalid handle and errno on failure.
    /// </summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial WorkqueueHandle create_freezeable_workqueue(string? name);

    /// <summary>The later spelling of <see cref="create_freezeable_workqueue"/>.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial WorkqueueHandle create_freezable_workqueue(string? name);

    /// <summary>
    /// Runs what is pending, ends the workers, frees the queue. Blocks; not from the queue's own workers.
    /// </summary>
    [LibraryImport(Library)]
    internal static partial void destroy_workqueue(nint wq);

    /// <summary>Queues an item; false if it was pending already. Never blocks.</summary>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool queue_work(WorkqueueHandle wq, WorkStruct* work);

    /// <summary>
    /// Queues an item on the global queue; false if it was pending already. Never blocks once the queue is up.
    /// </summary>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool schedule_work(WorkStruct* work);

    /// <summary>Runs a function once on every CPU and waits. Blocks. 0, or a negative error number.</summary>
    [LibraryImport(Library)]
    internal static partial int schedule_on_each_cpu(delegate* unmanaged[Cdecl]<WorkStruct*, void> func);

    /// <summary>
    /// Calls a function now, or queues it if the thread is in an interrupt section.
    /// 0, 1, or a negative error number.
    /// </summary>
    [LibraryImport(Library)]
    internal static partial int execute_in_process_context(
        delegate* unmanaged[Cdecl]<WorkStruct*, void> fn, ExecuteWork* ew);

    /// <summary>Waits until everything queued before the call has finished. Blocks.</summary>
    [LibraryImport(Library)]
    internal static partial void flush_workqueue(WorkqueueHandle wq);

    /// <summary><see cref="flush_workqueue"/> on the global queue. Blocks.</summary>
    [LibraryImport(Library)]
    internal static partial void flush_scheduled_work();

    /// <summary>Makes sure the item neither is pending nor runs; true if it was pending. Blocks.</summary>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool cancel_work_sync(WorkStruct* work);

    /// <summary>Starts the global queue. May block. Any number of times.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial void init_workqueues();

    /// <summary>Returns 1 if the global queue exists, else 0. Never blocks.</summary>
    [LibraryImport(Library)]
    internal static partial int keventd_up();

    /// <summary>Returns 1 if the caller is the global queue's worker for this CPU, else 0. Never blocks.</summary>
    [LibraryImport(Library)]
    internal static partial int current_is_keventd();

    /// <summary>Marks the calling thread as one that must not block. Nests.</summary>
    [LibraryImport(Library)]
    internal static partial void wq_interrupt_enter();

    /// <summary>Undoes one <see cref="wq_interrupt_enter"/> of this thread.</summary>
    [LibraryImport(Library)]
    internal static partial void wq_interrupt_exit();

    /// <summary>Tells whether the thread is between enter and exit.</summary>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wq_in_interrupt();

    /// <summary>Sets what workers started from now on call first and last; null for nothing. Never blocks.</summary>
    [LibraryImport(Library)]
    internal static partial void wq_set_worker_hooks(
        delegate* unmanaged[Cdecl]<void> start, delegate* unmanaged[Cdecl]<void> stop);

    /// <summary>
    /// Sets where reports go (level, UTF-8 text, context); null for standard error. The handler must not block.
    /// </summary>
    [LibraryImport(Library)]
    internal static partial void wq_set_log_handler(
        delegate* unmanaged[Cdecl]<int, byte*, void*, void> handler, void* ctx);

    /// <summary>Collections made by the runtime inside the library, not by the caller's.</summary>
    [LibraryImport(Library)]
    internal static partial int wq_gc_count();

    /// <summary>The ABI version the library was built with.</summary>
    [LibraryImport(Library)]
    internal static partial uint workqueue_abi_version();

    /// <summary>Stops the freezeable queues, each after the item it is at. Does not wait.</summary>
    [LibraryImport(Library)]
    internal static partial void freeze_workqueues_begin();

    /// <summary>Is a queue that shall freeze still at an item?</summary>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool freeze_workqueues_busy();

    /// <summary>Lets frozen queues go on.</summary>
    [LibraryImport(Library)]
    internal static partial void thaw_workqueues();

    /// <summary>Stands still while workqueues are frozen; true if it did.</summary>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool try_to_freeze();

    /// <summary>Starts and ends workers as the process's CPUs have changed; how many CPUs did. Blocks.</summary>
    [LibraryImport(Library)]
    internal static partial int wq_cpu_rescan();

    /// <summary>Takes a CPU offline; 0 or a negative errno value. Blocks.</summary>
    [LibraryImport(Library)]
    internal static partial int wq_cpu_down(int cpu);

    /// <summary>Undoes <see cref="wq_cpu_down"/>; 0 or a negative errno value. Blocks.</summary>
    [LibraryImport(Library)]
    internal static partial int wq_cpu_up(int cpu);

    /// <summary>Has a CPU workers?</summary>
    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wq_cpu_online(int cpu);
}
