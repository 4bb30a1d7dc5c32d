// SPDX-License-Identifier: GPL-2.0-only
// The items that are pending, each with the function and the queue it was queued with.
// So a report can name them after the item itself was overwritten. On with WQ_DEBUG=1.
//
// An item is added when it is accepted, by the thread that turned PENDING on. It is
// removed before PENDING goes off: by the worker that is about to claim it, by a canceller
// that releases it, or by a thread that takes back a queueing. Invariant: an item that is
// accepted is not in the table yet, unless it was initialised while it was pending.
//
// Open addressing, linear probing. Removal closes the gap, so there are no marks for
// deleted entries. The table doubles as it fills. If there is no memory for that, the table
// goes out of use, with a report.
// Locks: s_lock, innermost of all. Kernel counterpart: lib/debugobjects.c.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe struct DebugObject
{
    public nuint Work; // 0: the slot is free
    public void* Func;
    public byte* QueueName; // in type-stable memory
}

internal static unsafe class DebugObjects
{
    private const int FirstBits = 8;
    private const int MaxBits = 31;

    private static FutexMutex s_lock;
    private static DebugObject* s_table; // L: null while out of use
    private static int s_bits;           // L: the table has 1 << s_bits slots
    private static uint s_used;          // L:

    /// <summary>Starts keeping track; false without memory for it: ReportOff says so.</summary>
    public static bool Init() => UseNewTable(FirstBits);

    /// <summary>idle -> pending, by the thread that did it. Ends the process if the item was pending already.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void AddSlow(Workqueue* wq, Work* work)
    {
        Lock();
        DebugObject* slot = Find(work);
        bool twice = slot != null && slot->Work != 0;
        bool full = slot != null && !twice && s_used >= NrSlots / 4 * 3 && !TryGrow();
        if (slot != null && !twice && !full)
        {
            slot = Find(work); // It may have a new place.
            s_used++;
            slot->Work = (nuint)work;
            slot->Func = work->Func;
            slot->QueueName = wq->Name;
        }
        Unlock();
        if (full)
        {
            ReportOff();
        }
        if (twice)
        {
            DieOfTwo(wq, work);
        }
    }

    /// <summary>Before PENDING goes off. The item need not be in the table.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void RemoveSlow(Work* work)
    {
        Lock();
        DebugObject* slot = Find(work);
        if (slot != null && slot->Work != 0)
        {
            s_used--;
            CloseGap((uint)(slot - s_table));
        }
        Unlock();
    }

    /// <summary>Reports an item that is pending, and whose memory is about to go.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ReportGoing(Work* work)
    {
        Report report = default;
        report.Text("BUG: workqueue: "u8);
        AppendItem(ref report, work, name: null);
        report.Text(" is on a stack that is left, and is still pending: cancelled"u8);
        Bug.Refuse(ref report);
    }

    /// <summary>Appends an item's address, function and queue: those it was queued with, if they are known.</summary>
    public static void AppendItem(ref Report report, Work* work, byte* name)
    {
        DebugObject known = default;
        Lock();
        DebugObject* slot = Find(work);
        if (slot != null)
        {
            known = *slot;
        }
        Unlock();
        report.Text("item "u8);
        report.Hex((nuint)work);
        report.Text(known.Work != 0 ? ", queued with function "u8 : ", function "u8);
        Bug.AppendSymbol(ref report, known.Work != 0 ? known.Func : work->Func);
        if (known.Work != 0 || name != null)
        {
            report.Text(" on wq "u8);
            report.CString(known.Work != 0 ? known.QueueName : name);
        }
    }

    /// <summary>In a forked child nothing is pending. The table is not freed: another thread may have had it.</summary>
    public static void Abandon()
    {
        s_lock = default;
        if (s_table != null)
        {
            UseNewTable(FirstBits);
        }
    }

    private static uint NrSlots => 1u << s_bits;

    private static uint Mask => NrSlots - 1;

    private static nuint TableBytes => NrSlots * (nuint)sizeof(DebugObject);

    // An empty table; false, and no table, if there is no memory.
    private static bool UseNewTable(int bits)
    {
        s_bits = bits;
        s_used = 0;
        s_table = bits <= MaxBits ? (DebugObject*)Pages.Map(TableBytes) : null;
        return s_table != null;
    }

    // Context: s_lock held. False, and no table, if there is no memory.
    private static bool TryGrow()
    {
        DebugObject* former = s_table;
        uint nrFormer = NrSlots;
        nuint formerBytes = TableBytes;
        if (UseNewTable(s_bits + 1))
        {
            for (uint i = 0; i < nrFormer; i++)
            {
                if (former[i].Work != 0)
                {
                    *Find((Work*)former[i].Work) = former[i];
                    s_used++;
                }
            }
        }
        Pages.Unmap(former, formerBytes);
        return s_table != null;
    }

    private static void Lock() => FutexMutex.LockStatic(ref s_lock);

    private static void Unlock() => FutexMutex.UnlockStatic(ref s_lock);

    private static uint HomeOf(nuint work) => (uint)((ulong)work * 0x9e3779b97f4a7c15 >> (64 - s_bits));

    // The item's slot, or the free one where it would be; null if the table is out of use. Context: s_lock held.
    private static DebugObject* Find(Work* work)
    {
        if (s_table == null)
        {
            return null;
        }
        uint i = HomeOf((nuint)work);
        while (s_table[i].Work != 0 && s_table[i].Work != (nuint)work)
        {
            i = (i + 1) & Mask;
        }
        return &s_table[i];
    }

    // Moves up entries that were placed past the slot by probing, so that each can be reached from its home slot.
    // Context: s_lock held.
    private static void CloseGap(uint gap)
    {
        uint i = gap;
        while (true)
        {
            i = (i + 1) & Mask;
            if (s_table[i].Work == 0)
            {
                break;
            }
            uint distanceToHome = (i - HomeOf(s_table[i].Work)) & Mask;
            uint distanceToGap = (i - gap) & Mask;
            if (distanceToHome >= distanceToGap)
            {
                s_table[gap] = s_table[i];
                gap = i;
            }
        }
        s_table[gap] = default;
    }

    public static void ReportOff() =>
        Bug.Warn("ODEBUG: Out of memory. ODEBUG disabled: pending items are not kept track of any more"u8);

    private static void DieOfTwo(Workqueue* wq, Work* work)
    {
        Report report = default;
        report.Text("BUG: workqueue: "u8);
        AppendItem(ref report, work, wq->Name);
        report.Text(" was initialised again while it was pending, and now is queued with "u8);
        Bug.AppendSymbol(ref report, work->Func);
        Bug.Die(ref report);
    }
}
