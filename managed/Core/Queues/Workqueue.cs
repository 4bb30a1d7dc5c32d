// SPDX-License-Identifier: GPL-2.0-only
// What the user names: a queue and its pools.
//
// Life says what may be done with it (QueueLife). Which pool serves a caller is in
// Workqueue.Routes.cs; what is done with a queue is in Calls. First and Next only ever
// grow, until the queue goes.
//
// Type-stable: a stale pointer finds Life dead until the slot is used again.
// Kernel counterparts: workqueue_struct, __create_workqueue_key.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;
using Wq.Timers;

namespace Wq.Core;

[StructLayout(LayoutKind.Explicit, Size = 144)]
internal unsafe partial struct Workqueue
{
    public const int NameBytes = 32; // WQ_NAME_LEN
    private const int PerCpuOffset = 16;
    private const int FreezeableOffset = 120;

    [FieldOffset(0)] public QueueLife Life;         // A:
    [FieldOffset(8)] public int ReportedRefusal;    // A: one report a queue
    [FieldOffset(12)] public int FailedCpu;         // Hotplug: where Add could not start a worker
    [FieldOffset(PerCpuOffset)] public HlistNode PerCpu;      // Hotplug's list and lock
    [FieldOffset(32)] private nuint _first;         // A: a PoolWorkqueue: all of the queue's, by Next
    [FieldOffset(40)] private PoolWorkqueue* _single; // I: null for a per-CPU queue
    [FieldOffset(48)] public WqFlags Flags;         // I:
    [FieldOffset(52)] public int MaxActive;         // Freezer's lock: of each link of a shared pool
    [FieldOffset(60)] public int Limit;             // SharedPools' lock: MaxActive, or 0 while the queue is frozen
    [FieldOffset(56)] public int NrDrainers;        // Drain's lock: threads in drain_workqueue()
    [FieldOffset(64)] private fixed byte _name[NameBytes]; // I:
    [FieldOffset(96)] public LockdepQueue Lockdep;  // I: Key, Name: set by the call that makes the queue
    [FieldOffset(FreezeableOffset)] public HlistNode Freezeable; // the Freezer's list and lock

    [FieldOffset(136)] public Worker* Rescuer;      // stored by the thread that makes or ends the queue; null if it has none

    private static TypeStable s_slots;

    private static TypeStable* Slots => Address.Of(ref s_slots);

    /// <summary>Zero-terminated.</summary>
    public byte* Name => (byte*)Unsafe.AsPointer(ref _name[0]);

    /// <summary>The delayed work armed for the queue.</summary>
    public static TimerOwner* TimersOf(Workqueue* wq) => (TimerOwner*)(OwnOf(wq) + Cpus.NrPossible);

    // With what is behind it: the maps of Workqueue.Routes.cs, and the timers.
    private static int SlotBytes => sizeof(Workqueue) + (2 * Cpus.NrPossible * sizeof(void*)) + TimerOwner.SizeBytes;

    public static void InitSlots(int nrSlots) => TypeStable.Init(Slots, SlotBytes, nrSlots);

    /// <summary>The queue on Hotplug's list whose node is <paramref name="node"/>, and the one on the Freezer's.</summary>
    public static Workqueue* OfPerCpu(HlistNode* node) => (Workqueue*)((byte*)node - PerCpuOffset);

    public static Workqueue* OfFreezeable(HlistNode* node) => (Workqueue*)((byte*)node - FreezeableOffset);

    /// <summary>The first of the queue's PoolWorkqueues; Next leads to the others.</summary>
    public static PoolWorkqueue* FirstOf(Workqueue* wq) => (PoolWorkqueue*)Atomic.Load(&wq->_first);

    /// <summary>Is <paramref name="wq"/> the address of a queue, alive or dead?</summary>
    public static bool IsOne(Workqueue* wq) => TypeStable.NumberOf(Slots, (nuint)wq) != 0 || SystemNumberOf(wq) >= 0;

    /// <summary>
    /// Is <paramref name="wq"/> a queue of this process that is not freed yet? A queue's address of any age may be asked.
    /// </summary>
    public static bool IsThere(Workqueue* wq) => QueueLife.IsThere(&wq->Life);

    /// <summary>Do its links lead to shared pools?</summary>
    public static bool IsShared(Workqueue* wq) => (wq->Flags & WqFlags.Shared) != 0;

    /// <summary>Has it a worker of its own, for when its pools can make none?</summary>
    public static bool HasRescuer(Workqueue* wq) => (wq->Flags & WqFlags.MemReclaim) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TakesWork(Workqueue* wq) => QueueLife.TakesWork(&wq->Life);

    /// <summary>Is <paramref name="wq"/> a queue of the process that forked this one?</summary>
    public static bool IsOfParent(Workqueue* wq) => QueueLife.IsOfParent(&wq->Life);

    /// <summary>Does more than one worker serve the queue?</summary>
    public static bool HasManyPools(Workqueue* wq) => FirstOf(wq)->Next != null;

    /// <summary>A queue that does not live yet and has no pools; null if there is no room.</summary>
    public static Workqueue* Alloc(byte* name, WqFlags flags)
    {
        Workqueue* wq = (Workqueue*)TypeStable.Alloc(Slots);
        if (wq != null)
        {
            Init(wq, name, flags);
        }
        return wq;
    }

    /// <summary>Makes a dead queue one that has no pools.</summary>
    public static void Init(Workqueue* wq, byte* name, WqFlags flags)
    {
        wq->ReportedRefusal = 0;
        wq->_first = 0;
        wq->_single = null;
        wq->Flags = flags;
        wq->MaxActive = PoolWorkqueue.Unlimited;
        wq->NrDrainers = 0;
        wq->Rescuer = null;
        wq->Lockdep = default;
        TimerOwner.Init(TimersOf(wq));
        SetName(wq, name);
    }

    /// <summary>The queue has no links any more; returns the first of those it had.</summary>
    public static PoolWorkqueue* TakeLinks(Workqueue* wq)
    {
        PoolWorkqueue* first = FirstOf(wq);
        wq->_first = 0;
        return first;
    }

    /// <summary>Frees a queue that is dead and has no links.</summary>
    public static void Free(Workqueue* wq) => TypeStable.Free(Slots, wq);

    /// <summary>In a forked child: every queue there was is dead.</summary>
    public static void AbandonAll()
    {
        Workqueue* wq;
        TypeStable.Abandon(Slots);
        TypeStable.Abandon(PoolWorkqueue.Slots);
        for (nuint i = 1; (wq = (Workqueue*)TypeStable.At(Slots, i)) != null; i++)
        {
            QueueLife.Abandon(&wq->Life);
            wq->_first = 0;
            wq->ReportedRefusal = 0;
        }
        AbandonSystem();
    }

    /// <summary>Makes <paramref name="pwq"/> the one link of a single-threaded queue.</summary>
    public static void SetSingle(Workqueue* wq, PoolWorkqueue* pwq)
    {
        wq->_first = (nuint)pwq;
        wq->_single = pwq;
    }

    /// <summary>What the queue's last work queues is refused from now on, as it keeps queueing more.</summary>
    // Not if the queue is not ending: a CPU goes offline, and what its worker queues goes to another.
    public static void RefuseEndlessQueueing(Workqueue* wq)
    {
        if (!QueueLife.TryRefuseEndless(&wq->Life) || QueueLife.IsQuiet(&wq->Life))
        {
            return;
        }
        Report report = default;
        report.Text("workqueue "u8);
        report.CString(wq->Name);
        report.Text(": destroy_workqueue() isn't complete, its work keeps queueing work: refused from now on"u8);
        Bug.Warn(ref report);
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
}
