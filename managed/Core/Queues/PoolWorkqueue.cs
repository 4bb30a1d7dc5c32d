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

[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct PoolWorkqueue
{
    [FieldOffset(0)] public Workqueue* Wq;       // I:
    [FieldOffset(8)] public WorkerPool* Pool;    // I:
    [FieldOffset(16)] public int Cpu;            // I: -1 for an unbound pool
    [FieldOffset(24)] public PoolWorkqueue* Next; // I: of the same queue
    [FieldOffset(32)] public WorkWord Word;      // I: the word of an idle item that was last queued here

    private static TypeStable s_slots;

    public static TypeStable* Slots => Address.Of(ref s_slots);

    public static void InitSlots(int nrSlots) => TypeStable.Init(Slots, sizeof(PoolWorkqueue), nrSlots);

    /// <summary>The link that a valid word names; null for an item that was never queued.</summary>
    public static PoolWorkqueue* Of(WorkWord word) => (PoolWorkqueue*)TypeStable.At(Slots, word.Number);

    /// <summary>Could <paramref name="word"/> be the word of an initialised item?</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsValid(WorkWord word) =>
        word.HasState && (word.NamesNoLink || TypeStable.IsNumber(Slots, word.NumberIfMarked));

    /// <summary>A link between a queue and a pool; null if there is no room.</summary>
    public static PoolWorkqueue* Create(Workqueue* wq, WorkerPool* pool, int cpu)
    {
        PoolWorkqueue* pwq = (PoolWorkqueue*)TypeStable.Alloc(Slots);
        if (pwq != null)
        {
            pwq->Wq = wq;
            pwq->Pool = pool;
            pwq->Cpu = cpu;
            pwq->Next = null;
            pwq->Word = WorkWord.IdleOn(TypeStable.NumberOf(Slots, (nuint)pwq));
        }
        return pwq;
    }

    public static void Free(PoolWorkqueue* pwq) => TypeStable.Free(Slots, pwq);
}
