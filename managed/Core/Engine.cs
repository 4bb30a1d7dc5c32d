// SPDX-License-Identifier: GPL-2.0-only
// One-time set-up, on the first call that needs it.
//
// Nothing is started before that. So a program may link the library, fork, and use it in
// the child. Invariant: s_ready is stored after everything that it stands for, and is
// never unset.

using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

internal static unsafe class Engine
{
#if WQ_SIM
    private const int MaxQueuesPerCpu = 8;
#else
    private const int MaxQueuesPerCpu = 16_384;
#endif

    private static FutexMutex s_lock;
    private static int s_ready;

    public static bool IsReady => s_ready != 0;

    /// <summary>False, with errno set, if there is no memory for the engine's tables.</summary>
    public static bool EnsureReady()
    {
        Fork.Settle();
        return Atomic.Load(ref s_ready) != 0 || InitSlow();
    }

    /// <summary>In a forked child. If a set-up was under way, it begins again.</summary>
    public static void Abandon() => s_lock = default;

    private static bool InitSlow()
    {
        Fork.Watch();
        bool isTracking = true, stackIsGood = true;
        FutexMutex.LockStatic(ref s_lock);
        if (s_ready == 0 && Init(out isTracking, out stackIsGood))
        {
            Atomic.Store(ref s_ready, 1);
        }
        FutexMutex.UnlockStatic(ref s_lock);
        if (!isTracking)
        {
            DebugObjects.ReportOff(); // Not under the lock: the handler may call functions that come here.
        }
        if (!stackIsGood)
        {
            StackSize.ReportIgnored();
        }
        return s_ready != 0;
    }

    private static bool Init(out bool isTracking, out bool stackIsGood)
    {
        Bug.Init();
        isTracking = true;
        if (Bug.IsDebug)
        {
            isTracking = DebugObjects.Init();
            Checks.Enable(Checks.Debug);
        }
        Watcher.Init();
        if (Watcher.IsThere)
        {
            Checks.Enable(Checks.Order);
        }
        Unwinding.Watch();
        stackIsGood = StackSize.Init();
        Cpus.Init();
        Membarrier.Init();
        Stall.Init();
        WorkerPool.InitIdleTimeout();
        if (Environ.IsOn("WQ_LOCKDEP"u8) && !Lockdep.Enable())
        {
            return false;
        }
        if (!Hotplug.Init() || !SharedPools.Init())
        {
            return false;
        }
        int nrPools = MaxQueuesPerCpu * Cpus.NrPossible;
        PoolWorkqueue.InitSlots(nrPools);
        WorkerPool.InitSlots(nrPools);
        Worker.InitSlots(nrPools);
        Workqueue.InitSlots(MaxQueuesPerCpu);
        return TimerBase.InitBases();
    }
}
