// How a worker thread begins and ends: its name and nice value, and the
// program's hooks.
//
// The hooks are read when a worker is made, so that a program knows which
// workers have them, and kept in the worker, so that each runs a matching pair.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

/// <summary>What the program runs at the start and the end of a worker; either may be null.</summary>
internal unsafe struct WorkerHooks
{
    public delegate* unmanaged<void> Start;
    public delegate* unmanaged<void> Stop;
}

internal static unsafe class WorkerSetup
{
    private const int WorkerNice = -5;

    private static FutexMutex s_lock;
    private static WorkerHooks s_hooks; // L: s_lock

    /// <summary>The hooks of workers made from now on.</summary>
    public static WorkerHooks Hooks
    {
        get
        {
            fixed (FutexMutex* mutex = &s_lock)
            {
                FutexMutex.Lock(mutex);
                WorkerHooks hooks = s_hooks;
                FutexMutex.Unlock(mutex);
                return hooks;
            }
        }
        set
        {
            fixed (FutexMutex* mutex = &s_lock)
            {
                FutexMutex.Lock(mutex);
                s_hooks = value;
                FutexMutex.Unlock(mutex);
            }
        }
    }

    public static void LockForFork() => FutexMutex.LockStatic(ref s_lock);

    public static void UnlockAfterFork() => FutexMutex.UnlockStatic(ref s_lock);

    /// <summary>Runs on the worker's thread before its first item.</summary>
    public static void Enter(WorkerPool* pool, WorkerHooks hooks)
    {
        SetNameAndNice(pool);
        if (hooks.Start != null)
        {
            hooks.Start();
        }
    }

    /// <summary>Runs on the worker's thread after its last item.</summary>
    public static void Leave(WorkerHooks hooks)
    {
        if (hooks.Stop != null)
        {
            hooks.Stop();
        }
    }

    // "queue/cpu" or "queue"; the priority is raised where that is permitted.
    private static void SetNameAndNice(WorkerPool* pool)
    {
        Report name = default;
        name.CString(pool->Wq->Name);
        if (pool->Cpu >= 0)
        {
            name.Text("/"u8);
            name.Decimal(pool->Cpu);
        }
        PThread.SetName(ref name);
        if (!PThread.TrySetNice(WorkerNice))
        {
            Report report = default;
            report.Text("workqueue: nice -5 not permitted for "u8);
            report.CString(pool->Wq->Name);
            Bug.Debug(ref report);
        }
    }
}
