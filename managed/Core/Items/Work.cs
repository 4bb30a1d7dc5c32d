// SPDX-License-Identifier: GPL-2.0-only
// The work item, and every transition of its state word (WorkWord).
//
//   transition         idle       queued     timer      scheduled  canceling  listed     parked     moving
//   Init               idle       -          -          -          -          -          -          -
//   InitPending        queued     -          -          -          -          -          -          -
//   TrySetPending (1)  queued,    false      false      false      false      false      false      false
//                      timer
//   MoveTo             -          queued     -          -          waits      -          -          waits
//   UndoSetPending     -          idle       idle       -          false      -          -          false
//   GiveUp             -          idle       -          -          waits      -          -          waits
//   SetExpired         -          -          queued     -          -          -          -          queued
//   SetScheduled       -          scheduled  -          -          -          -          -          -
//   SetPlace           -          to queued, listed, parked or scheduled, from any of these
//   TrySetWaited       -          the same, with WAITERS on, from any of these
//   TryClaim           -          -          -          idle       false      -          -          false
//   TrySetCanceling    canceling  canceling  canceling  canceling  -          canceling  canceling  -
//   TrySetMoving       -          moving     -          moving     -          moving     moving     -
//   UndoTaking         -          -          -          -          queued     -          -          queued
//   SetMoving          -          -          moving     -          -          -          -          -
//   SetArming          -          -          -          -          -          -          -          timer
//   Release            -          -          idle       -          -          -          -          -
//   ReleaseCanceled    -          -          -          -          idle       -          -          -
//   TryChangeDepth     idle       -          -          -          canceling  -          -          -
//   ReleaseFromParent  idle       idle       idle       idle       idle       idle       idle       idle
//   ClearPending       idle       \ the bit only: refused as corrupted until it is initialised
//
//   (1) False also if it is disabled, as only an idle item can be, or one that is canceling.
//   "-" cannot happen: the engine does not ask, or the caller has overwritten the item.
//
// Invariant: the thread that turns PENDING from 0 to 1 owns the item until it is run or
// cancelled; the word names its link before the item is on it. All transitions but Init's,
// SetScheduled and SetPlace, which are made while nobody else may change the word, are
// read-modify-write operations and full barriers: TryClaim clears PENDING *before* the
// function runs, so that a caller whose queueing returned false has its stores seen by
// that run. Leaving timer, canceling or moving wakes the threads that sleep on the word.
//
// Entry is linked to itself unless the item is on a pool's list (all of the
// links) or in an inbox (Next only). Kernel counterparts: work_struct,
// test_and_set_bit(WORK_STRUCT_PENDING), set_work_pool_and_clear_pending.
// Locks: none here; an item is scheduled under the pool lock or by the pool's worker.

global using unsafe WorkFunc = delegate* unmanaged[SuppressGCTransition]<Wq.Core.Work*, void>;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Work
{
    public nuint Data; // A: a WorkWord
    public ListHead Entry;
    public WorkFunc Func;

    public static void Init(Work* work, WorkFunc func)
    {
        work->Data = 0;
        ListHead.Init(&work->Entry);
        work->Func = func;
    }

    /// <summary>An item of the engine, about to be pushed on the link whose idle word is <paramref name="link"/>.</summary>
    public static void InitPending(Work* work, WorkFunc func, WorkWord link)
    {
        Init(work, func);
        work->Data = link.At(Place.Queued).Bits;
    }

    public static WorkWord WordOf(Work* work) => new(Atomic.Load(&work->Data));

    public static bool IsPending(Work* work) => WordOf(work).IsPending;

    /// <summary>The item whose Entry is <paramref name="entry"/>: container_of.</summary>
    public static Work* OfEntry(ListHead* entry) => (Work*)((byte*)entry - sizeof(nuint));

    /// <summary>Is the item on a pool's list? Pool lock held.</summary>
    public static bool IsListed(Work* work) => work->Entry.Prev != &work->Entry;

    /// <summary>idle -> pending at <paramref name="place"/>. False if the item is pending already, or disabled.</summary>
    /// <param name="link">The idle word of the link.</param>
    /// <param name="idle">The word as last read; when true is returned, the idle word that was replaced.</param>
    // The reload after the fence is what makes "false" mean "the run is still to come":
    // our caller's stores are before it, the worker's loads after TryClaim's barrier.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySetPending(Work* work, WorkWord link, Place place, ref WorkWord idle)
    {
        while (true)
        {
            if (idle.IsFree)
            {
                nuint seen = Atomic.CompareExchange(&work->Data, link.After(idle, place).Bits, idle.Bits);
                if (seen == idle.Bits)
                {
                    return true;
                }
                idle = new WorkWord(seen);
            }
            else
            {
                Atomic.Fence();
                idle = WordOf(work);
                if (!idle.IsFree)
                {
                    return false;
                }
            }
        }
    }

    /// <summary>queued on one link -> queued on another, whose idle word is <paramref name="link"/>, by its owner.</summary>
    public static void MoveTo(Work* work, WorkWord link) =>
        Rewrite(work, link.At(Place.Queued).With(WordOf(work).Runner));

    /// <summary>
    /// queued or timer -> <paramref name="idle"/> as it was before, by its owner, which has put it nowhere. False if another
    /// thread has taken it: a canceller releases the item, and may wait for its caller to return.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // Not in the way of an item.
    public static bool UndoSetPending(Work* work, WorkWord idle)
    {
        WorkWord word = WordOf(work);
        while (!word.IsTaken)
        {
            nuint seen = Atomic.CompareExchange(&work->Data, idle.Bits, word.Bits);
            if (seen == word.Bits)
            {
                Contract.Requires(word.IsAt(Place.Queued) || word.IsAt(Place.Timer));
                WakeWaiters(work, word);
                return true;
            }
            word = new WorkWord(seen);
        }
        return false;
    }

    /// <summary>queued -> <paramref name="idle"/> as it was before, by its owner, whose push was refused.</summary>
    public static void GiveUp(Work* work, WorkWord idle) => Rewrite(work, idle);

    /// <summary>An item that is with a pool gets WAITERS on. True if the word still was <paramref name="from"/>. Under the pool lock.</summary>
    public static bool TrySetWaited(Work* work, WorkWord from)
    {
        Contract.Requires(from.IsPending && !from.IsHeldElsewhere);
        return from.HasWaiters || Atomic.CompareExchange(&work->Data, from.WithWaiters.Bits, from.Bits) == from.Bits;
    }

    /// <summary>
    /// timer or moving -> queued on the link whose idle word is <paramref name="link"/>, by the timer's thread or the one that
    /// re-times the item.
    /// </summary>
    public static void SetExpired(Work* work, WorkWord link)
    {
        Contract.Requires(Peek(work).IsAt(Place.Timer) || Peek(work).IsAt(Place.Moving));
        Settle(work, link.At(Place.Queued).With(WordOf(work).Runner));
    }

    /// <summary>queued -> scheduled. Under the pool lock, or by the pool's worker for an item it queues.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetScheduled(Work* work)
    {
        Contract.Requires(Peek(work).IsAt(Place.Queued));
        Atomic.Store(&work->Data, Peek(work).At(Place.Scheduled).Bits);
    }

    /// <summary>A pending item of a shared pool goes to another place, or gets another colour. Under the pool lock.</summary>
    public static void SetPlace(Work* work, WorkWord word)
    {
        Contract.Requires(Peek(work).IsPending && !Peek(work).IsHeldElsewhere && !word.IsHeldElsewhere);
        Atomic.Store(&work->Data, word.Bits);
    }

    /// <summary>scheduled -> idle, by the worker. False if another thread has taken the item: do not touch it again.</summary>
    /// <param name="left">The word that it has then.</param>
    /// <param name="claimed">The word that it had.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryClaim(Work* work, WorkWord left, out WorkWord claimed)
    {
        claimed = Peek(work);
        while (!claimed.IsTaken)
        {
            nuint seen = Atomic.CompareExchange(&work->Data, left.Bits, claimed.Bits);
            if (seen == claimed.Bits)
            {
                Contract.Requires(claimed.IsAt(Place.Scheduled));
                return true;
            }
            claimed = new WorkWord(seen);
        }
        return false;
    }

    /// <summary><paramref name="from"/> -> canceling. True if the word still was <paramref name="from"/>.</summary>
    public static bool TrySetCanceling(Work* work, WorkWord from)
    {
        Contract.Requires(!from.IsTaken);
        return Atomic.CompareExchange(&work->Data, from.Canceled.Bits, from.Bits) == from.Bits;
    }

    /// <summary>
    /// <paramref name="from"/>, on a pool -> moving, on the link whose idle word is <paramref name="link"/>. True if the word still
    /// was <paramref name="from"/>.
    /// </summary>
    public static bool TrySetMoving(Work* work, WorkWord from, WorkWord link)
    {
        Contract.Requires(from.IsPending && !from.IsHeldElsewhere);
        return Atomic.CompareExchange(&work->Data, from.CarriedTo(link.At(Place.Moving)).Bits, from.Bits) == from.Bits;
    }

    /// <summary>canceling or moving -> <paramref name="from"/>, undoing TrySetCanceling or TrySetMoving.</summary>
    public static void UndoTaking(Work* work, WorkWord from)
    {
        Contract.Requires(Peek(work).IsTaken && from.IsAt(Place.Queued));
        WakeWaiters(work, new WorkWord(Atomic.Exchange(&work->Data, from.Bits)));
    }

    /// <summary>timer -> moving, on the link whose idle word is <paramref name="link"/>, by the thread that has disarmed the timer.</summary>
    public static void SetMoving(Work* work, WorkWord link)
    {
        Contract.Requires(Peek(work).IsAt(Place.Timer));
        Settle(work, link.At(Place.Moving).With(WordOf(work).Runner));
    }

    /// <summary>moving -> timer, on the link whose idle word is <paramref name="link"/>, by the thread that is about to arm the timer.</summary>
    public static void SetArming(Work* work, WorkWord link)
    {
        Contract.Requires(Peek(work).IsAt(Place.Moving));
        Settle(work, link.At(Place.Timer).With(WordOf(work).Runner));
    }

    /// <summary>timer -> idle, by the thread that has disarmed the timer, which must not touch the item again.</summary>
    /// <param name="depth">How often it is disabled then.</param>
    public static void Release(Work* work, int depth = 0) => ReleaseAs(work, WordOf(work).Idle.Deep(depth));

    /// <summary>canceling -> <paramref name="idle"/>, disabled as often as it is now, by the canceller, which must not touch it again.</summary>
    /// <param name="deeper">How much more often.</param>
    public static void ReleaseCanceled(Work* work, WorkWord idle, int deeper = 0)
    {
        Contract.Requires(Peek(work).IsCanceling);
        BeforeRelease(work);
        WorkWord word;
        do
        {
            word = WordOf(work);
        }
        while (Atomic.CompareExchange(&work->Data, idle.Deep(word.Depth + deeper).Bits, word.Bits) != word.Bits);
        WakeWaiters(work, word);
    }

    /// <summary>An item that is idle or canceling is disabled more often, or less. True if the word still was <paramref name="from"/>.</summary>
    public static bool TryChangeDepth(Work* work, WorkWord from, int by)
    {
        Contract.Requires(from.IsDisableable);
        return Atomic.CompareExchange(&work->Data, from.Deep(from.Depth + by).Bits, from.Bits) == from.Bits;
    }

    /// <summary>Release, but that the word becomes <paramref name="idle"/>, as before the item was taken.</summary>
    public static void ReleaseAs(Work* work, WorkWord idle)
    {
        Contract.Requires(Peek(work).IsHeldElsewhere && !idle.IsPending);
        Forget(work, idle);
    }

    /// <summary>In a forked child: any state -> idle, of an item that was on a queue of the parent.</summary>
    public static void ReleaseFromParent(Work* work)
    {
        ListHead.Init(&work->Entry); // Its links lead to where nobody goes any more.
        Forget(work, Peek(work).Idle);
    }

    /// <summary>PENDING off, by a caller that knows that no queue holds the item.</summary>
    public static void ClearPending(Work* work) => Atomic.And(&work->Data, new WorkWord(nuint.MaxValue).WithoutPending.Bits);

    /// <summary>
    /// Sleeps until another canceller, or the timer, is through with the item whose word was
    /// <paramref name="word"/>, or until <paramref name="atNs"/> of Clock; may return early.
    /// </summary>
    public static void WaitForOwner(Work* work, WorkWord word, long atNs)
    {
        nuint waiting = word.WithWaiters.Bits;
        if (word.HasWaiters || Atomic.CompareExchange(&work->Data, waiting, word.Bits) == word.Bits)
        {
            Futex.WaitUntil((int*)&work->Data, (int)waiting, atNs); // The low half has the flags: little-endian only.
        }
    }

    // Read plainly by the word's owner, or where the lock that is held keeps it as it is.
    private static WorkWord Peek(Work* work) => new(work->Data);

    private static void Forget(Work* work, WorkWord idle)
    {
        BeforeRelease(work);
        Settle(work, idle);
    }

    private static void BeforeRelease(Work* work)
    {
        if (Checks.IsOn(Checks.Debug))
        {
            DebugObjects.RemoveSlow(work);
        }
        Watcher.Acquire(work); // Of the thread that queued it, and of the runs that were waited for.
    }

    // The thread that is on the way to an inbox with an item owns its word, but for another that has taken it by mistake
    // (UndoTaking) and gives it back at once.
    [MethodImpl(MethodImplOptions.NoInlining)] // Not in the way of an item.
    private static void Rewrite(Work* work, WorkWord value)
    {
        Backoff backoff = default;
        WorkWord word = WordOf(work);
        while (word.IsTaken || Atomic.CompareExchange(&work->Data, value.Bits, word.Bits) != word.Bits)
        {
            backoff.Pause();
            word = WordOf(work);
        }
        Contract.Requires(word.IsAt(Place.Queued));
        WakeWaiters(work, word);
    }

    private static void Settle(Work* work, WorkWord value) =>
        WakeWaiters(work, new WorkWord(Atomic.Exchange(&work->Data, value.Bits)));

    // The wake is by address alone: the item may be gone.
    private static void WakeWaiters(Work* work, WorkWord former)
    {
        if (former.HasWaiters)
        {
            Futex.Wake((int*)&work->Data, int.MaxValue);
        }
    }
}
