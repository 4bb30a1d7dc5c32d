// What a worker thread does before its first item: take its name and nice
// value, and run the program's hook.
//
// The hooks are read when a worker starts; the stop hook that goes with the
// start hook it ran is returned to it, so that the pair matches for each worker.

using System;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class WorkerSetup
{
    private const int WorkerNice = -5;

    private static FutexMutex s_lock;
    private static delegate* unmanaged<void> s_start; // L: s_lock
    private static delegate* unmanaged<void> s_stop;  // L: s_lock

    public static void SetHooks(delegate* unmanaged<void> start, delegate* unmanaged<void> stop)
    {
        fixed (FutexMutex* mutex = &s_lock)
        {
            FutexMutex.Lock(mutex);
            s_start = start;
            s_stop = stop;
            FutexMutex.Unlock(mutex);
        }
    }

    /// <summary>Runs the start hook. Returns the stop hook to run at the end, or null.</summary>
    public static delegate* unmanaged<void> CallStart()
    {
        delegate* unmanaged<void> start;
        delegate* unmanaged<void> stop;
        fixed (FutexMutex* mutex = &s_lock)
        {
            FutexMutex.Lock(mutex);
            start = s_start;
            stop = s_stop;
            FutexMutex.Unlock(mutex);
        }
        if (start != null)
        {
            start();
        }
        return stop;
    }

    /// <summary>Names the calling thread "queue/cpu" or "queue" and raises its priority where permitted.</summary>
    public static void Enter(WorkerPool* pool)
    {
        Report name = default;
        name.CString(pool->Wq->Name);
        if (pool->Cpu >= 0)
        {
            name.Text("/"u8);
            name.Decimal(pool->Cpu);
        }
        byte* text = stackalloc byte[Report.SizeBytes];
        name.CopyTo(text);
        PThread.SetName(new ReadOnlySpan<byte>(text, name.Length));
        if (!PThread.TrySetNice(WorkerNice))
        {
            Report report = default;
            report.Text("workqueue: nice -5 not permitted for "u8);
            report.CString(text);
            Bug.Debug(ref report);
        }
    }
}
