// SPDX-License-Identifier: GPL-2.0-only
// One CPU's coming or going: which notifiers are told, and what the queues do about it.
//
// The steps are the kernel's, and notifiers are told of each (CpuNotifier). A CPU comes:
//
//   1. CPU_UP_PREPARE: the CPU's workers start. If one cannot be started, or a notifier
//      says no, CPU_UP_CANCELED ends the others, and that is all;
//   2. callers are routed to them; the workers of its shared pools are bound to it;
//   3. CPU_ONLINE.
//
// A CPU goes:
//
//   1. CPU_DOWN_PREPARE: a notifier may say no;
//   2. Route leaves the CPU; the workers of its shared pools may run on all others;
//   3. CPU_DEAD: its workers run what they hold, on other CPUs, and end. Their pools stay
//      on the queue's list, so a flush or cancel under way misses nothing.
//
// Invariant: where a notifier is told no lock is held but the transition. Where an item is
// waited for, threads that hold the online CPUs are let in. Everything here is called in a
// transition. Kernel counterparts: _cpu_up, _cpu_down,
// workqueue_cpu_callback.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe partial class Hotplug
{
    /// <summary>The online set after a CPU's workers have started.</summary>
    private enum Online
    {
        AsItIs,
        WithIt,
    }

    private static NotifierBlock s_callback;

    /// <summary>Has the queues told of CPUs that come and go. Before the first transition.</summary>
    /// <returns>False if there is no memory.</returns>
    public static bool Init()
    {
        s_pools = (HlistHead*)Libc.calloc((nuint)Cpus.NrPossible, (nuint)sizeof(HlistHead));
        s_callback.NotifierCall = (NotifierFunc)(delegate*<NotifierBlock*, nuint, void*, int>)&WorkqueueCpuCallback;
        CpuNotifier.Register(Address.Of(ref s_callback));
        return s_pools != null;
    }

    private static Errno Up(int cpu)
    {
        CpuHotplugLock.BeginChange();
        Errno error = CpuNotifier.Ask(CpuNotifier.CPU_UP_PREPARE, CpuNotifier.CPU_UP_CANCELED, cpu, Veto.Counts);
        if (error == Errno.None)
        {
            error = StartWorkers(cpu, Online.WithIt); // A notifier may have made queues.
            SharedPools.FollowCpus();
            CpuNotifier.Call(error == Errno.None ? CpuNotifier.CPU_ONLINE : CpuNotifier.CPU_UP_CANCELED, cpu);
        }
        if (error != Errno.None)
        {
            StopWorkers(cpu);
        }
        CpuHotplugLock.EndChange();
        return error;
    }

    // A CPU that the process has lost goes, whatever notifiers say.
    private static Errno Down(int cpu)
    {
        CpuHotplugLock.BeginChange();
        Errno error = CpuNotifier.Ask(CpuNotifier.CPU_DOWN_PREPARE, CpuNotifier.CPU_DOWN_FAILED, cpu,
            s_seen.Has(cpu) ? Veto.Counts : Veto.IsIgnored);
        if (error == Errno.None)
        {
            CpuNotifier.CallAtomic(CpuNotifier.CPU_DYING, cpu);
            GoOffline(cpu);
            SharedPools.FollowCpus();
            CpuNotifier.Call(CpuNotifier.CPU_DEAD, cpu);
            StopWorkers(cpu);
        }
        CpuHotplugLock.EndChange();
        return error;
    }

    // What the queues do when they are told. If a notifier of higher priority has stopped the chain they are not:
    // then Up and Down do it.
    private static int WorkqueueCpuCallback(NotifierBlock* block, nuint action, void* hcpu)
    {
        Errno error = Errno.None;
        switch ((int)action)
        {
            case CpuNotifier.CPU_UP_PREPARE:
                error = StartWorkers((int)(nint)hcpu, Online.AsItIs);
                break;
            case CpuNotifier.CPU_UP_CANCELED:
            case CpuNotifier.CPU_DEAD:
                StopWorkers((int)(nint)hcpu);
                break;
        }
        return error == Errno.None ? CpuNotifier.NOTIFY_OK : CpuNotifier.FromErrno(error);
    }

    // On every queue that has none there. After an error it is for Up to end those that have started.
    private static Errno StartWorkers(int cpu, Online then)
    {
        Errno error = Errno.None;
        byte* name = stackalloc byte[Workqueue.NameBytes];
        FutexMutex.LockStatic(ref s_lock);
        for (HlistNode* node = s_queues.First; node != null && error == Errno.None; node = node->Next)
        {
            Workqueue* wq = Workqueue.OfPerCpu(node);
            error = HasWorker(wq, cpu) ? Errno.None : StartOn(wq, cpu);
            if (error != Errno.None)
            {
                Unsafe.CopyBlock(name, wq->Name, Workqueue.NameBytes); // It may be gone when we report it.
            }
        }
        if (error == Errno.None && then == Online.WithIt)
        {
            CpuMask online;
            Cpus.Online(&online);
            online.Add(cpu);
            SetOnline(&online);
        }
        FutexMutex.UnlockStatic(ref s_lock);
        if (error != Errno.None)
        {
            ReportFailed(name, cpu);
        }
        return error;
    }

    private static void GoOffline(int cpu)
    {
        FutexMutex.LockStatic(ref s_lock);
        CpuMask online;
        Cpus.Online(&online);
        online.Remove(cpu);
        SetOnline(&online);
        FutexMutex.UnlockStatic(ref s_lock);
    }

    // After the routes: what is refused from here on finds another pool. The online set is settled, so the threads that
    // hold it are let in: an item that is waited for may be among them.
    private static void StopWorkers(int cpu)
    {
        FutexMutex.LockStatic(ref s_lock);
        RequestStops(cpu);
        FutexMutex.UnlockStatic(ref s_lock);
        CpuHotplugLock.EndChange();
        WaitForStops(cpu);
        CpuHotplugLock.BeginChange();
    }

    // Context: s_lock held.
    private static bool HasWorker(Workqueue* wq, int cpu)
    {
        Contract.RequiresHeldStatic(ref s_lock);
        PoolWorkqueue* pwq = Workqueue.OwnPwq(wq, cpu);
        return pwq != null && pwq->Pool->Workers != null;
    }

    // Context: s_lock held.
    private static void SetOnline(CpuMask* online)
    {
        Contract.RequiresHeldStatic(ref s_lock);
        Cpus.SetOnline(online);
        for (HlistNode* node = s_queues.First; node != null; node = node->Next)
        {
            Workqueue.SetRoutes(Workqueue.OfPerCpu(node));
        }
    }

    // Context: s_lock held.
    private static void RequestStops(int cpu)
    {
        Contract.RequiresHeldStatic(ref s_lock);
        CpuMask online;
        Cpus.Online(&online);
        for (HlistNode* node = s_pools[cpu].First; node != null; node = node->Next)
        {
            WorkerPool* pool = WorkerPool.OfCpu(node);
            Contract.Requires(IsOnList(PoolWorkqueue.Of(pool->Link)->Wq)); // What its last items queue finds another route.
            WorkerPool.Bind(pool, &online);
            WorkerPool.RequestStop(pool);
        }
    }

    // New queues have no pool for an offline CPU.
    private static void WaitForStops(int cpu)
    {
        FutexMutex.LockStatic(ref s_lock);
        for (HlistNode* node = s_pools[cpu].First; node != null; node = node->Next)
        {
            WorkerPool* pool = WorkerPool.OfCpu(node);
            pool->NrPins++;
            FutexMutex.UnlockStatic(ref s_lock);
            WorkerPool.WaitForStop(pool, WaitCall.CpuDown);
            FutexMutex.LockStatic(ref s_lock);
            Unpin(pool);
        }
        FutexMutex.UnlockStatic(ref s_lock);
    }

    // Context: s_lock held, so the pool stays on the list until the caller unlocks it.
    private static void Unpin(WorkerPool* pool)
    {
        Contract.RequiresHeldStatic(ref s_lock);
        pool->NrPins--;
        Futex.Wake(&pool->NrPins, int.MaxValue);
    }
}
