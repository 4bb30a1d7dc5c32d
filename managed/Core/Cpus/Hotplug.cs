// SPDX-License-Identifier: GPL-2.0-only
// CPUs that come and go: their workers are started and ended on every per-CPU queue.
//
// Online is what the process may run on, less what wq_cpu_down() took; if nothing would be
// left, what was taken does not count. Here are the calls that ask for changes, the look
// that finds them, and the queues they concern; Hotplug.Transition.cs makes each change.
//
// A change concerns the pools of that CPU (s_pools, by CPU) and the queues that want a pool
// on each CPU (s_queues), whose routes are then set anew.
//
// Invariant: a queue on the list has, for each online CPU, an own link whose pool has a
// worker that was not told to stop; both change under s_lock. Locks: CpuHotplugLock makes
// one transition follow another and is held while workers finish their items; s_lock
// guards both lists, own links, routes and the online set, and nothing waits for items
// under it, nor is it held where a notifier is called. A pool that a thread stands at
// without s_lock is pinned: it is not taken off the list.

using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

internal static unsafe partial class Hotplug
{
    private static FutexMutex s_lock;
    private static HlistHead s_queues; // L: per-CPU queues
    private static HlistHead* s_pools; // L: by CPU; I: the array
    private static CpuMask s_seen;    // L: what the process was allowed when last looked
    private static CpuMask s_taken;   // L: in a transition: what wq_cpu_down() took

    /// <summary>Starts a new queue's workers, and keeps their number in step with the CPUs from then on.</summary>
    /// <returns>None, or why not; the workers that were started are then the caller's to end.</returns>
    public static Errno Add(Workqueue* wq)
    {
        Errno error = Errno.None;
        int cpu;
        Workqueue.ClearRoutes(wq);
        FutexMutex.LockStatic(ref s_lock);
        for (cpu = 0; cpu < Cpus.NrPossible && error == Errno.None; cpu++)
        {
            error = Cpus.IsOnline(cpu) ? StartOn(wq, cpu) : Errno.None;
        }
        if (error == Errno.None)
        {
            Workqueue.SetRoutes(wq);
            CpuWatch.Start(&OnSign); // Tried again with the next queue or look if it fails.
            SuspectChange();
            HlistNode.AddHead(&wq->PerCpu, Address.Of(ref s_queues));
        }
        else
        {
            RemovePools(wq);
        }
        FutexMutex.UnlockStatic(ref s_lock);
        wq->FailedCpu = cpu - 1; // Reported by Abort, without any lock: the handler may create queues.
        return error;
    }

    /// <summary>Takes a queue and its pools off the lists: its workers are the caller's to end. May wait for a transition.</summary>
    // All at once: a pool that is on its list has a queue whose routes follow, or its worker might never run dry.
    public static void Remove(Workqueue* wq)
    {
        FutexMutex.LockStatic(ref s_lock);
        AwaitUnpinned(wq);
        HlistNode.Del(&wq->PerCpu);
        RemovePools(wq);
        FutexMutex.UnlockStatic(ref s_lock);
    }

    /// <summary>Brings a CPU online, if the process may run there. Blocks.</summary>
    /// <returns>None, EINVAL if it is no CPU, ENODEV if the process may not use it, or why not: no worker, a notifier.</returns>
    public static Errno CpuUp(int cpu)
    {
        Errno error = MayChange(cpu);
        if (error != Errno.None)
        {
            return error;
        }
        CpuHotplugLock.BeginTransition();
        s_taken.Remove(cpu);
        error = Rescan(out _);
        bool online = Cpus.IsOnline(cpu);
        bool allowed = s_seen.Has(cpu); // Then it was tried, and not being online is a failure.
        CpuHotplugLock.EndTransition();
        return online ? Errno.None : allowed ? error : Errno.ENODEV;
    }

    /// <summary>Takes a CPU offline until CpuUp, whatever the process may use. Blocks until its workers have ended.</summary>
    /// <returns>None, EINVAL if it is no CPU, EBUSY if no other would be left online, or a notifier's reason.</returns>
    public static Errno CpuDown(int cpu)
    {
        Errno error = MayChange(cpu);
        if (error != Errno.None)
        {
            return error;
        }
        CpuHotplugLock.BeginTransition();
        Rescan(out _);
        if (IsLast(cpu))
        {
            error = Errno.EBUSY;
        }
        else
        {
            s_taken.Add(cpu);
            error = Rescan(out _);
            if (!Cpus.IsOnline(cpu))
            {
                error = Errno.None; // What failed, if anything, is another CPU's arrival.
            }
            else
            {
                s_taken.Remove(cpu);
            }
        }
        CpuHotplugLock.EndTransition();
        return error;
    }

    /// <summary>Brings the online CPUs in step with what the process may use. Blocks.</summary>
    /// <param name="nr">How many came or went, if there is no error.</param>
    /// <returns>None, or why one could not come.</returns>
    public static Errno CpuRescan(out int nr)
    {
        nr = 0;
        Errno error = MayChange();
        if (error != Errno.None)
        {
            return error;
        }
        CpuHotplugLock.BeginTransition();
        error = Rescan(out nr);
        CpuHotplugLock.EndTransition();
        return error;
    }

    /// <summary>Has a notifier told from now on, also of what nobody asked for. May wait for a transition.</summary>
    /// <returns>None, or EEXIST if it is told already.</returns>
    public static Errno Register(NotifierBlock* block)
    {
        Errno error = MayChange();
        if (error != Errno.None)
        {
            return error;
        }
        CpuHotplugLock.BeginTransition();
        FutexMutex.LockStatic(ref s_lock);
        CpuWatch.Start(&OnSign);
        FutexMutex.UnlockStatic(ref s_lock);
        error = CpuNotifier.Register(block);
        CpuHotplugLock.EndTransition();
        return error;
    }

    /// <summary>Undoes Register: when it returns, the notifier is not being called. May wait for a transition.</summary>
    /// <returns>None, or ENOENT if it is not told.</returns>
    public static Errno Unregister(NotifierBlock* block)
    {
        Errno error = MayChange();
        if (error != Errno.None)
        {
            return error;
        }
        CpuHotplugLock.BeginTransition();
        error = CpuNotifier.Unregister(block);
        CpuHotplugLock.EndTransition();
        return error;
    }

    // A worker would wait for itself, or for a worker that waits for this transition. A thread that is told of a
    // transition, or that holds one off, would wait for itself.
    private static Errno MayChange()
    {
        bool isReady = Engine.EnsureReady(); // First: in a forked child the thread is no worker any more.
        if (Worker.CurrentWorker != null || *ThreadLocals.InterruptDepth() != 0 || CpuHotplugLock.IsHeldByCaller)
        {
            return Errno.EDEADLK;
        }
        return isReady ? Errno.None : Errno.ENOMEM;
    }

    private static Errno MayChange(int cpu)
    {
        Errno error = MayChange();
        return error == Errno.None && (cpu < 0 || cpu >= Cpus.NrPossible) ? Errno.EINVAL : error;
    }

    /// <summary>In a forked child: no queues, no transition under way, the CPUs it has.</summary>
    public static void Abandon()
    {
        s_lock = default;
        s_queues = default;
        for (int cpu = 0; cpu < Cpus.NrPossible; cpu++)
        {
            s_pools[cpu] = default;
        }
        CpuHotplugLock.Abandon();
        CpuMask allowed;
        CpuWatch.Allowed(&allowed); // The parent's thread still tells.
        CpuWatch.Abandon();
        Cpus.SetGiven(&allowed);
        CpuMask target;
        LessTaken(&allowed, &target);
        Cpus.SetOnline(&target);
        s_seen = allowed;
    }

    // Starts the worker of a CPU, where the queue has none. Context: s_lock held.
    private static Errno StartOn(Workqueue* wq, int cpu)
    {
        Contract.RequiresHeldStatic(ref s_lock);
        PoolWorkqueue* pwq = Workqueue.OwnPwq(wq, cpu);
        if (pwq == null)
        {
            pwq = PrivatePool.Create(wq, cpu);
            if (pwq == null)
            {
                return Errno.ENOMEM;
            }
            Workqueue.SetOwnPwq(wq, cpu, pwq);
            HlistNode.AddHead(&pwq->Pool->OnCpu, &s_pools[cpu]);
        }
        return WorkerPool.Start(pwq->Pool);
    }

    // Context: s_lock held.
    private static bool IsOnList(Workqueue* wq)
    {
        HlistNode* node = s_queues.First;
        while (node != null && node != &wq->PerCpu)
        {
            node = node->Next;
        }
        return node != null;
    }

    // Nobody stands at one of the pools. Context: s_lock held.
    private static void RemovePools(Workqueue* wq)
    {
        Contract.RequiresHeldStatic(ref s_lock);
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            HlistNode.Del(&pwq->Pool->OnCpu);
        }
    }

    // Until no pool of the queue is pinned: it looks at all of them again after each wait.
    // Context: s_lock held; unlocked while it waits for Unpin.
    private static void AwaitUnpinned(Workqueue* wq)
    {
        Contract.RequiresHeldStatic(ref s_lock);
        WorkerPool* pool;
        while ((pool = PinnedPoolOf(wq)) != null)
        {
            int nrPins = pool->NrPins;
            FutexMutex.UnlockStatic(ref s_lock);
            Futex.Wait(&pool->NrPins, nrPins);
            FutexMutex.LockStatic(ref s_lock);
        }
    }

    private static WorkerPool* PinnedPoolOf(Workqueue* wq)
    {
        PoolWorkqueue* pwq = Workqueue.FirstOf(wq);
        while (pwq != null && pwq->Pool->NrPins == 0)
        {
            pwq = pwq->Next;
        }
        return pwq != null ? pwq->Pool : null;
    }

    private static bool OnSign() => CpuRescan(out int nr) == Errno.None && nr > 0; // What is refused is asked for ever more seldom.

    // We are asked for a queue: a good moment to look, not one to wait for a transition. Context: s_lock held.
    private static void SuspectChange()
    {
        Contract.RequiresHeldStatic(ref s_lock);
        CpuMask allowed;
        CpuWatch.Allowed(&allowed);
        if (s_seen.Count == 0)
        {
            s_seen = allowed;
        }
        if (!CpuMask.AreEqual(&allowed, Address.Of(ref s_seen)))
        {
            CpuWatch.Suspect();
        }
    }

    // Up before down, so that there is always one. nr says something if all went well. Context: in a transition.
    private static Errno Rescan(out int nr)
    {
        CpuMask target, before;
        FutexMutex.LockStatic(ref s_lock);
        CpuWatch.Start(&OnSign); // Without it we do not know more than what the process was given.
        FutexMutex.UnlockStatic(ref s_lock);
        CpuWatch.AwaitReady();
        Target(&target);
        Cpus.Online(&before);
        nr = 0;
        Errno error = Errno.None;
        for (int cpu = 0; cpu < Cpus.NrPossible; cpu++)
        {
            if (target.Has(cpu) && !before.Has(cpu))
            {
                Errno upError = Up(cpu);
                error = upError != Errno.None ? upError : error;
                nr++;
            }
        }
        for (int cpu = 0; cpu < Cpus.NrPossible; cpu++)
        {
            if (before.Has(cpu) && !target.Has(cpu) && !Cpus.IsOnlyOne)
            {
                Errno downError = Down(cpu);
                error = downError != Errno.None ? downError : error;
                nr++;
            }
        }
        BindAgain();
        return error;
    }

    // Context: in a transition.
    private static void Target(CpuMask* target)
    {
        CpuMask allowed;
        CpuWatch.Allowed(&allowed);
        FutexMutex.LockStatic(ref s_lock);
        s_seen = allowed;
        FutexMutex.UnlockStatic(ref s_lock);
        LessTaken(&allowed, target);
    }

    // Is no other CPU online that may stay so? Context: in a transition, after a Rescan.
    private static bool IsLast(int cpu)
    {
        bool any = false;
        for (int other = 0; other < Cpus.NrPossible; other++)
        {
            any |= other != cpu && Cpus.IsOnline(other) && s_seen.Has(other) && !s_taken.Has(other);
        }
        return !any;
    }

    // What is allowed and not taken; if that is nothing, what is allowed.
    private static void LessTaken(CpuMask* allowed, CpuMask* target)
    {
        *target = default;
        for (int cpu = 0; cpu < Cpus.NrPossible; cpu++)
        {
            if (allowed->Has(cpu) && !s_taken.Has(cpu))
            {
                target->Add(cpu);
            }
        }
        if (target->Count == 0)
        {
            *target = *allowed;
        }
    }

    // Somebody may have bound all of the process's threads elsewhere: ours go back where they belong.
    // Context: in a transition.
    private static void BindAgain()
    {
        CpuMask online;
        Cpus.Online(&online);
        FutexMutex.LockStatic(ref s_lock);
        for (int cpu = 0; cpu < Cpus.NrPossible; cpu++)
        {
            CpuMask own = default;
            own.Add(cpu);
            TimerBase.Bind(cpu, online.Has(cpu) ? &own : &online);
            for (HlistNode* node = s_pools[cpu].First; node != null; node = node->Next)
            {
                WorkerPool* pool = WorkerPool.OfCpu(node);
                if (Atomic.Exchange(&pool->IsAstray, 0) != 0)
                {
                    WorkerPool.Bind(pool, &own);
                }
            }
        }
        FutexMutex.UnlockStatic(ref s_lock);
        SharedPools.FollowCpus();
    }

    public static void ReportFailed(byte* name, int cpu)
    {
        Report report = default;
        report.Text("workqueue ["u8);
        report.CString(name);
        report.Text("] for "u8);
        report.Decimal(cpu);
        report.Text(" failed"u8);
        Bug.Warn(ref report);
    }
}
