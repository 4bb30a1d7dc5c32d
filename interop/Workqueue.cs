// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Workqueues;

/// <summary>
/// A queue of <see cref="WorkItem"/>s and the worker threads that run them.
/// </summary>
/// <remarks>
/// Items queued from one CPU, or on a queue of one thread, start in the order in which they were
/// queued. All members may be used from any thread, work items' callbacks included. The workers
/// are background threads: they do not keep the process alive.
/// </remarks>
public sealed unsafe class Workqueue : IDisposable
{
    private const int OutOfThreads = 11; // EAGAIN

    private static readonly Workqueue s_system = new("events", handle: null);

    private readonly WorkqueueHandle? _handle; // null: the global queue

    private Workqueue(string name, WorkqueueHandle? handle)
    {
        Name = name;
        _handle = handle;
    }

    /// <summary>
    /// The process's global queue, "events", with one worker per CPU. It is started by the first use of
    /// this property and lives as long as the process; <see cref="Dispose"/> leaves it alone.
    /// </summary>
    /// <remarks>May block when it starts the workers.</remarks>
    /// <exception cref="Win32Exception">The worker threads could not be started.</exception>
    public static Workqueue System
    {
        get
        {
            if (NativeMethods.keventd_up() == 0)
                StartSystem();
            return s_system;
        }
    }

    /// <summary>The name given to the queue. Its workers' threads are named after it.</summary>
    public string Name { get; }

    /// <summary>
    /// Creates a queue with one worker per CPU that the process may run on. An item runs on the CPU
    /// that queued it, so one item may run on two CPUs at once if it is queued from both.
    /// </summary>
    /// <remarks>May block.</remarks>
    /// <param name="name">Prefix of the workers' names: "name/0", "name/1". Cut after 31 bytes of UTF-8.</param>
    /// <returns>The queue, its workers started.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or contains a NUL.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="Win32Exception">Memory or threads could not be had; carries the error number.</exception>
    public static Workqueue Create(string name)
    {
        CheckName(name);
        return new Workqueue(name, Check(NativeMethods.create_workqueue(name)));
    }

    /// <summary>
    /// Creates a queue with one worker that is bound to no CPU: items run one at a time, in the order
    /// in which they were queued.
    /// </summary>
    /// <remarks>May block.</remarks>
    /// <param name="name">The worker's name. Cut after 31 bytes of UTF-8.</param>
    /// <returns>The queue, its worker started.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or contains a NUL.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="Win32Exception">Memory or threads could not be had; carries the error number.</exception>
    public static Workqueue CreateSingleThread(string name)
    {
        CheckName(name);
        return new Workqueue(name, Check(NativeMethods.create_singlethread_workqueue(name)));
    }

    /// <summary>
    /// Waits until every item queued on this queue before the call has finished. Items queued later
    /// are not waited for. What the finished items wrote is visible to the caller.
    /// </summary>
    /// <remarks>
    /// Blocks, so the caller must not hold a lock that an item takes. From one of the queue's own
    /// workers it runs that worker's items within the call.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The queue was disposed.</exception>
    public void Flush()
    {
        if (_handle is null)
            NativeMethods.flush_scheduled_work();
        else
            NativeMethods.flush_workqueue(_handle);
    }

    /// <summary>
    /// Runs what is pending, then ends the workers and frees the queue. Queueing afterwards throws.
    /// </summary>
    /// <remarks>
    /// Blocks until the last item has finished, so the caller must not hold a lock that an item takes.
    /// From a work item's callback it returns at once, and the queue ends when its items have. A queue
    /// that is dropped without this call ends in the same way, in the background. May be called more
    /// than once; no effect on <see cref="System"/>.
    /// </remarks>
    public void Dispose() => _handle?.DisposeAndWait();

    /// <summary>Returns the queue's name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;

    /// <summary>Queues an item whose memory the caller keeps alive. Never blocks, allocates nothing.</summary>
    internal bool Queue(WorkStruct* work) =>
        _handle is null ? NativeMethods.schedule_work(work) : NativeMethods.queue_work(_handle, work);

    private static void StartSystem()
    {
        NativeMethods.init_workqueues();
        int error = Marshal.GetLastPInvokeError();
        if (NativeMethods.keventd_up() == 0)
            throw new Win32Exception(error != 0 ? error : OutOfThreads);
    }

    private static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('\0'))
            throw new ArgumentException("The name contains a NUL character.", nameof(name));
    }

    private static WorkqueueHandle Check(WorkqueueHandle created)
    {
        if (!created.IsInvalid)
            return created;
        int error = Marshal.GetLastPInvokeError();
        created.Dispose();
        throw new Win32Exception(error);
    }
}
