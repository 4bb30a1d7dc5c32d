// What the user names: a queue and its pools.
//
// State says what may be done with it. Which pool serves a caller is in
// Workqueue.Routes.cs, how it ends in Calls/Destroy.cs. First and Next only ever grow,
// until the queue goes.
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
internal unsafe partial struct Workqueue
{
    public const int NameBytes = 32; // WQ_NAME_LEN

    private const int Dead = 0;
    private const int Alive = 0x77710001;
    private const int Destroying = 0x77710002; // Pending work runs and may queue more.
    private const int Ending = 0x77710003;     // Likewise, while workers end: a pool without one refuses for good.
    private const int Closed = 0x77710004;     // All pools refuse; the queue is not freed yet.

    [FieldOffset(0)] private int _state;            // A:
    [FieldOffset(8)] private int _reportedRefusal;  // A: one report a queue
    [FieldOffset(12)] public int FailedCpu;         // Hotplug: where Add could not start a worker
    [FieldOffset(16)] public Workqueue* NextPerCpu; // Hotplug's list and lock
    [FieldOffset(32)] private nuint _first;         // A: a PoolWorkqueue: all of the queue's, by Next
    [FieldOffset(40)] private PoolWorkqueue* _single; // I: null for a per-CPU queue
    [FieldOffset(48)] private bool _freezeable;     // I:
    [FieldOffset(49)] private bool _forked;         // the parent process's, in a child
    [FieldOffset(50)] private bool _isQuiet;        // being closed, or closed: refuses without a report; stored
                                                    //    before the first pool refuses
    [FieldOffset(52)] public int NrPins;            // Hotplug: who walks the list and stands at this queue
    [FieldOffset(56)] public Workqueue* NextFreezeable; // the Freezer's list and lock
    [FieldOffset(64)] private fixed byte _name[NameBytes]; // I:
    [FieldOffset(96)] public LockdepQueue Lockdep;  // I: Key, Name: set by whoever has the queue made

    private static TypeStable s_slots;

    private static TypeStable* Slots => (TypeStable*)Unsafe.AsPointer(ref s_slots);

    /// <summary>Zero-terminated.</summary>
    public byte* Name => (byte*)Unsafe.AsPointer(ref _name[0]);

    /// <summary>The delayed work armed for the queue.</summary>
    public static TimerOwner* TimersOf(Workqueue* wq) => (TimerOwner*)(OwnOf(wq) + Cpus.NrPossible);

    public static void InitSlots(int nrSlots)
    {
        int mapBytes = 2 * Cpus.NrPossible * sizeof(void*);
        TypeStable.Init(Slots, sizeof(Workqueue) + mapBytes + TimerOwner.SizeBytes, nrSlots);
    }

    /// <summary>The first of the queue's PoolWorkqueues; Next leads to the others.</summary>
    public static PoolWorkqueue* FirstOf(Workqueue* wq) => (PoolWorkqueue*)Atomic.Load(&wq->_first);

    /// <summary>
    /// Is <paramref name="wq"/> a queue of this process that is not freed yet? A queue's address of any age may be asked.
    /// </summary>
    public static bool IsThere(Workqueue* wq)
    {
        Fork.Settle();
        return Atomic.Load(&wq->_state) != Dead || wq->_isQuiet;
    }

    // One compare, in which Dead wraps round: the states that take work are one after another.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TakesWork(Workqueue* wq) => (uint)(Atomic.Load(&wq->_state) - Alive) <= Ending - Alive;

    /// <summary>Is <paramref name="wq"/> a queue of the process that forked this one?</summary>
    public static bool IsOfParent(Workqueue* wq) => wq->_forked;

    /// <summary>Does more than one worker serve the queue?</summary>
    public static bool HasManyPools(Workqueue* wq) => FirstOf(wq)->Next != null;

    public static Workqueue* Create(byte* name, bool singleThread, bool freezeable, int* error)
    {
        Workqueue* wq = Start(name, singleThread, freezeable, error);
        if (*error != 0)
        {
            Abort(wq);
            return null;
        }
        return wq;
    }

    /// <summary>Create, for a caller who holds a lock: what a failure leaves is to be given to Abort without it.</summary>
    public static Workqueue* Start(byte* name, bool singleThread, bool freezeable, int* error)
    {
        Workqueue* wq = (Workqueue*)TypeStable.Alloc(Slots);
        if (wq == null)
        {
            *error = LibC.ENOMEM;
            return null;
        }
        wq->_reportedRefusal = 0;
        wq->_forked = false;
        wq->_first = 0;
        wq->_single = null;
        wq->_freezeable = freezeable;
        wq->Lockdep = default;
        TimerOwner.Init(TimersOf(wq));
        SetName(wq, name);
        *error = singleThread ? CreateSingle(wq) : CreatePerCpu(wq);
        if (*error != 0)
        {
            return wq;
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
        if (!TakesWork(wq))
        {
            return RefuseSlow(wq, work->Func);
        }
        Caller caller = ThreadLocals.Caller();
        return QueueWorkOn(LocalPwq(wq, Cpus.Known((int)caller.Cpu)), work, (Worker*)caller.Worker);
    }

    /// <summary>Queues <paramref name="work"/> on the worker of <paramref name="cpu"/>, or of the only one.</summary>
    /// <param name="cpu">Out of range for the caller's; offline for the one that serves it.</param>
    public static bool QueueWorkOnCpu(Workqueue* wq, int cpu, Work* work)
    {
        if (!TakesWork(wq))
        {
            return RefuseSlow(wq, work->Func);
        }
        return QueueWorkOn(PwqOn(wq, cpu), work, Worker.CurrentWorker);
    }

    /// <summary>Puts an item whose word names <paramref name="pwq"/> on its pool, or where callers are served now.</summary>
    /// <param name="worker">The one the caller is, or null.</param>
    /// <param name="idle">The item's word before: it gets that back if it is refused, as it may still run where it was.</param>
    /// <returns>False if the queue is gone, after a report, or closed, without one; the item is idle.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Insert(PoolWorkqueue* pwq, Work* work, Worker* worker, nuint idle) =>
        WorkerPool.InsertWork(pwq->Pool, work, worker) || InsertElsewhereSlow(pwq, work, idle);

    /// <summary>Is <paramref name="wq"/> the address of a queue, alive or dead?</summary>
    public static bool IsOne(Workqueue* wq) => TypeStable.NumberOf(Slots, (nuint)wq) != 0;

    /// <summary>In a forked child: every queue there was is dead, and no worker is left to wait for.</summary>
    public static void AbandonAll()
    {
        Workqueue* wq;
        TypeStable.Abandon(Slots);
        TypeStable.Abandon(PoolWorkqueue.Slots);
        TypeStable.Abandon(WorkerPool.Slots);
        TypeStable.Abandon(Worker.Slots);
        for (nuint i = 1; (wq = (Workqueue*)TypeStable.At(Slots, i)) != null; i++)
        {
            wq->_forked |= wq->_state != Dead || wq->_isQuiet || wq->_first != 0; // Not freed, though it may be Dead.
            wq->_state = Dead;
            wq->_isQuiet = false;
            wq->_first = 0;
            wq->_reportedRefusal = 0;
        }
    }

    /// <summary>Is the item initialised and has it a function? Reports it if not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAcceptable(PoolWorkqueue* pwq, Work* work) =>
        (Work.IsValid(Atomic.Load(&work->Data)) && work->Func != null) || RefuseItemSlow(pwq->Wq, work);

    /// <summary>idle -> pending with <paramref name="flags"/>. False if it was pending, or is on a list it should not be on.</summary>
    /// <param name="idle">The item's word before.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTake(PoolWorkqueue* pwq, Work* work, nuint flags, out nuint idle)
    {
        if (!Checks.Any)
        {
            return TryTakeUnchecked(pwq, work, flags, out idle);
        }
        idle = TryTakeCheckedSlow(pwq, work, flags);
        return (idle & Work.WORK_STRUCT_PENDING) == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryTakeUnchecked(PoolWorkqueue* pwq, Work* work, nuint flags, out nuint idle)
    {
        idle = Atomic.Load(&work->Data);
        if (!Work.TrySetPending(work, pwq, flags, ref idle))
        {
            return false;
        }
        if (work->Entry.Next == &work->Entry && work->Entry.Prev == &work->Entry)
        {
            return true;
        }
        Work.UndoSetPending(work, idle);
        return RefuseItemSlow(pwq->Wq, work);
    }

    // Returns the item's word before, or one that says PENDING if it is not ours. Who is told of order is told before the
    // look at PENDING: if that is on, the run to come sees what the caller stored. A forked child may find out only here
    // that the queue is its parent's.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nuint TryTakeCheckedSlow(PoolWorkqueue* pwq, Work* work, nuint flags)
    {
        Fork.Settle();
        if (IsOfParent(pwq->Wq))
        {
            RefuseSlow(pwq->Wq, work->Func);
            return Work.WORK_STRUCT_PENDING;
        }
        Watcher.Ignore(work, sizeof(Work));
        Watcher.Release(work);
        if (!TryTakeUnchecked(pwq, work, flags, out nuint idle))
        {
            return Work.WORK_STRUCT_PENDING;
        }
        if (Checks.IsOn(Checks.Debug))
        {
            DebugObjects.AddSlow(pwq->Wq, work);
        }
        return idle;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool QueueWorkOn(PoolWorkqueue* pwq, Work* work, Worker* worker) =>
        IsAcceptable(pwq, work) && TryTake(pwq, work, flags: 0, out nuint idle) && Insert(pwq, work, worker, idle);

    /// <summary>
    /// Reports, once a queue, that nothing can be queued on it any more. Of one that is closed or being closed it sets
    /// errno and reports nothing. Returns false.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool RefuseSlow(Workqueue* wq, void* func)
    {
        if (wq->_isQuiet)
        {
            Bug.RefuseQuietly();
        }
        else if (Bug.OncePer(&wq->_reportedRefusal))
        {
            Report report = default;
            report.Text("workqueue: cannot queue "u8);
            Bug.AppendSymbol(ref report, func);
            report.Text(" on wq "u8);
            report.CString(wq->Name);
            report.Text(wq->_forked ? ": it is the parent process's"u8 : ": it was destroyed"u8);
            Bug.RefuseUnlimited(ref report);
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
        if (pwq == null)
        {
            return error;
        }
        wq->_first = (nuint)pwq;
        wq->_single = pwq;
        return WorkerPool.Start(pwq->Pool);
    }
}
