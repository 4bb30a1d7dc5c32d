// CPUs that come and go: their workers are started and ended on every per-CPU queue.
//
// Online is what the process may run on, less what wq_cpu_down() took; if that is
// nothing, what was taken does not count. A CPU comes online in the kernel's steps:
// UpPrepare starts its workers; if one cannot be started, UpCanceled ends the others;
// else Online routes callers there. Going offline, Route leaves the CPU first, then
// Dead has its workers run what they hold, on other CPUs, and waits for their ends.
// Their pools stay on the queue's list, so a flush or cancel under way misses nothing.
//
// Invariant: a queue on the list has, for each online CPU, an Own pool with a worker
// that was not told to stop; both change under s_lock. Locks: s_transition makes one
// transition follow another and is held while workers finish their items; s_lock
// guards the list, Own, Route and the online set, and nothing waits for items under
// it. A queue that somebody stands at without s_lock is pinned: it is not taken off
// the list. Kernel counterparts: workqueue_cpu_callback, get_online_cpus.

using System.Runtime.CompilerServices;
using Tmds.Linux;
using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

internal static unsafe class Hotplug
{
    private static FutexMutex s_transition;
    private static FutexMutex s_lock;
    private static Workqueue* s_list; // L: per-CPU queues, by NextPerCpu
    private static CpuMask s_seen;    // L: what the process was allowed when last looked
    private static CpuMask s_taken;   // L: s_transition: what wq_cpu_down() took

    /// <summary>Starts a new queue's workers, and keeps their number in step with the CPUs from then on.</summary>
    /// <returns>0 or an errno value; the workers that were started are then the caller's to end.</returns>
    public static int Add(Workqueue* wq)
    {
        int error = 0;
        int cpu;
        FutexMutex.LockStatic(ref s_lock);
        for (cpu = 0; cpu < Cpus.NrPossible && error == 0; cpu++)
        {
            error = Cpus.IsOnline(cpu) ? Workqueue.StartOn(wq, cpu) : 0;
        }
        if (error == 0)
        {
            Workqueue.SetRoutes(wq);
            CpuWatch.Start(&OnSign); // Tried again with the next queue if it fails; wq_cpu_rescan() does without.
            SuspectChange();
            wq->NrPins = 0;
            wq->NextPerCpu = s_list;
            s_list = wq;
        }
        FutexMutex.UnlockStatic(ref s_lock);
        if (error != 0)
        {
            ReportFailed(wq->Name, cpu - 1); // Not under the lock: the handler may create queues.
        }
        return error;
    }

    /// <summary>Takes a queue off the list: its workers are the caller's to end. May wait for a transition.</summary>
    public static void Remove(Workqueue* wq)
    {
        FutexMutex.LockStatic(ref s_lock);
        while (wq->NrPins != 0)
        {
            int nrPins = wq->NrPins;
            FutexMutex.UnlockStatic(ref s_lock);
            Futex.Wait(&wq->NrPins, nrPins); // Until Unpin.
            FutexMutex.LockStatic(ref s_lock);
        }
        fixed (Workqueue** head = &s_list)
        {
            Workqueue** link = head;
            while (*link != wq)
            {
                link = &(*link)->NextPerCpu;
            }
            *link = wq->NextPerCpu;
        }
        FutexMutex.UnlockStatic(ref s_lock);
    }

    /// <summary>Brings a CPU online, if the process may run there. Blocks.</summary>
    /// <returns>0, -EINVAL if it is no CPU, -ENODEV if the process may not use it, or why no worker can be started.</returns>
    public static int CpuUp(int cpu)
    {
        if (cpu < 0 || cpu >= Cpus.NrPossible)
        {
            return -LibC.EINVAL;
        }
        FutexMutex.LockStatic(ref s_transition);
        s_taken.Remove(cpu);
        int result = Rescan();
        bool online = Cpus.IsOnline(cpu);
        FutexMutex.UnlockStatic(ref s_transition);
        return online ? 0 : result < 0 ? result : -LibC.ENODEV;
    }

    /// <summary>Takes a CPU offline until CpuUp, whatever the process may use. Blocks until its workers have ended.</summary>
    /// <returns>0, -EINVAL if it is no CPU, -EBUSY if it is the only one online.</returns>
    public static int CpuDown(int cpu)
    {
        if (cpu < 0 || cpu >= Cpus.NrPossible)
        {
            return -LibC.EINVAL;
        }
        int result = 0;
        FutexMutex.LockStatic(ref s_transition);
        if (Cpus.IsOnlyOne && Cpus.IsOnline(cpu))
        {
            result = -LibC.EBUSY;
        }
        else
        {
            s_taken.Add(cpu);
            Rescan();
        }
        FutexMutex.UnlockStatic(ref s_transition);
        return result;
    }

    /// <summary>Brings the online CPUs in step with what the process may use. Blocks.</summary>
    /// <returns>How many came or went, or a negative errno value: why one could not come.</returns>
    public static int CpuRescan()
    {
        FutexMutex.LockStatic(ref s_transition);
        int result = Rescan();
        FutexMutex.UnlockStatic(ref s_transition);
        return result;
    }

    public static void LockForFork() => FutexMutex.LockStatic(ref s_lock);

    public static void UnlockAfterFork() => FutexMutex.UnlockStatic(ref s_lock);

    /// <summary>In a forked child: no queues, no transition under way, the CPUs it has.</summary>
    public static void Abandon()
    {
        s_list = null;
        s_transition = default;
        s_taken = default;
        CpuMask allowed;
        CpuWatch.Allowed(&allowed); // The parent's thread still tells.
        CpuWatch.Abandon();
        Cpus.SetGiven(&allowed);
        Cpus.SetOnline(&allowed);
        s_seen = allowed;
    }

    private static bool OnSign() => CpuRescan() != 0;

    // We are asked for a queue: a good moment to look, not one to wait for a transition. Context: s_lock held.
    private static void SuspectChange()
    {
        CpuMask allowed;
        CpuWatch.Allowed(&allowed);
        fixed (CpuMask* seen = &s_seen)
        {
            if (seen->Count == 0)
            {
                *seen = allowed;
            }
            if (!CpuMask.AreEqual(&allowed, seen))
            {
                CpuWatch.Suspect();
            }
        }
    }

    // Up before down, so that there is always one. Context: s_transition held.
    private static int Rescan()
    {
        CpuMask target, before;
        CpuWatch.AwaitReady();
        Target(&target);
        Cpus.Online(&before);
        int nr = 0;
        int error = 0;
        for (int cpu = 0; cpu < Cpus.NrPossible; cpu++)
        {
            if (target.Has(cpu) && !before.Has(cpu))
            {
                int upError = Up(cpu);
                error = upError != 0 ? upError : error;
                nr += upError == 0 ? 1 : 0;
            }
        }
        for (int cpu = 0; cpu < Cpus.NrPossible; cpu++)
        {
            if (before.Has(cpu) && !target.Has(cpu) && !Cpus.IsOnlyOne)
            {
                Down(cpu);
                nr++;
            }
        }
        BindAgain();
        return error != 0 ? -error : nr;
    }

    // Context: s_transition held.
    private static void Target(CpuMask* target)
    {
        CpuMask allowed;
        CpuWatch.Allowed(&allowed);
        FutexMutex.LockStatic(ref s_lock);
        s_seen = allowed;
        FutexMutex.UnlockStatic(ref s_lock);
        *target = allowed;
        for (int cpu = 0; cpu < CpuMask.SizeBytes * 8; cpu++)
        {
            if (s_taken.Has(cpu))
            {
                target->Remove(cpu);
            }
        }
        if (target->Count == 0)
        {
            *target = allowed;
        }
    }

    private static int Up(int cpu)
    {
        FutexMutex.LockStatic(ref s_lock);
        Workqueue* failed;
        int error = UpPrepare(cpu, &failed);
        byte* name = stackalloc byte[Workqueue.NameBytes];
        if (error == 0)
        {
            Online(cpu);
        }
        else
        {
            Unsafe.CopyBlock(name, failed->Name, Workqueue.NameBytes); // It may be gone when we report it.
            RequestStops(cpu); // UpCanceled: those that were started end.
        }
        FutexMutex.UnlockStatic(ref s_lock);
        if (error != 0)
        {
            WaitForStops(cpu);
            ReportFailed(name, cpu);
        }
        return error;
    }

    // Context: s_lock held.
    private static int UpPrepare(int cpu, Workqueue** failed)
    {
        int error = 0;
        for (Workqueue* wq = s_list; wq != null && error == 0; wq = wq->NextPerCpu)
        {
            error = Workqueue.StartOn(wq, cpu);
            *failed = wq;
        }
        return error;
    }

    // Context: s_lock held.
    private static void Online(int cpu)
    {
        CpuMask online;
        Cpus.Online(&online);
        online.Add(cpu);
        SetOnline(&online);
    }

    // Dead, of the kernel's steps.
    private static void Down(int cpu)
    {
        FutexMutex.LockStatic(ref s_lock);
        CpuMask online;
        Cpus.Online(&online);
        online.Remove(cpu);
        SetOnline(&online);
        RequestStops(cpu); // After the routes: what is refused from here on finds another pool.
        FutexMutex.UnlockStatic(ref s_lock);
        WaitForStops(cpu);
    }

    // Context: s_lock held.
    private static void SetOnline(CpuMask* online)
    {
        Cpus.SetOnline(online);
        for (Workqueue* wq = s_list; wq != null; wq = wq->NextPerCpu)
        {
            Workqueue.SetRoutes(wq);
        }
    }

    // Context: s_lock held.
    private static void RequestStops(int cpu)
    {
        CpuMask online;
        Cpus.Online(&online);
        for (Workqueue* wq = s_list; wq != null; wq = wq->NextPerCpu)
        {
            WorkerPool* pool = Workqueue.OwnPool(wq, cpu);
            if (pool != null && pool->Worker != null)
            {
                Worker.Bind(pool->Worker, &online);
                WorkerPool.RequestStop(pool);
            }
        }
    }

    // New queues come at the head of the list and have no worker for an offline CPU.
    private static void WaitForStops(int cpu)
    {
        FutexMutex.LockStatic(ref s_lock);
        Workqueue* wq = s_list;
        while (wq != null)
        {
            WorkerPool* pool = Workqueue.OwnPool(wq, cpu);
            if (pool != null && pool->Worker != null)
            {
                wq->NrPins++;
                FutexMutex.UnlockStatic(ref s_lock);
                WorkerPool.WaitForStop(pool);
                FutexMutex.LockStatic(ref s_lock);
                Unpin(wq);
            }
            wq = wq->NextPerCpu;
        }
        FutexMutex.UnlockStatic(ref s_lock);
    }

    // Context: s_lock held, so the queue stays on the list until the caller lets go of it.
    private static void Unpin(Workqueue* wq)
    {
        wq->NrPins--;
        Futex.Wake(&wq->NrPins, int.MaxValue);
    }

    // Somebody may have bound all of the process's threads elsewhere: ours go back where they belong.
    // Context: s_transition held.
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
            for (Workqueue* wq = s_list; wq != null && online.Has(cpu); wq = wq->NextPerCpu)
            {
                WorkerPool* pool = Workqueue.OwnPool(wq, cpu);
                if (Atomic.Exchange(&pool->IsAstray, 0) != 0)
                {
                    Worker.Bind(pool->Worker, &own);
                }
            }
        }
        FutexMutex.UnlockStatic(ref s_lock);
    }

    private static void ReportFailed(byte* name, int cpu)
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
