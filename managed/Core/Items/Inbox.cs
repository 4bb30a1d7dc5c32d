// SPDX-License-Identifier: GPL-2.0-only
// A pool's inbox: one word that is the head of a LIFO of items, and says whether a
// worker is up to look at it.
//
//   Empty    nothing queued, a worker is up or is being woken
//   Asleep   nothing queued, all workers sleep or are about to: the producer that replaces it wakes one
//   Dead     the pool has no worker: nothing may be queued
//   pointer  the newest item; OlderOf leads to the others, null ends the chain
//
// Anybody pushes, without a lock. Taking and falling asleep need the pool lock:
// the list and the inbox are one queue, and only under the lock is "both empty"
// a fact. One word means no lost wake-up: an item pushed before the worker's
// Empty -> Asleep makes that fail, one pushed after sees Asleep and wakes.
// No item's address is Asleep.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal enum PushResult
{
    Queued,
    First,    // Queued, and the inbox was Empty.
    MustWake, // Queued, and it was Asleep.
    Refused,
}

internal unsafe struct Inbox
{
    private const nuint Empty = 0;
    private const nuint Asleep = 1;
    private const nuint Dead = 2;

    private nuint _head;

    /// <summary>Dead -> Empty. Pool lock held, the worker is there.</summary>
    public static void Open(Inbox* inbox) => Atomic.Store(&inbox->_head, Empty);

    /// <summary>For a pool that has no worker yet, and that nobody else knows.</summary>
    public static void Close(Inbox* inbox) => Atomic.Store(&inbox->_head, Dead);

    public static bool HasNoItem(Inbox* inbox) => Atomic.Load(&inbox->_head) <= Dead;

    /// <summary>Is nothing queued, and the worker up?</summary>
    public static bool IsEmpty(Inbox* inbox) => Atomic.Load(&inbox->_head) == Empty;

    /// <summary>Has the worker run all that was pushed, and gone to sleep? An acquire load.</summary>
    public static bool IsAsleep(Inbox* inbox) => Atomic.Load(&inbox->_head) is Asleep or Dead;

    /// <summary>Pushes an item; after it returns the item may be gone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PushResult Push(Inbox* inbox, Work* work)
    {
        nuint head = Atomic.Load(&inbox->_head);
        while (true)
        {
            if (head == Dead)
            {
                ListHead.Init(&work->Entry);
                return PushResult.Refused;
            }
            work->Entry.Next = head == Asleep ? null : (ListHead*)head;
            nuint seen = Atomic.CompareExchange(&inbox->_head, (nuint)work, head);
            if (seen == head)
            {
                return head > Dead ? PushResult.Queued : (PushResult)(1 + head); // Empty, or Asleep.
            }
            head = seen;
        }
    }

    /// <summary>Takes the whole chain, newest first, and leaves it Empty; null if there is none. Pool lock held.</summary>
    public static Work* TakeAll(Inbox* inbox) =>
        HasNoItem(inbox) ? null : (Work*)Atomic.Exchange(&inbox->_head, Empty);

    /// <summary>The item pushed before <paramref name="work"/>, which is in a taken chain; null at the end.</summary>
    public static Work* OlderOf(Work* work) => (Work*)work->Entry.Next;

    /// <summary>Empty -> Asleep, by a worker. Pool lock held, list and batch empty. True if it is Asleep then.</summary>
    public static bool TryFallAsleep(Inbox* inbox) =>
        Atomic.CompareExchange(&inbox->_head, Asleep, Empty) is Empty or Asleep;

    /// <summary>Empty -> Asleep, if no worker is up. Pool lock held, and the list empty. False if something was pushed.</summary>
    public static bool TryRest(Inbox* inbox) => TryFallAsleep(inbox) || Atomic.Load(&inbox->_head) == Dead;

    /// <summary>Empty -> Dead, by the worker as its last act. Pool lock held, list and batch empty.</summary>
    public static bool TryDie(Inbox* inbox) =>
        Atomic.CompareExchange(&inbox->_head, Dead, Empty) == Empty;

    /// <summary>Asleep -> Empty: true if the caller must wake a worker, which then looks with nothing queued.</summary>
    public static bool TryKick(Inbox* inbox) =>
        Atomic.Load(&inbox->_head) == Asleep && Atomic.CompareExchange(&inbox->_head, Empty, Asleep) == Asleep;
}
