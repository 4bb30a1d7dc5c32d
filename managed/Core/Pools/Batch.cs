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
//
// Each slot has a record of its item's link and colour, which stays when the item is gone,
// until what has run is settled; until then the slot is not used again. Records are 0 of a
// private pool's items, and of slots that a canceller or a raid has emptied.
// Most batches have one record only: then nobody walks them. The worker may append an item of
// another colour without the lock, and then there are two; but it is of the link that the
// worker is at. So a thread with the lock that has read Only before that knows the links.

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
    private fixed uint _records[Capacity]; // as _tail; emptied under the pool lock
    private uint _only;    // as _records: not 0 if every slot that is not settled has this record
    private uint _settled; // L:
    private uint _counted; // L: what its worker appends without the lock is counted later, and before it is settled

    public readonly bool IsEmpty => _head == _tail;

    public readonly bool HasSeveral => _tail - _head > 1;

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

    /// <summary>Is the next slot, of a shared pool's worker, that of an item that is not settled?</summary>
    public static bool IsToSettle(Batch* batch) => batch->_tail - batch->_settled >= Capacity;

    /// <summary>Adds an item at the end. False if there is no room. Pool lock seen free; of a shared pool, nothing IsToSettle.</summary>
    /// <param name="runner">The number of a shared pool's worker, else 0.</param>
    public static bool TryAppend(Batch* batch, Work* work, uint record, nuint runner)
    {
        if (batch->Room == 0)
        {
            return false;
        }
        Append(batch, work, record, runner);
        return true;
    }

    /// <summary>Adds an item at the end. Room checked, and pool lock held or seen free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Append(Batch* batch, Work* work, uint record, nuint runner)
    {
        NoteRecord(batch, record);
        Put(batch, 0, work, record, Work.WordOf(work).At(Place.Scheduled).With(runner).Coloured(PoolWorkqueue.ColourOf(record)));
        Atomic.Store((int*)&batch->_tail, (int)(batch->_tail + 1)); // After the record: a settler reads it then.
    }

    /// <summary>
    /// Puts an item so many slots behind the last one, by a caller that knows the word that it is to have, and that says EndPut
    /// when it has put them all. Pool lock held, room checked.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(Batch* batch, int behind, Work* work, uint record, WorkWord scheduled)
    {
        uint at = batch->_tail + (uint)behind;
        Contract.Requires(*Slot(batch, at) == 0);
        batch->_records[at & Mask] = record;
        Work.SetPlace(work, scheduled);
        Atomic.Store(Slot(batch, at), (nuint)work);
    }

    /// <summary>So many items of one record have been put.</summary>
    public static void EndPut(Batch* batch, int nr, uint record)
    {
        NoteRecord(batch, record);
        batch->_tail += (uint)nr;
    }

    // Before the tail moves: who sees that sees this. Settled may be behind, which makes Only 0 for no need.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void NoteRecord(Batch* batch, uint record)
    {
        if (batch->_only != record)
        {
            Atomic.Store((int*)&batch->_only, batch->_settled == batch->_tail ? (int)record : 0);
        }
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

    /// <summary>Empties the slot that holds <paramref name="work"/>, and its record; false if none does. Pool lock held.</summary>
    public static bool TryRemove(Batch* batch, Work* work, out uint record)
    {
        record = 0;
        for (uint i = 0; i < Capacity; i++)
        {
            nuint* slot = Slot(batch, i);
            if (Atomic.Load(slot) == (nuint)work)
            {
                Atomic.Store(slot, 0);
                uint at = batch->_settled + ((i - batch->_settled) & Mask);
                record = (int)(batch->_counted - at) > 0 ? batch->_records[i] : 0; // One that is not counted yet never is.
                batch->_records[i] = 0;
                batch->_only = 0;
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// The slot after those whose items have run, or are being run if <paramref name="isAtItem"/>. Read before the worker's
    /// Current, it is exact or one too few. Ordered before what is read next.
    /// </summary>
    public static uint Head(Batch* batch) => (uint)Atomic.Load((int*)&batch->_head);

    /// <summary>The slot after the last one. Pool lock held, and the worker stands still, or appends while it is read.</summary>
    public static uint Tail(Batch* batch) => (uint)Atomic.Load((int*)&batch->_tail);

    /// <summary>
    /// The record of the next item that the worker's own function has appended, and that is not counted yet; and how many follow
    /// it of the same.
    /// </summary>
    /// <returns>False if there is none. Pool lock held.</returns>
    public static bool TryCount(Batch* batch, out uint record, out int nr) => TryPass(batch, &batch->_counted, Tail(batch), out record, out nr);

    /// <summary>All that is in the batch has been counted. Pool lock held, by the worker.</summary>
    public static void EndAssign(Batch* batch) => batch->_counted = batch->_tail;

    /// <summary>Takes the record of the next slot before <paramref name="end"/> that is to be settled, and how many follow it of the same.</summary>
    /// <returns>False if there is none. Pool lock held.</returns>
    public static bool TrySettle(Batch* batch, uint end, out uint record, out int nr) => TryPass(batch, &batch->_settled, end, out record, out nr);

    // Moves a mark past the next records of one kind, and past those that are 0.
    private static bool TryPass(Batch* batch, uint* mark, uint end, out uint record, out int nr)
    {
        uint at = *mark;
        record = Only(batch);
        nr = 0;
        if (record != 0)
        {
            nr = Math.Max((int)(end - at), 0);
            *mark = at + (uint)nr;
            return nr != 0;
        }
        for (; (int)(end - at) > 0; at++)
        {
            uint next = batch->_records[at & Mask];
            if (next != record && next != 0)
            {
                if (record != 0)
                {
                    break;
                }
                record = next;
            }
            nr += next != 0 ? 1 : 0;
        }
        *mark = at;
        return nr != 0;
    }

    /// <summary>Has any slot a record of the same link? Pool lock held.</summary>
    public static bool HoldsLinkOf(Batch* batch, uint record)
    {
        uint only = Only(batch);
        if (only != 0)
        {
            return batch->_settled != Tail(batch) && PoolWorkqueue.IsSameLink(only, record);
        }
        for (uint at = batch->_settled; at != Tail(batch); at++)
        {
            uint other = batch->_records[at & Mask];
            if (other != 0 && PoolWorkqueue.IsSameLink(other, record))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Has any slot a record of a link with parked items? Pool lock held.</summary>
    public static bool HoldsParked(Batch* batch)
    {
        uint only = Only(batch);
        if (only != 0)
        {
            return batch->_settled != Tail(batch) && PoolWorkqueue.HasParked(PoolWorkqueue.OfRecord(only));
        }
        uint last = 0;
        for (uint at = batch->_settled; at != Tail(batch); at++)
        {
            uint record = batch->_records[at & Mask];
            if (record != last && record != 0 && PoolWorkqueue.HasParked(PoolWorkqueue.OfRecord(record)))
            {
                return true;
            }
            last = record;
        }
        return false;
    }

    /// <summary>The record of a slot that is not settled. Pool lock held.</summary>
    public static uint RecordOf(Batch* batch, uint at) => batch->_records[at & Mask];

    /// <summary>Has any slot a record of a link whose flush waits? Pool lock held.</summary>
    public static bool HoldsFlushed(Batch* batch)
    {
        uint only = Only(batch);
        if (only != 0)
        {
            return batch->_settled != Tail(batch) && PoolWorkqueue.OfRecord(only)->Flushers != null;
        }
        uint last = 0;
        for (uint at = batch->_settled; at != Tail(batch); at++)
        {
            uint record = batch->_records[at & Mask];
            if (record != last && record != 0 && PoolWorkqueue.OfRecord(record)->Flushers != null)
            {
                return true;
            }
            last = record;
        }
        return false;
    }

    /// <summary>Will the worker be through with a link that has parked items before it is through with the batch? Pool lock held.</summary>
    public static bool HasLeftParked(Batch* batch)
    {
        if (Only(batch) != 0)
        {
            return false;
        }
        uint last = 0;
        for (uint at = Tail(batch); at != batch->_settled;)
        {
            uint record = batch->_records[--at & Mask];
            last = last == 0 ? record : last;
            if (record != last && record != 0 && !PoolWorkqueue.IsSameLink(record, last)
                && PoolWorkqueue.HasParked(PoolWorkqueue.OfRecord(record)))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Takes the item and the record out of the last slot from <paramref name="first"/> on that has one and is counted; null if
    /// none is.
    /// </summary>
    // Pool lock held, and the worker will look at the lock before it comes to that slot.
    public static Work* TakeLast(Batch* batch, uint first, out uint record)
    {
        for (uint at = batch->_counted; (int)(at - first) > 0;)
        {
            at--;
            nuint item = Atomic.Load(Slot(batch, at));
            if (item != 0)
            {
                Atomic.Store(Slot(batch, at), 0);
                record = batch->_records[at & Mask];
                batch->_records[at & Mask] = 0;
                batch->_only = 0;
                return (Work*)item;
            }
        }
        record = 0;
        return null;
    }

    // Read once: the worker may append an item of another colour meanwhile, and make it 0.
    private static uint Only(Batch* batch) => (uint)Atomic.Load((int*)&batch->_only);

    private static nuint* Slot(Batch* batch, uint index) => (nuint*)batch->_slots + (index & Mask);
}
