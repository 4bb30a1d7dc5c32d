// SPDX-License-Identifier: GPL-2.0-only
// How a worker thread begins and ends: its signals, its name and nice value, and the
// program's hooks.
//
// The hooks, and whether it takes signals, are read when a worker is made, so that a
// program knows which workers have them, and kept in the worker, so that each runs a
// matching pair.

global using unsafe HookFunc = delegate* unmanaged[SuppressGCTransition]<void>;
using System;
using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

/// <summary>What the program runs at the start and the end of a worker; either may be null.</summary>
internal unsafe struct WorkerHooks
{
    public HookFunc Start;
    public HookFunc Stop;
}

/// <summary>Whether a worker takes the process's signals, and which it blocks then.</summary>
internal struct WorkerSignals
{
    public ulong Blocked;
    public bool AreTaken;
}

internal static unsafe class WorkerSetup
{
    private const int PrivateNice = -5;
    private const int HighPriNice = -20;
    private const int SharedNameBytes = 48;

    private static FutexMutex s_lock;
    private static Settings s_first, s_second; // L: s_lock; only the one not in use is changed
    private static bool s_useSecond;           // L: s_lock; one store changes all, for a child that is forked meanwhile

    private struct Settings
    {
        public WorkerHooks Hooks;
        public WorkerSignals Signals;
    }

    private static Settings Current => s_useSecond ? s_second : s_first;

    /// <summary>The signals that workers made from now on take and block.</summary>
    public static WorkerSignals Signals
    {
        get => Read().Signals;
        set => Change(hooks: null, &value);
    }

    /// <summary>The hooks of workers made from now on.</summary>
    public static WorkerHooks Hooks
    {
        get => Read().Hooks;
        set => Change(&value, signals: null);
    }

    public static void Abandon() => s_lock = default;

    /// <summary>Runs on the worker's thread before its first item.</summary>
    /// <param name="id">In the name of a shared pool's worker.</param>
    public static void Enter(Worker* worker, int id, ThreadStart* start, WorkerHooks hooks, WorkerSignals signals)
    {
        if (signals.AreTaken)
        {
            PThread.BlockSignals(signals.Blocked);
        }
        WorkerPool* pool = worker->Pool;
        SetName(pool, worker->Rescues, id);
        PThread.ReportRefusals(start);
        bool isRescuer = worker->Rescues != null; // It is joined.
        int nice = isRescuer ? HighPriNice : NiceOf(pool);
        if (nice != 0 && !PThread.TrySetNice(nice))
        {
            ReportNiceSlow(nice);
        }
        if (pool->IsShared && !isRescuer)
        {
            PThread.Detach();
        }
        if (hooks.Start != null)
        {
            Watcher.Acquire(Address.Of(ref s_useSecond));
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

    private static Settings Read()
    {
        FutexMutex.LockStatic(ref s_lock);
        Settings settings = Current;
        FutexMutex.UnlockStatic(ref s_lock);
        return settings;
    }

    private static void Change(WorkerHooks* hooks, WorkerSignals* signals)
    {
        Watcher.Init(); // The engine may not be there yet.
        Watcher.Release(Address.Of(ref s_useSecond));
        FutexMutex.LockStatic(ref s_lock);
        Settings settings = Current;
        settings.Hooks = hooks != null ? *hooks : settings.Hooks;
        settings.Signals = signals != null ? *signals : settings.Signals;
        if (s_useSecond)
        {
            s_first = settings;
        }
        else
        {
            s_second = settings;
        }
        System.Threading.Volatile.Write(ref s_useSecond, !s_useSecond);
        FutexMutex.UnlockStatic(ref s_lock);
    }

    private static int NiceOf(WorkerPool* pool) => !pool->IsShared ? PrivateNice : pool->IsHighPri ? HighPriNice : 0;

    // A private pool's worker is called after its queue; a shared one's as in the kernel, "kworker/0:1H" or "kworker/u2:1", and a
    // rescuer "kworker/R-queue". Without a Report, which would use half a page of every new thread's stack.
    private static void SetName(WorkerPool* pool, Workqueue* rescued, int id)
    {
        if (!pool->IsShared)
        {
            PThread.SetName(pool->Name, pool->Cpu);
            return;
        }
        byte* text = stackalloc byte[SharedNameBytes];
        ThreadName name = new() { Text = text };
        if (rescued != null)
        {
            name.Add("kworker/R-"u8);
            name.Add(new ReadOnlySpan<byte>(rescued->Name, PThread.NameBytes)); // Cut by Set, if not by the name's own zero.
            name.Set();
            return;
        }
        name.Add(pool->Cpu >= 0 ? "kworker/"u8 : "kworker/u"u8);
        name.Add(pool->Cpu >= 0 ? pool->Cpu : pool->Number);
        name.Add(":"u8);
        name.Add(id);
        name.Add(pool->IsHighPri ? "H"u8 : ""u8);
        name.Set();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReportNiceSlow(int nice)
    {
        Report report = default;
        report.Text("workqueue: nice "u8);
        report.Decimal(nice);
        report.Text(" not permitted for "u8);
        PThread.AppendCurrent(ref report);
        Bug.Debug(ref report);
    }
}
