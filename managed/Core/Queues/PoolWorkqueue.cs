// SPDX-License-Identifier: GPL-2.0-only
// The link between a queue and a pool that serves it: one per CPU that was ever
// online while the queue existed, or one in all for a single-threaded queue.
//
// A work item's state word names its link by the number of its slot in type-stable
// memory: the word of an item whose queue was destroyed still leads to a PoolWorkqueue.
// Kernel counterpart: cpu_workqueue_struct, later pool_workqueue.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

[StructLayout(LayoutKind.Explicit, Size = 192)]
internal unsafe partial struct PoolWorkqueue
{
    public const int Unlimited = int.MaxValue; // The max_active of a private pool's link.

    [FieldOffset(0)] public Workqueue* Wq;       // I:
    [FieldOffset(8)] public WorkerPool* Pool;    // I:
    [FieldOffset(16)] public int Cpu;            // I: -1 for an unbound pool
    [FieldOffset(44)] private uint _record;      // L: of items that are handed out now
    [FieldOffset(40)] public bool IsShared;      // I: Is the pool? Kept when the link is freed
    [FieldOffset(48)] public int NrStanding;     // L: units whose workers stand still in an item, for the Freezer
    [FieldOffset(24)] public PoolWorkqueue* Next; // I: of the same queue
    [FieldOffset(32)] public WorkWord Word;      // I: the word of an idle item that was last queued here

    // In cache lines that those who queue do not read. L: the pool's lock; see PoolWorkqueue.Active.cs
    [FieldOffset(64)] public int NrActive;       // units
    [FieldOffset(68)] public int MaxActive;      // 0 while the queue is frozen, and when it has ended
    [FieldOffset(72)] public ListHead Parked;    // items, oldest first
    [FieldOffset(88)] public WqBarrier* Flushers; // barriers whose turn has come, and whose flush still waits
    [FieldOffset(96)] public int NrInFlight;     // the sum of _inFlight
    [FieldOffset(101)] public bool IsSealed;     // the queue may have ended: MaxActive stays 0
    [FieldOffset(100)] public bool IsDead;       // it is freed: what comes too late is refused
    [FieldOffset(102)] public bool IsIntensive;  // I: a CPU's pool, and items that others there need not wait for
    [FieldOffset(104)] public ulong Refill;      // the refill of the pool in which a worker last took a unit
    [FieldOffset(112)] public PoolWorkqueue* NextTouched; // null but within PutBack
    [FieldOffset(120)] private uint _seq;        // of the colour, which is the remainder by sixteen
    [FieldOffset(124)] public uint NrEver;       // items that were handed out; wraps
    [FieldOffset(128)] private fixed int _inFlight[WorkWord.NrColours];

    private static TypeStable s_slots;

    public static TypeStable* Slots => Address.Of(ref s_slots);

    public static void InitSlots(int nrSlots) => TypeStable.Init(Slots, sizeof(PoolWorkqueue), nrSlots);

    /// <summary>The link that a valid word names; null for an item that was never queued, or that names a worker.</summary>
    public static PoolWorkqueue* Of(WorkWord word) =>
        word.IsByWorker ? null : (PoolWorkqueue*)TypeStable.At(Slots, word.Number);

    /// <summary>Could <paramref name="word"/> be the word of an initialised item?</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsValid(WorkWord word) =>
        word.HasState && (word.NamesNoLink || TypeStable.IsNumber(Slots, word.NumberIfMarked) || IsNameSlow(word));

    /// <summary>A link between a queue and a pool; null if there is no room.</summary>
    /// <param name="maxActive">Unlimited for a private pool.</param>
    public static PoolWorkqueue* Create(Workqueue* wq, WorkerPool* pool, int cpu, int maxActive)
    {
        PoolWorkqueue* pwq = (PoolWorkqueue*)TypeStable.Alloc(Slots);
        if (pwq != null)
        {
            pwq->Wq = wq;
            pwq->Pool = pool;
            pwq->Cpu = cpu;
            pwq->Next = null;
            pwq->Word = WorkWord.IdleOn(TypeStable.NumberOf(Slots, (nuint)pwq));
            pwq->IsIntensive = cpu >= 0 && (wq->Flags & WqFlags.CpuIntensive) != 0;
            InitActive(pwq, maxActive);
        }
        return pwq;
    }

    public static void Free(PoolWorkqueue* pwq) => TypeStable.Free(Slots, pwq);

    // With the number of a worker, or disabled; or the name of a worker, of which there may be more than links.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsNameSlow(WorkWord word)
    {
        nuint number = word.Link.NumberIfMarked;
        bool isOnlyDisabled = number == 0 && word.IsDisableable && word.Depth != 0;
        return isOnlyDisabled || number - 1 < (word.IsByWorker ? WorkWord.MaxRunner : TypeStable.NrUsed(Slots));
    }
}
