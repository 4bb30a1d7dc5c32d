// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace Workqueues;

/// <summary>
/// A queue of <see cref="WorkItem"/>s and the worker threads that run them.
/// </summary>
/// <remarks>
/// Items queued from one CPU, or on a queue of one thread, start in the order in which they were
/// queued. All members may be used from any thread, work items' callbacks included. The workers
/// are background threads: they do not keep the process alive.
/// </remarks>
public sealed unsafe partial class Workqueue : IDisposable, IAsyncDisposable
{
    private const int OutOfMemory = 12; // ENOMEM
    private const int ShutDown = 108; // ESHUTDOWN
    private const long NanosecondsPerTick = 100;

    private static readonly Workqueue s_system = new(new WorkqueueOptions("events") { SharesWorkers = true }, handle: null);
    private static bool s_hasBegunSystem;

    private readonly WorkqueueHandle? _handle; // null: the global queue
    private readonly QueueMemory? _memory;
    private nint _native;

    private Workqueue(WorkqueueOptions options, WorkqueueHandle? handle)
    {
        Name = options.Name;
        SharesWorkers = options.SharesWorkers;
        IsSingleThreaded = !SharesWorkers && (options.IsSingleThreaded || options.IsFreezable);
        IsFreezable = options.IsFreezable;
        IsOrdered = options.IsOrdered;
        _handle = handle;
        if (handle == null)
            return;
        _native = handle.DangerousGetHandle();
        _memory = new QueueMemory(_native);
        handle.Tell(this);
    }

    /// <summary>
    /// The process's global queue, the kernel's <c>system_wq</c>: an item runs on the CPU that queued it, by a worker
    /// that serves other queues too. It shares workers, so an item that waits holds up no other. It lives as long as
    /// the process; <see cref="Dispose"/> leaves it alone.
    /// </summary>
    /// <remarks>Never blocks, and starts no thread: the first items do.</remarks>
    public static Workqueue System
    {
        get
        {
            if (!Volatile.Read(ref s_hasBegunSystem))
                BeginSystem();
            return s_system;
        }
    }

    /// <summary>The name given to the queue. Workers of its own are named after it.</summary>
    public string Name { get; }

    /// <summary>Whether the queue has one worker that is bound to no CPU, and runs items one at a time.</summary>
    public bool IsSingleThreaded { get; }

    /// <summary>Whether the queue stops while <see cref="Freezer"/> has queues frozen.</summary>
    public bool IsFreezable { get; }

    /// <summary>Whether the queue has no threads of its own: pools of workers serve it and others.</summary>
    public bool SharesWorkers { get; }

    /// <summary>Whether the queue shares workers, and runs items one at a time in the order of their queueing.</summary>
    public bool IsOrdered { get; }

    /// <summary>
    /// Creates a queue with one worker per CPU that the process may run on. An item runs on the CPU
    /// that queued it, so one item may run on two CPUs at once if it is queued from both.
    /// </summary>
    /// <remarks>May block.</remarks>
    /// <param name="name">Prefix of the workers' names: "name/0", "name/1". Cut after 31 bytes of UTF-8.</param>
    /// <returns>The queue, its workers started.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or contains a NUL.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="Win32Exception">
    /// Memory or threads could not be had, or there are 16,384 queues; carries the error number.
    /// </exception>
    public static Workqueue Create(string name) => Create(new WorkqueueOptions(name));

    /// <summary>
    /// Creates a queue with one worker that is bound to no CPU: items run one at a time, in the order
    /// in which they were queued.
    /// </summary>
    /// <remarks>May block.</remarks>
    /// <param name="name">The worker's name. Cut after 31 bytes of UTF-8.</param>
    /// <returns>The queue, its worker started.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or contains a NUL.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="Win32Exception">
    /// Memory or threads could not be had, or there are 16,384 queues; carries the error number.
    /// </exception>
    public static Workqueue CreateSingleThread(string name) =>
        Create(new WorkqueueOptions(name) { IsSingleThreaded = true });

    /// <summary>
    /// Creates a queue as <see cref="CreateSingleThread"/> does, which stops after the item it is at while
    /// <see cref="Freezer"/> has queues frozen.
    /// </summary>
    /// <remarks>May block.</remarks>
    /// <param name="name">The worker's name. Cut after 31 bytes of UTF-8.</param>
    /// <returns>The queue, its worker started.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or contains a NUL.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="Win32Exception">
    /// Memory or threads could not be had, or there are 16,384 queues; carries the error number.
    /// </exception>
    public static Workqueue CreateFreezable(string name) =>
        Create(new WorkqueueOptions(name) { IsSingleThreaded = true, IsFreezable = true });

    /// <summary>Creates a queue with every choice there is.</summary>
    /// <remarks>
    /// May block. Mirrors the kernel's <c>create_workqueue()</c> and its like; for a queue that
    /// <see cref="WorkqueueOptions.SharesWorkers">shares workers</see> <c>alloc_workqueue()</c>, which starts no thread but the rescuer.
    /// </remarks>
    /// <param name="options">The choices.</param>
    /// <returns>The queue. Workers of its own are started.</returns>
    /// <exception cref="ArgumentException">Two choices exclude each other; the message says which.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="Win32Exception">
    /// Memory or threads could not be had, or there are 16,384 queues; carries the error number.
    /// </exception>
    public static Workqueue Create(WorkqueueOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        WorkqueueHandle handle = CreateNative(options);
        // The library has room for 16,384 queues, those included that are disposed and wait for a collection.
        for (int i = 0; i < QueueMemory.NrCollections && handle.IsInvalid
            && Marshal.GetLastPInvokeError() == OutOfMemory; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            handle = CreateNative(options);
        }
        return new Workqueue(options, Check(handle));
    }

    /// <summary>
    /// Waits until every item queued on this queue before the call has finished. Items queued later
    /// are not waited for. What the finished items wrote is visible to the caller.
    /// </summary>
    /// <remarks>
    /// Blocks, so the caller must not hold a lock that an item takes. An item may flush its own queue,
    /// and does not wait for itself. One of a queue with workers of its own runs its worker's items
    /// within the call.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public void Flush()
    {
        try
        {
            if (_handle is null)
                NativeMethods.flush_scheduled_work();
            else
                NativeMethods.flush_workqueue(_handle);
        }
        catch (ObjectDisposedException)
        {
            throw Disposed();
        }
    }

    /// <summary>
    /// <see cref="Flush"/> without blocking. On a queue of one thread that is not freezable an item that it queues
    /// comes behind the others; else, and while the queue is drained, a thread of the pool is occupied meanwhile.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the flush itself goes on in the background.</param>
    /// <returns>
    /// A task that ends when the items have finished. Faulted with <see cref="ObjectDisposedException"/> if the queue
    /// was disposed.
    /// </returns>
    public Task FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled(cancellationToken);
        Task? flush = IsSingleThreaded && !IsFreezable ? WorkItem.FlushQueueAsync(this) : null;
        flush ??= Task.Run(Flush, CancellationToken.None);
        return flush.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Runs what is pending, then ends the workers. Delays that run are cancelled. Queueing afterwards throws.
    /// </summary>
    /// <remarks>
    /// Blocks until the last item has finished, so the caller must not hold a lock that an item takes.
    /// From a work item's callback it returns at once, and the queue ends when its items have. A queue
    /// that is dropped without this call ends in the same way, in the background. May be called more
    /// than once; no effect on <see cref="System"/>. The native memory goes when the object is collected.
    /// </remarks>
    public void Dispose() => _handle?.DisposeAndWait();

    /// <summary><see cref="Dispose"/> on a thread of the pool, which it occupies while it waits.</summary>
    /// <returns>A task that ends when the last item has finished and the workers have ended.</returns>
    public ValueTask DisposeAsync() => _handle is null ? ValueTask.CompletedTask : new(Task.Run(Dispose));

    /// <summary>Returns the queue's name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;

    /// <summary>
    /// The native queue; 0 from the moment it is disposed, and for the global one. Its memory is there as long as the
    /// caller holds this object, and refuses once it is closed.
    /// </summary>
    internal nint Native => Volatile.Read(ref _native);

    /// <summary>Whether items run one at a time, in order.</summary>
    internal bool RunsOneAtATime => IsSingleThreaded || IsOrdered;

    /// <summary>Whether this is the global queue.</summary>
    internal bool IsSystem => _handle is null;

    /// <summary>The handle was disposed: nobody gets the address any more.</summary>
    internal void BeginClose() => Volatile.Write(ref _native, 0);

    /// <summary>The native queue has been closed.</summary>
    internal void EndClose()
    {
        _memory!.QueueIsClosed();
        ForgetPeriodic();
    }

    /// <summary>Queues an item whose memory the caller keeps alive, with the runtime's care. Never blocks.</summary>
    internal bool QueueSafely(WorkStruct* work, int? cpu)
    {
        if (_handle is null)
            return cpu is { } at ? NativeMethods.schedule_work_on(at, work) : NativeMethods.schedule_work(work);
        try
        {
            return cpu is { } at
                ? NativeMethods.queue_work_on(at, _handle, work)
                : NativeMethods.queue_work(_handle, work);
        }
        catch (ObjectDisposedException)
        {
            throw Disposed();
        }
    }

    /// <summary>Enables an item once, and queues it if it may be. Never blocks.</summary>
    internal bool EnableAndQueue(WorkStruct* work)
    {
        if (_handle is null)
        {
            bool enabled = NativeMethods.enable_work(work);
            if (enabled)
                NativeMethods.schedule_work(work);
            return enabled;
        }
        try
        {
            return NativeMethods.enable_and_queue_work(_handle, work);
        }
        catch (ObjectDisposedException)
        {
            throw Disposed();
        }
    }

    /// <summary>
    /// Queues an item after a delay. If it is accepted, <paramref name="acceptedBy"/> is set before the queue can end.
    /// </summary>
    internal bool QueueDelayed(DelayedWorkItem item, DelayedWork* work, TimeSpan delay, ref Workqueue? acceptedBy)
    {
        if (_handle is null)
        {
            bool scheduled = NativeMethods.schedule_delayed_work(work, Milliseconds(delay));
            return Accepted(scheduled, work, ref acceptedBy);
        }

        bool held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            if (!ReferenceEquals(acceptedBy, this))
                _handle.Remember(item);
            bool queued = delay == TimeSpan.Zero
                ? NativeMethods.queue_delayed_work(_handle, work, 0)
                : QueueDelayed(_handle.DangerousGetHandle(), work, Nanoseconds(delay));
            return Accepted(queued, work, ref acceptedBy);
        }
        catch (ObjectDisposedException)
        {
            throw Disposed();
        }
        finally
        {
            if (held)
                _handle.DangerousRelease();
        }
    }

    /// <summary>Whether the handle is this queue's.</summary>
    internal bool IsOwnerOf(WorkqueueHandle handle) => ReferenceEquals(_handle, handle);

    // Not of the handle.
    private static ObjectDisposedException Disposed() => new(typeof(Workqueue).FullName);

    // Of the declarations' SafeHandle and error number only what is needed: the handle is held already.
    private static bool QueueDelayed(nint queue, DelayedWork* work, ulong nanoseconds)
    {
        Marshal.SetLastSystemError(0);
        bool queued = QueueDelayedNs(queue, work, nanoseconds);
        if (!queued)
            Marshal.SetLastPInvokeError(Marshal.GetLastSystemError());
        return queued;
    }

    private bool Accepted(bool queued, DelayedWork* work, ref Workqueue? acceptedBy)
    {
        if (queued)
        {
            acceptedBy = this;
            return true;
        }
        // Refused as it is pending; or as the queue is being drained, or for want of a timer: then it is idle, and errno
        // says why.
        int error = Marshal.GetLastPInvokeError();
        if (error != 0 && error != ShutDown && !NativeMethods.wq_work_pending(&work->Work))
            throw new Win32Exception(error);
        return false;
    }

    // Longer than 292 years is as good as never.
    private static ulong Nanoseconds(TimeSpan delay) => delay.Ticks > long.MaxValue / NanosecondsPerTick
        ? long.MaxValue
        : (ulong)(delay.Ticks * NanosecondsPerTick);

    // Rounded up: a delay never ends early.
    private static nuint Milliseconds(TimeSpan delay)
    {
        (long whole, long rest) = Math.DivRem(delay.Ticks, TimeSpan.TicksPerMillisecond);
        return (nuint)(rest == 0 ? whole : whole + 1);
    }

    // Again, for a library that the resolver was not asked for: linked with a program compiled ahead of time.
    private static WorkqueueHandle CreateNative(WorkqueueOptions options)
    {
        NativeMethods.wq_set_worker_signals(true);
        if (options.SharesWorkers)
            return NativeMethods.wq_alloc_workqueue(options.Name, (uint)options.Flags, options.IsOrdered ? 1 : options.MaxActive);
        return NativeMethods.__create_workqueue_key(
            options.Name, options.IsSingleThreaded ? 1 : 0, options.IsFreezable ? 1 : 0, null, null);
    }

    // Its workers take signals as those of other queues do, also if no other has been created.
    private static void BeginSystem()
    {
        NativeMethods.wq_set_worker_signals(true);
        Volatile.Write(ref s_hasBegunSystem, true);
    }

    private static WorkqueueHandle Check(WorkqueueHandle created)
    {
        if (!created.IsInvalid)
            return created;
        int error = Marshal.GetLastPInvokeError();
        created.Dispose();
        throw new Win32Exception(error);
    }

    [LibraryImport(NativeLibraryResolver.Library, EntryPoint = "wq_queue_delayed_work_ns")]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool QueueDelayedNs(nint queue, DelayedWork* work, ulong nanoseconds);
}
