// SPDX-License-Identifier: GPL-2.0-only
// How far a queue has got in its life: one word, and every transition of it.
//
//   state           takes work  routes lead to workers  there  refuses
//   Dead            no          no                      no     with a report; also: not made yet, as a system queue at first
//   Alive           yes         yes                     yes
//   Destroying      yes         yes                     yes                    destroy_workqueue() is under way
//   Closing         yes         yes                     yes                    wq_close_workqueue() is under way
//   DestroyEnding   yes         no                      yes    with a report   the workers end
//   CloseEnding     yes         no                      yes    quietly         the workers end
//   Refusing        no          no                      no     with a report   DestroyEnding, but work queued for ever
//   CloseRefusing   no          no                      yes    quietly         CloseEnding, but work queued for ever
//   Closed          no          no                      yes    quietly
//   OfParent        no          no                      no     with a report   in a forked child
//   Draining        chained     yes                     yes    with a report   drain_workqueue() is under way; timers may be armed
//   EndDraining     chained     yes                     yes    with a report   a queue of shared pools is destroyed
//   CloseDraining   chained     yes                     yes    quietly         a queue of shared pools is closed
//
// "Chained" is work that the queue's own items queue.
//
//   Begin                Dead -> Alive
//   TryBeginDrain        Alive -> Draining
//   TryEndDrain          Draining -> Alive
//   TryBeginDestroy      Alive, Draining -> Destroying
//   TryBeginClose        Alive, Draining -> Closing
//   BeginEnding          Destroying -> DestroyEnding, Closing -> CloseEnding
//   TryRefuseEndless     DestroyEnding -> Refusing, CloseEnding -> CloseRefusing
//   End                  DestroyEnding, Refusing, EndDraining -> Dead; the states of closing -> Closed
//   TryEndClosed         Closed -> Dead
//   BeginDraining        Destroying -> EndDraining, Closing -> CloseDraining
//   Abandon              any but Dead -> OfParent
//
// "Takes work" is what a caller asks first; where a pool refuses after that, because its
// worker has ended, "routes lead to workers" says whether another pool may serve.
// Invariant: the word says that a queue refuses quietly before its first pool refuses.
// Only the thread whose TryBegin succeeded makes the transitions up to End.

using System.Runtime.CompilerServices;
using Wq.Base;

namespace Wq.Core;

internal unsafe struct QueueLife
{
    internal enum State
    {
        Dead = 0,
        Alive = 0x77710001, // Hardly a word of memory that was never a queue.
        Destroying,
        Closing,
        DestroyEnding,
        CloseEnding,
        Refusing,
        CloseRefusing,
        Closed,
        OfParent,
        Draining,
        EndDraining,
        CloseDraining,
    }

    private int _state; // A:

    public static State Of(QueueLife* life) => (State)Atomic.Load(&life->_state);

    /// <summary>May an item be accepted?</summary>
    // One compare, in which Dead wraps round.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TakesWork(QueueLife* life) =>
        (uint)(Atomic.Load(&life->_state) - (int)State.Alive) <= State.CloseEnding - State.Alive;

    public static bool IsDead(QueueLife* life) => Of(life) == State.Dead;

    /// <summary>Do routes lead to pools with workers, so that what one pool refuses another takes?</summary>
    public static bool HasRoutes(QueueLife* life) =>
        Of(life) is State.Alive or State.Destroying or State.Closing or State.Draining;

    /// <summary>May a timer be armed, or is its item taken when it fires?</summary>
    // Read once: a drain may end between two looks.
    public static bool TakesTimers(QueueLife* life) =>
        Of(life) is (>= State.Alive and <= State.CloseEnding) or State.Draining;

    /// <summary>Is it a queue of this process that is not destroyed?</summary>
    public static bool IsThere(QueueLife* life) => Of(life) is not (State.Dead or State.Refusing or State.OfParent);

    /// <summary>Is it being closed, or closed: is work refused without a report?</summary>
    public static bool IsQuiet(QueueLife* life) =>
        Of(life) is State.Closing or State.CloseEnding or State.CloseRefusing or State.CloseDraining or State.Closed;

    public static bool IsOfParent(QueueLife* life) => Of(life) == State.OfParent;

    /// <summary>Does it take what its own items queue, and nothing else?</summary>
    public static bool IsDraining(QueueLife* life) => Of(life) is State.Draining or State.EndDraining or State.CloseDraining;

    /// <summary>Of a queue of shared pools that is destroyed or closed.</summary>
    public static void BeginDraining(QueueLife* life) =>
        Atomic.Store(&life->_state, (int)(Of(life) == State.Destroying ? State.EndDraining : State.CloseDraining));

    public static void Begin(QueueLife* life) => Atomic.Store(&life->_state, (int)State.Alive);

    public static bool TryBeginDrain(QueueLife* life) => TryMove(life, State.Alive, State.Draining);

    public static bool TryEndDrain(QueueLife* life) => TryMove(life, State.Draining, State.Alive);

    public static bool TryBeginDestroy(QueueLife* life) =>
        TryMove(life, State.Alive, State.Destroying) || TryMove(life, State.Draining, State.Destroying);

    public static bool TryBeginClose(QueueLife* life) =>
        TryMove(life, State.Alive, State.Closing) || TryMove(life, State.Draining, State.Closing);

    public static void BeginEnding(QueueLife* life) =>
        Atomic.Store(&life->_state, (int)(Of(life) == State.Destroying ? State.DestroyEnding : State.CloseEnding));

    /// <summary>What the queue's last work queues is refused from now on. Not while the queue is not ending.</summary>
    public static bool TryRefuseEndless(QueueLife* life) =>
        TryMove(life, State.DestroyEnding, State.Refusing) || TryMove(life, State.CloseEnding, State.CloseRefusing);

    public static void End(QueueLife* life) =>
        Atomic.Store(&life->_state, (int)(IsQuiet(life) ? State.Closed : State.Dead));

    public static bool TryEndClosed(QueueLife* life) => TryMove(life, State.Closed, State.Dead);

    /// <summary>In a forked child.</summary>
    public static void Abandon(QueueLife* life)
    {
        if (Of(life) != State.Dead)
        {
            Atomic.Store(&life->_state, (int)State.OfParent);
        }
    }

    private static bool TryMove(QueueLife* life, State from, State to) =>
        Atomic.CompareExchange(&life->_state, (int)to, (int)from) == (int)from;
}
