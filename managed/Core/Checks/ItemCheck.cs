// SPDX-License-Identifier: GPL-2.0-only
// What the library expects of an item it holds. If an item is not like that, it was
// initialised again, freed or overwritten while it was pending, and the process ends.
// Going on would lose the items queued behind it, or walk in a circle.
//
// Links are checked, always, when an item goes from the inbox to the list and when it
// leaves the list. A chain that fits into a batch skips the list. With WQ_DEBUG=1 every
// chain is checked before it is walked, and every item before its worker claims it; then
// DebugObjects knows what was queued.
// Locks: those of the lists. Kernel counterparts: CONFIG_DEBUG_LIST, debugobjects.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class ItemCheck
{
    private const nuint PointerBits = 7;

    /// <summary>The entry after <paramref name="entry"/>, which comes after <paramref name="previous"/>. Context: pool->Lock held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ListHead* NextOf(WorkerPool* pool, ListHead* entry, ListHead* previous)
    {
        Contract.RequiresHeld(&pool->Lock);
        if (entry->Prev != previous || !IsLink(entry->Next))
        {
            DieSlow(pool, Work.OfEntry(entry));
        }
        return entry->Next;
    }

    /// <summary>Unlinks an item of the pool's list. Context: pool->Lock held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unlink(WorkerPool* pool, Work* work)
    {
        Contract.RequiresHeld(&pool->Lock);
        ListHead* entry = &work->Entry;
        if (!IsLink(entry->Next) || !IsLink(entry->Prev) || entry->Prev->Next != entry || entry->Next->Prev != entry)
        {
            DieSlow(pool, work);
        }
        ListHead.DelInit(entry);
    }

    /// <summary>
    /// Links an item of a taken chain to <paramref name="newer"/>, which comes after it in the pool's list.
    /// Returns its entry, whose other side is the caller's. Context: pool->Lock held.
    /// </summary>
    // Until an item of a chain is linked here, its Prev leads to itself and its Next does not. So an item that was
    // initialised again is found, and so is a chain that leads back into itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ListHead* LinkBefore(WorkerPool* pool, Work* work, ListHead* newer)
    {
        Contract.RequiresHeld(&pool->Lock);
        if (work->Entry.Prev != &work->Entry || work->Entry.Next == &work->Entry)
        {
            DieSlow(pool, work);
        }
        work->Entry.Next = newer;
        newer->Prev = &work->Entry;
        return &work->Entry;
    }

    /// <summary>The end of a list of the pool, checked. Context: pool->Lock held.</summary>
    public static ListHead* EndOf(WorkerPool* pool, ListHead* list)
    {
        Contract.RequiresHeld(&pool->Lock);
        ListHead* end = list->Prev;
        if (end->Next != list)
        {
            DieSlow(pool, Work.OfEntry(end));
        }
        return end;
    }

    /// <summary>With WQ_DEBUG=1: checks that a taken chain is what was pushed. Context: pool->Lock held.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void CheckChainSlow(WorkerPool* pool, Work* newest)
    {
        Contract.RequiresHeld(&pool->Lock);
        for (Work* work = newest; work != null; work = Inbox.OlderOf(work))
        {
            WorkWord word = Work.WordOf(work);
            bool good = word.IsPending && !word.IsAt(Place.Scheduled)
                && IsOn(pool, word)
                && work->Entry.Prev == &work->Entry
                && (work->Entry.Next == null || IsLink(work->Entry.Next));
            if (!good)
            {
                DieSlow(pool, work);
            }
        }
    }

    /// <summary>With WQ_DEBUG=1: checks that the item in hand is as it was put there, or that another thread has taken it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void CheckClaimSlow(WorkerPool* pool, Work* work)
    {
        WorkWord word = Work.WordOf(work);
        if (PoolWorkqueue.IsValid(word) && word.IsTaken)
        {
            return;
        }
        bool good = word.IsAt(Place.Scheduled)
            && IsOn(pool, word)
            && work->Entry.Next == &work->Entry
            && work->Entry.Prev == &work->Entry
            && !IsPoison((nuint)work->Func);
        if (!good)
        {
            DieSlow(pool, work);
        }
    }

    /// <summary>Does what is left of an item look like freed memory, as allocators and checkers fill it?</summary>
    public static bool LooksFreed(Work* work) =>
        IsPoison(Atomic.Load(&work->Data)) || IsPoison((nuint)work->Entry.Next) || IsPoison((nuint)work->Func);

    /// <summary>Ends the process: the item, which <paramref name="pool"/> holds, is not what was queued.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void DieSlow(WorkerPool* pool, Work* work)
    {
        Report report = default;
        report.Text("BUG: workqueue: "u8);
        DebugObjects.AppendItem(ref report, work, pool->Name);
        bool isAnew = Atomic.Load(&work->Data) == 0;
        report.Text(isAnew ? " was initialised again while it was pending"u8
            : " was freed, overwritten or initialised again while it was pending"u8);
        if (LooksFreed(work))
        {
            report.Text(": its memory looks freed"u8);
        }
        Bug.Die(ref report);
    }

    /// <summary>DieSlow for the item of a timer that has fired.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void DieOfArmed(Work* work, WorkWord word)
    {
        Report report = default;
        report.Text("BUG: workqueue: delayed "u8);
        DebugObjects.AppendItem(ref report, work, name: null);
        report.Text(word.Bits == 0 ? " was initialised again while its timer was armed"u8
            : " was freed or overwritten while its timer was armed"u8);
        Bug.Die(ref report);
    }

    private static bool IsOn(WorkerPool* pool, WorkWord word) => PoolWorkqueue.IsValid(word) && PoolWorkqueue.Of(word) != null
        && PoolWorkqueue.Of(word)->Pool == pool;

    // Neither the patterns below nor what a mistaken free() leaves is an aligned address.
    private static bool IsLink(ListHead* pointer) => pointer != null && ((nuint)pointer & PointerBits) == 0;

    private static bool IsPoison(nuint word)
    {
        nuint b = word & 0xff;
        return word == b * unchecked((nuint)0x0101010101010101)
            && b is 0x6b or 0xa5 or 0xdd or 0xcc or 0xfe or 0x5a;
    }
}
