// SPDX-License-Identifier: GPL-2.0-only
// The work item and every transition of its state word.
//
//   Data = [ 16 bits 0 | name of the PoolWorkqueue last queued on | 8 bits of flags ]
//
// A PoolWorkqueue's name is a mark and the number of its slot, so that memory which
// was never initialised hardly ever looks like one.
//
//   idle       p                      p is the name, 0 until first queued
//   pending    p|PENDING              queued; in p's inbox, on its list, or on the way there
//   delayed    p|PENDING|DELAYED      with its timer; CANCEL_WAITERS if cancellers of the work sleep on it
//   in hand    p|PENDING|BATCHED      in the worker's batch, or about to be put there by the worker itself
//   canceling  p|PENDING|CANCELING    off every queue, owned by one canceller; CANCEL_WAITERS if others sleep
//
// Invariant: whoever turns PENDING from 0 to 1 owns the item until it is run or
// cancelled; the word names its queue before the item is on it. All transitions
// but SetBatched, which its owner makes while nobody else may change the word, are
// read-modify-write operations and full barriers: TryClaim clears PENDING *before* the function runs, so
// that a caller whose queueing returned false has its stores seen by that run.
//
// Entry is linked to itself unless the item is on a pool's list (all of the
// links) or in an inbox (Next only). Kernel counterparts: work_struct,
// test_and_set_bit(WORK_STRUCT_PENDING), set_work_pool_and_clear_pending.
// Locks: none here; BATCHED is set under the pool lock or by the pool's worker.

global using unsafe WorkFunc = delegate* unmanaged[SuppressGCTransition]<Wq.Core.Work*, void>;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Work
{
    public const nuint WORK_STRUCT_PENDING = 1 << 0;
    public const nuint WORK_STRUCT_BATCHED = 1 << 1;
    public const nuint WORK_STRUCT_CANCELING = 1 << 2;
    public const nuint WORK_STRUCT_CANCEL_WAITERS = 1 << 3;
    public const nuint WORK_STRUCT_DELAYED = 1 << 4;
    public const nuint WORK_STRUCT_KNOWN_FLAGS = (1 << 5) - 1;
    public const int WORK_STRUCT_FLAG_BITS = 8;
    public const nuint WORK_STRUCT_FLAG_MASK = (1 << WORK_STRUCT_FLAG_BITS) - 1;

    private const int NumberBits = 28;
    private static nuint FirstName => unchecked((nuint)((0xa5dUL << NumberBits) + 1)); // The name of number 1.

    public nuint Data;
    public ListHead Entry;
    public WorkFunc Func;

    public static void Init(Work* work, WorkFunc func)
    {
        work->Data = 0;
        ListHead.Init(&work->Entry);
        work->Func = func;
    }

    public static bool IsPending(Work* work) => (Atomic.Load(&work->Data) & WORK_STRUCT_PENDING) != 0;

    public static bool IsCanceling(nuint data) => (data & WORK_STRUCT_CANCELING) != 0;

    /// <summary>Is the item with a canceller or a timer, who will wake those that ask for it?</summary>
    public static bool IsHeldElsewhere(nuint data) => (data & (WORK_STRUCT_CANCELING | WORK_STRUCT_DELAYED)) != 0;

    /// <summary>The item whose Entry is <paramref name="entry"/>: container_of.</summary>
    public static Work* OfEntry(ListHead* entry) => (Work*)((byte*)entry - sizeof(nuint));

    /// <summary>The number of the link that a valid word names; 0 for an item that was never queued.</summary>
    public static nuint NumberIn(nuint data) => (data >> WORK_STRUCT_FLAG_BITS) & ((1 << NumberBits) - 1);

    /// <summary>The word of an idle item that was last queued on the link with that number.</summary>
    public static nuint IdleOn(nuint number) => (FirstName - 1 + number) << WORK_STRUCT_FLAG_BITS;

    /// <summary>Is the item on a pool's list? Pool lock held.</summary>
    public static bool IsListed(Work* work) => work->Entry.Prev != &work->Entry;

    /// <summary>Are the flags those of one of the states?</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasValidFlags(nuint data)
    {
        nuint flags = data & WORK_STRUCT_FLAG_MASK;
        return flags == 0 || (flags <= WORK_STRUCT_KNOWN_FLAGS && (flags & WORK_STRUCT_PENDING) != 0);
    }

    public static bool NamesNoLink(nuint data) => data >> WORK_STRUCT_FLAG_BITS == 0;

    /// <summary>NumberIn, of any word: no slot's number if the mark is not there.</summary>
    public static nuint NumberNamedIn(nuint data) => (data >> WORK_STRUCT_FLAG_BITS) - FirstName + 1;

    /// <summary>idle -> pending, or delayed. False if the item is pending already.</summary>
    /// <param name="data">The word of an idle item of the link, with DELAYED or nothing.</param>
    /// <param name="idle">The word as last read; when true is returned, the idle word that was replaced.</param>
    // The reload after the fence is what makes "false" mean "the run is still to come":
    // our caller's stores are before it, the worker's loads after TryClaim's barrier.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySetPending(Work* work, nuint data, ref nuint idle)
    {
        while (true)
        {
            if ((idle & WORK_STRUCT_PENDING) == 0)
            {
                nuint seen = Atomic.CompareExchange(&work->Data, data | WORK_STRUCT_PENDING, idle);
                if (seen == idle)
                {
                    return true;
                }
                idle = seen;
            }
            else
            {
                Atomic.Fence();
                idle = Atomic.Load(&work->Data);
                if ((idle & WORK_STRUCT_PENDING) != 0)
                {
                    return false;
                }
            }
        }
    }

    /// <summary>pending on one link -> pending on another, whose idle word is <paramref name="data"/>, by its owner.</summary>
    public static void MoveTo(Work* work, nuint data) => Rewrite(work, data | WORK_STRUCT_PENDING);

    /// <summary>pending or delayed -> <paramref name="idle"/> as it was before, by its owner, who has put it nowhere.</summary>
    public static void GiveUp(Work* work, nuint idle) => Rewrite(work, idle);

    /// <summary>delayed -> pending on a link, whose idle word is <paramref name="data"/>, by the timer that held the item.</summary>
    public static void SetExpired(Work* work, nuint data) => Settle(work, data | WORK_STRUCT_PENDING);

    /// <summary>pending -> in hand. Under the pool lock, or by the pool's worker for an item it queues.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetBatched(Work* work) => Atomic.Store(&work->Data, work->Data | WORK_STRUCT_BATCHED);

    /// <summary>in hand -> idle, by the worker. False if a canceller owns the item: do not touch it again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryClaim(Work* work)
    {
        nuint data = work->Data;
        while (!IsCanceling(data))
        {
            nuint seen = Atomic.CompareExchange(&work->Data, data & ~WORK_STRUCT_FLAG_MASK, data);
            if (seen == data)
            {
                return true;
            }
            data = seen;
        }
        return false;
    }

    /// <summary><paramref name="from"/> -> canceling. True if the word still was <paramref name="from"/>.</summary>
    public static bool TrySetCanceling(Work* work, nuint from)
    {
        nuint canceling = (from & ~(WORK_STRUCT_BATCHED | WORK_STRUCT_DELAYED)) | WORK_STRUCT_PENDING | WORK_STRUCT_CANCELING;
        return Atomic.CompareExchange(&work->Data, canceling, from) == from;
    }

    /// <summary>canceling -> <paramref name="from"/>, undoing TrySetCanceling; wakes who sleeps on it.</summary>
    public static void UndoSetCanceling(Work* work, nuint from) => Settle(work, from);

    /// <summary>
    /// canceling or delayed -> idle, by the item's owner, who must not touch it again; wakes who sleeps on it.
    /// </summary>
    public static void Release(Work* work) => ReleaseAs(work, Atomic.Load(&work->Data) & ~WORK_STRUCT_FLAG_MASK);

    /// <summary>Release, but that the word becomes <paramref name="idle"/>, as before the item was taken.</summary>
    public static void ReleaseAs(Work* work, nuint idle)
    {
        if (Checks.IsOn(Checks.Debug))
        {
            DebugObjects.RemoveSlow(work);
        }
        Watcher.Acquire(work); // Of who queued it, and of the runs that were waited for.
        Settle(work, idle);
    }

    /// <summary>
    /// Sleeps until another canceller, or the timer, is through with the item whose word was
    /// <paramref name="data"/>, or until <paramref name="atNs"/> of Clock; may return early.
    /// </summary>
    public static void WaitForOwner(Work* work, nuint data, long atNs)
    {
        nuint waiting = data | WORK_STRUCT_CANCEL_WAITERS;
        if (data == waiting || Atomic.CompareExchange(&work->Data, waiting, data) == data)
        {
            Futex.WaitUntil((int*)&work->Data, (int)waiting, atNs); // The low half has the flags: little-endian only.
        }
    }

    // Whoever is on the way to an inbox with an item owns its word, but for a canceller that has taken it by
    // mistake (UndoSetCanceling) and gives it back at once.
    private static void Rewrite(Work* work, nuint value)
    {
        Backoff backoff = default;
        nuint data = Atomic.Load(&work->Data);
        while (IsCanceling(data) || Atomic.CompareExchange(&work->Data, value, data) != data)
        {
            backoff.Pause();
            data = Atomic.Load(&work->Data);
        }
        WakeWaiters(work, data);
    }

    private static void Settle(Work* work, nuint value) => WakeWaiters(work, Atomic.Exchange(&work->Data, value));

    // The wake is by address alone: the item may be gone.
    private static void WakeWaiters(Work* work, nuint former)
    {
        if ((former & WORK_STRUCT_CANCEL_WAITERS) != 0)
        {
            Futex.Wake((int*)&work->Data, int.MaxValue);
        }
    }
}
