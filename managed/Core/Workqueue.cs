// What the user names: a queue, its pools, and which pool serves which CPU.
//
// Invariant: while State accepts, Route[cpu] is a PoolWorkqueue with a live
// worker for every cpu in [0, NrPossible): the CPU's own, or for a CPU the
// process was not allowed when the queue was made, the first of the queue.
// Queueing reads State, Single and Route, takes no lock and makes no system
// call when the worker is awake.
//
// Type-stable: a stale pointer finds State dead until the slot is used again.
// Kernel counterparts: workqueue_struct, __create_workqueue_key, __queue_work.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tmds.Linux;
using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

[StructLayout(LayoutKind.Explicit, Size = 128)]
internal unsafe struct Workqueue
{
    public const int NameBytes = 32; // WQ_NAME_LEN

    private const int Dead = 0;
    private const int Alive = 0x77710001;
    private const int Destroying = 0x77710002; // Pending work runs and may queue more.

    [FieldOffset(0)] private int _state;            // A:
    [FieldOffset(8)] private int _reportedRefusal;  // A: one report a queue
    [FieldOffset(32)] public PoolWorkqueue* First;  // I: all of the queue's, by Next
    [FieldOffset(40)] private PoolWorkqueue* _single; // I: null for a per-CPU queue
    [FieldOffset(48)] private bool _freezeable;     // I:
    [FieldOffset(49)] private bool _forked;         // the parent process's, in a child
    [FieldOffset(56)] public Workqueue* NextFreezeable; // the Freezer's list and lock
    [FieldOffset(64)] private fixed byte _name[NameBytes]; // I:

    private static TypeStable s_slots;

    private static TypeStable* Slots => (TypeStable*)Unsafe.AsPointer(ref s_slots);

    /// <summary>Zero-terminated.</summary>
    public byte* Name => (byte*)Unsafe.AsPointer(ref _name[0]);

    private static PoolWorkqueue** RouteOf(Workqueue* wq) => (PoolWorkqueue**)(wq + 1);

    /// <summary>The delayed work armed for the queue.</summary>
    public static TimerOwner* TimersOf(Workqueue* wq) => (TimerOwner*)(RouteOf(wq) + Cpus.NrPossible);

    public static bool InitSlots(int nrSlots)
    {
        int routeBytes = Cpus.NrPossible * sizeof(void*);
        return TypeStable.Init(Slots, sizeof(Workqueue) + routeBytes + TimerOwner.SizeBytes, nrSlots);
    }

    /// <summary>Is <paramref name="wq"/> a queue that takes work? A queue's address of any age may be asked.</summary>
    public static bool IsUsable(Workqueue* wq) => Atomic.Load(&wq->_state) != Dead;

    /// <summary>Is <paramref name="wq"/> a queue of the process that forked this one?</summary>
    public static bool IsOfParent(Workqueue* wq) => wq->_forked;

    public static Workqueue* Create(byte* name, bool singleThread, bool freezeable, int* error)
    {
        Workqueue* wq = (Workqueue*)TypeStable.Alloc(Slots);
        if (wq == null)
        {
            *error = LibC.ENOMEM;
            return null;
        }
        wq->_reportedRefusal = 0;
        wq->_forked = false;
        wq->First = null;
        wq->_single = null;
        wq->_freezeable = freezeable;
        TimerOwner.Init(TimersOf(wq));
        SetName(wq, name);
        *error = singleThread ? CreateSingle(wq) : CreatePerCpu(wq);
        if (*error != 0)
        {
            DestroyPools(wq);
            TypeStable.Free(Slots, wq);
            return null;
        }
        if (freezeable)
        {
            Freezer.Add(wq);
        }
        Atomic.Store(&wq->_state, Alive);
        return wq;
    }

    /// <summary>Queues <paramref name="work"/> for the caller's CPU.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool QueueWork(Workqueue* wq, Work* work)
    {
        if (Atomic.Load(&wq->_state) == Dead)
        {
            return RefuseSlow(wq, work->Func);
        }
        return QueueWorkOn(LocalPwq(wq), work);
    }

    /// <summary>The link that serves the caller's CPU, or null if the queue is dead.</summary>
    public static PoolWorkqueue* PwqForCaller(Workqueue* wq) => IsUsable(wq) ? LocalPwq(wq) : null;

    /// <summary>Queues <paramref name="work"/> on the worker of <paramref name="cpu"/>, or of the only one.</summary>
    public static bool QueueWorkOnCpu(Workqueue* wq, int cpu, Work* work) =>
        QueueWorkOn(wq->_single != null ? wq->_single : RouteOf(wq)[cpu], work);

    /// <summary>Runs what is pending, ends the workers, frees the queue. Blocks.</summary>
    /// <returns>False if it was destroyed already or is being destroyed.</returns>
    public static bool Destroy(Workqueue* wq)
    {
        if (Atomic.CompareExchange(&wq->_state, Destroying, Alive) != Alive)
        {
            return false;
        }
        int nrCancelled = Delayed.CancelAllOf(wq);
        Flush.FlushWorkqueue(wq);
        TimerOwner.Close(TimersOf(wq)); // No timer of ours from here on: the pools may go.
        nrCancelled += Delayed.CancelAllOf(wq);
        if (nrCancelled != 0)
        {
            ReportCancelled(wq, nrCancelled);
        }
        if (wq->_freezeable)
        {
            Freezer.Remove(wq);
        }
        DestroyPools(wq);
        TypeStable.Free(Slots, wq);
        return true;
    }

    /// <summary>Is <paramref name="wq"/> the address of a queue, alive or dead?</summary>
    public static bool IsOne(Workqueue* wq) => TypeStable.Owns(Slots, (nuint)wq);

    public static void LockSlotsForFork()
    {
        TypeStable.Lock(Slots);
        TypeStable.Lock(PoolWorkqueue.Slots);
        TypeStable.Lock(WorkerPool.Slots);
        TypeStable.Lock(Worker.Slots);
    }

    public static void UnlockSlotsAfterFork()
    {
        TypeStable.Unlock(Worker.Slots);
        TypeStable.Unlock(WorkerPool.Slots);
        TypeStable.Unlock(PoolWorkqueue.Slots);
        TypeStable.Unlock(Slots);
    }

    /// <summary>In a forked child: every queue there was is dead, and no worker is left to wait for.</summary>
    public static void AbandonAll()
    {
        Workqueue* wq;
        for (nuint i = 0; (wq = (Workqueue*)TypeStable.At(Slots, i)) != null; i++)
        {
            wq->_forked |= wq->_state != Dead;
            wq->_state = Dead;
            wq->First = null;
            wq->_reportedRefusal = 0;
        }
    }

    /// <summary>Destroying -> Dead, when the work being finished keeps queueing more.</summary>
    public static void RefuseEndlessQueueing(Workqueue* wq)
    {
        Atomic.CompareExchange(&wq->_state, Dead, Destroying);
        Report report = default;
        report.Text("workqueue "u8);
        report.CString(wq->Name);
        report.Text(": destroy_workqueue() isn't complete, its work keeps queueing work: refused from now on"u8);
        Bug.Warn(ref report);
    }

    /// <summary>Is the item initialised and has it a function? Reports it if not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAcceptable(PoolWorkqueue* pwq, Work* work) =>
        (Work.IsValid(Atomic.Load(&work->Data)) && work->Func != null) || RefuseItemSlow(pwq->Wq, work);

    /// <summary>idle -> pending with <paramref name="flags"/>. False if it was pending, or is on a list it should not be on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTake(PoolWorkqueue* pwq, Work* work, nuint flags)
    {
        nuint data = Atomic.Load(&work->Data);
        if (!Work.TrySetPending(work, pwq, flags, ref data))
        {
            return false;
        }
        if (work->Entry.Next == &work->Entry && work->Entry.Prev == &work->Entry)
        {
            return !Checks.Any || Accept(pwq->Wq, work);
        }
        Work.UndoSetPending(work, data);
        return RefuseItemSlow(pwq->Wq, work);
    }

    // The optional checks on an item that is pending from now on. Returns true.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Accept(Workqueue* wq, Work* work) =>
        !Checks.IsOn(Checks.Debug) || DebugObjects.AddSlow(wq, work);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PoolWorkqueue* LocalPwq(Workqueue* wq)
    {
        PoolWorkqueue* single = wq->_single;
        return single != null ? single : RouteOf(wq)[Cpus.Current()];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool QueueWorkOn(PoolWorkqueue* pwq, Work* work) =>
        IsAcceptable(pwq, work)
        && TryTake(pwq, work, flags: 0)
        && (WorkerPool.InsertWork(pwq->Pool, work) || UndoSlow(pwq->Wq, work));

    // The worker ended between the caller's look at State and its push: a use after destroy.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool UndoSlow(Workqueue* wq, Work* work)
    {
        void* func = work->Func;
        if (Checks.IsOn(Checks.Debug))
        {
            DebugObjects.RemoveSlow(work);
        }
        Work.UndoSetPending(work, idle: 0);
        return RefuseSlow(wq, func);
    }

    /// <summary>Reports, once a queue, that nothing can be queued on it any more. Returns false.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool RefuseSlow(Workqueue* wq, void* func)
    {
        if (Bug.OncePer(&wq->_reportedRefusal))
        {
            Report report = default;
            report.Text("workqueue: cannot queue "u8);
            Bug.AppendSymbol(ref report, func);
            report.Text(" on wq "u8);
            report.CString(wq->Name);
            report.Text(wq->_forked ? ": it is the parent process's"u8 : ": it was destroyed"u8);
            Bug.Refuse(ref report);
        }
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool RefuseItemSlow(Workqueue* wq, Work* work)
    {
        Report report = default;
        report.Text("workqueue: cannot queue item "u8);
        report.Hex((nuint)work);
        report.Text(" on wq "u8);
        report.CString(wq->Name);
        report.Text(Work.IsValid(Atomic.Load(&work->Data)) && work->Func == null
            ? ": its function is NULL"u8
            : ": it was never initialised, or was copied or corrupted"u8);
        if (ItemCheck.LooksFreed(work))
        {
            report.Text(": its memory looks freed"u8);
        }
        Bug.Refuse(ref report);
        return false;
    }

    private static void SetName(Workqueue* wq, byte* name)
    {
        int length = 0;
        while (name[length] != 0 && length < NameBytes - 1)
        {
            wq->_name[length] = name[length];
            length++;
        }
        wq->_name[length] = 0;
        if (name[length] != 0)
        {
            Report report = default;
            report.Text("workqueue: name exceeds WQ_NAME_LEN. Truncating to: "u8);
            report.CString(wq->Name);
            Bug.Warn(ref report);
        }
    }

    private static int CreateSingle(Workqueue* wq)
    {
        int error;
        PoolWorkqueue* pwq = PoolWorkqueue.Create(wq, cpu: -1, &error);
        wq->First = pwq;
        wq->_single = pwq;
        return pwq == null ? error : 0;
    }

    private static int CreatePerCpu(Workqueue* wq)
    {
        CpuMask online;
        Cpus.Allowed(&online);
        PoolWorkqueue** route = RouteOf(wq);
        for (int cpu = Cpus.NrPossible - 1; cpu >= 0; cpu--)
        {
            route[cpu] = null;
            if (!online.Has(cpu))
            {
                continue;
            }
            int error;
            PoolWorkqueue* pwq = PoolWorkqueue.Create(wq, cpu, &error);
            if (pwq == null)
            {
                ReportNoWorker(wq, cpu);
                return error;
            }
            route[cpu] = pwq;
            pwq->Next = wq->First;
            wq->First = pwq;
        }
        for (int cpu = 0; cpu < Cpus.NrPossible; cpu++)
        {
            route[cpu] = route[cpu] != null ? route[cpu] : wq->First;
        }
        return 0;
    }

    private static void ReportCancelled(Workqueue* wq, int nr)
    {
        Report report = default;
        report.Text("workqueue "u8);
        report.CString(wq->Name);
        report.Text(": destroyed with delayed work pending, cancelled: "u8);
        report.Decimal(nr);
        Bug.Warn(ref report);
    }

    private static void ReportNoWorker(Workqueue* wq, int cpu)
    {
        Report report = default;
        report.Text("workqueue ["u8);
        report.CString(wq->Name);
        report.Text("] for "u8);
        report.Decimal(cpu);
        report.Text(" failed"u8);
        Bug.Warn(ref report);
    }

    // All workers are told before the first is waited for, and all have ended before the first pool goes:
    // what still runs may cancel, flush and queue here.
    private static void DestroyPools(Workqueue* wq)
    {
        for (PoolWorkqueue* pwq = wq->First; pwq != null; pwq = pwq->Next)
        {
            WorkerPool.RequestStop(pwq->Pool);
        }
        for (PoolWorkqueue* pwq = wq->First; pwq != null; pwq = pwq->Next)
        {
            WorkerPool.WaitForStop(pwq->Pool);
        }
        Atomic.Store(&wq->_state, Dead);
        PoolWorkqueue* first = wq->First;
        wq->First = null;
        while (first != null)
        {
            PoolWorkqueue* next = first->Next;
            PoolWorkqueue.Free(first);
            first = next;
        }
    }
}
