// SPDX-License-Identifier: GPL-2.0-only
// The items a worker has in hand: a ring of pointers it runs from without a lock.
//
// Slots [Head, Tail) hold items in order, or null where one was cancelled. The
// worker alone moves Head and Tail and fills slots: under the pool lock from the
// queue, or without it for an item its own function queues (TryAppend). A canceller
// empties a slot under the pool lock. A slot whose item the worker met in a
// canceller's hands stays set until that canceller empties it, with the lock held all
// the time: so a worker that has seen the lock free since finds the slot empty.
//
// Invariant: an item is in a slot, or its worker is about to put it there, while
// its word says scheduled; the worker clears the slot of an item it has claimed
// before it calls the function.

using System;
using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe struct Batch
{
#if WQ_SIM
    public const int Capacity = 2; // So that short runs go round it, and over it to the list.
#else
    public const int Capacity = 32; // A power of two.
#endif
    private const uint Mask = Capacity - 1;

    private uint _head; // S:
    private uint _tail; // S:
    private fixed ulong _slots[Capacity]; // A: worker and, under the pool lock, cancellers

    public readonly bool IsEmpty => _head == _tail;

    /// <summary>How many items were ever added; wraps.</summary>
    public readonly uint NrAdded => _tail;

    public readonly int Room => Capacity - (int)(_tail - _head);

    /// <summary>
    /// The item to run next, past what was cancelled; null if there is none. Pool lock held, so that the item stays
    /// there. Ordered before what is read next.
    /// </summary>
    public static Work* First(Batch* batch)
    {
        uint head = (uint)Atomic.Load((int*)&batch->_head); // Before the tail, which the worker may move both past.
        uint nr = Math.Min((uint)Atomic.Load((int*)&batch->_tail) - head, Capacity);
        for (uint i = 0; i < nr; i++)
        {
            nuint item = Atomic.Load(Slot(batch, head + i));
            if (item != 0)
            {
                return (Work*)item;
            }
        }
        return null;
    }

    /// <summary>The slot to run next. Not empty.</summary>
    public static nuint* Peek(Batch* batch) => Slot(batch, batch->_head);

    /// <summary>Drops the slot to run next, whatever is in it.</summary>
    public static void Advance(Batch* batch) => Atomic.Store((int*)&batch->_head, (int)(batch->_head + 1));

    /// <summary>Adds an item at the end. False if there is no room. Pool lock seen free.</summary>
    public static bool TryAppend(Batch* batch, Work* work)
    {
        if (batch->Room == 0)
        {
            return false;
        }
        Append(batch, work);
        return true;
    }

    /// <summary>Adds an item at the end. Room checked, and pool lock held or seen free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Append(Batch* batch, Work* work)
    {
        Contract.Requires(*Slot(batch, batch->_tail) == 0);
        Work.SetScheduled(work);
        Atomic.Store(Slot(batch, batch->_tail), (nuint)work);
        Atomic.Store((int*)&batch->_tail, (int)(batch->_tail + 1));
    }

    /// <summary>Adds <paramref name="nr"/> items of a newest-first chain, oldest first. Pool lock held, room checked.</summary>
    public static void AppendChain(Batch* batch, Work* newest, int nr)
    {
        Work* work = newest;
        for (uint at = batch->_tail + (uint)nr; at != batch->_tail;)
        {
            at--;
            Work* older = Inbox.OlderOf(work);
            work->Entry.Next = &work->Entry;
            Work.SetScheduled(work);
            Atomic.Store(Slot(batch, at), (nuint)work);
            work = older;
        }
        batch->_tail += (uint)nr;
    }

    /// <summary>Empties the slot that holds <paramref name="work"/>; false if none does. Pool lock held.</summary>
    public static bool TryRemove(Batch* batch, Work* work)
    {
        for (uint i = 0; i < Capacity; i++)
        {
            nuint* slot = Slot(batch, i);
            if (Atomic.Load(slot) == (nuint)work)
            {
                Atomic.Store(slot, 0);
                return true;
            }
        }
        return false;
    }

    private static nuint* Slot(Batch* batch, uint index) => (nuint*)batch->_slots + (index & Mask);
}
