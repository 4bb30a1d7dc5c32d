// SPDX-License-Identifier: GPL-2.0-only
// Moving the wheel's clock: opening the slots whose time has begun, and the list of due timers.
//
// Slots are opened in order of time. Opening a slot sets the clock to the slot's last
// nanosecond, or to now if that lies inside the slot. No other timer is earlier, so every
// other timer is still in its right place. The timers of the opened slot are either due or
// belong to a lower level. So a timer moves down at most once per level in its life, and
// not at all while no thread has a reason to wake.
//
// Invariant of the due list: sorted by IsBefore, all deadlines <= ClockNs.
//
// Advance may be told to stop after a number of moves, so that an owner with a hundred
// thousand timers in one slot can release its lock in between. The slot that is being
// emptied is then DrainingPlace. It is the only exception to TimerWheel's invariant, and
// nothing can be filed into it. Sorting is not interrupted: it costs n log n of the timers
// that one call has found due.
// Locks: the owner's. Kernel counterparts: cascade, collect_expired_timers.

using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using static Wq.Timers.WheelGeometry;

namespace Wq.Timers;

internal unsafe partial struct TimerWheel
{
    private const int MaxSortBins = 32; // 2^32 timers.

    /// <summary>
    /// Makes every timer due whose deadline is at most <paramref name="nowNs"/>. A time before the
    /// clock is taken as the clock: the wheel never turns back.
    /// </summary>
    /// <returns>False if <paramref name="maxMoves"/> timers were moved and more may have to be: call again.
    /// Until it returns true, PopDue may give timers out of order.</returns>
    public static bool Advance(TimerWheel* wheel, ulong nowNs, int maxMoves = int.MaxValue)
    {
        nowNs = Math.Min(Math.Max(nowNs, wheel->ClockNs), MaxDeadlineNs);
        while (maxMoves > 0)
        {
            int place = PlaceToOpen(wheel, nowNs);
            if (place != NoPlace)
            {
                maxMoves -= LevelOf(place) == 0 ? DrainTick(wheel, place) : DrainSpan(wheel, place, maxMoves);
            }
            // The timers left in the tick are later than now, and so are all others.
            if (place == NoPlace || (LevelOf(place) == 0 && SlotAt(wheel, place)->First != null))
            {
                wheel->ClockNs = nowNs;
                return true;
            }
        }
        return false;
    }

    /// <summary>Takes the first due timer, no longer pending, or null.</summary>
    public static TimerList* PopDue(TimerWheel* wheel)
    {
        TimerList* timer = SlotAt(wheel, DuePlace)->First;
        if (timer != null)
        {
            Del(wheel, timer);
        }
        return timer;
    }

    // The earliest occupied slot if its time has begun; the clock is set to where it may be opened.
    private static int PlaceToOpen(TimerWheel* wheel, ulong nowNs)
    {
        if (wheel->DrainingPlace != NoPlace || wheel->LevelsOccupied == 0)
        {
            return wheel->DrainingPlace;
        }
        int level = BitOperations.TrailingZeroCount(wheel->LevelsOccupied);
        int slot = BitOperations.TrailingZeroCount(wheel->Occupied[level]);
        int slotShift = TickShift + (level * SlotBits);
        ulong levelMask = (1UL << (slotShift + SlotBits)) - 1;
        ulong startNs = (wheel->ClockNs & ~levelMask) | ((ulong)slot << slotShift);
        if (startNs > nowNs)
        {
            return NoPlace;
        }
        ulong lastNs = startNs + ((1UL << slotShift) - 1);
        wheel->ClockNs = Math.Min(nowNs, lastNs);
        return (level << SlotBits) | slot;
    }

    // One tick: due timers leave, the others stay where they are. Returns how many left.
    private static int DrainTick(TimerWheel* wheel, int place)
    {
        TimerSlot* slot = SlotAt(wheel, place);
        TimerList* run = null;
        ulong minNs = NeverNs;
        int nrDue = 0;
        TimerList** link = &slot->First;
        for (TimerList* timer = slot->First, next; timer != null; timer = next)
        {
            TimerList.CheckLink(timer, link);
            next = timer->Next;
            if (timer->DeadlineNs > wheel->ClockNs)
            {
                minNs = Math.Min(minNs, WakesAtNs(timer));
                link = &timer->Next;
                continue;
            }
            nrDue++;
            TimerList.Unlink(timer);
            timer->Next = run;
            run = timer;
        }
        slot->MinNs = minNs;
        wheel->Stale[0] &= ~BitOf(place);
        if (minNs == NeverNs)
        {
            ClearWaking(wheel, place);
        }
        if (slot->First == null)
        {
            ClearSlot(wheel, place);
        }
        SettleDue(wheel, run);
        return nrDue;
    }

    // A slot above the lowest level: every timer leaves, to the due list or downwards. Returns how many.
    private static int DrainSpan(TimerWheel* wheel, int place, int maxMoves)
    {
        TimerSlot* slot = SlotAt(wheel, place);
        TimerList* run = null;
        int nrMoved = 0;
        wheel->DrainingPlace = place;
        wheel->Stale[LevelOf(place)] |= BitOf(place);
        TimerList* timer = slot->First;
        TimerList** link = &slot->First;
        for (TimerList* next; timer != null && nrMoved < maxMoves; timer = next, nrMoved++)
        {
            TimerList.CheckLink(timer, link);
            link = &timer->Next; // Only the address: the timer may be on another list when it is compared.
            next = timer->Next;
            ulong deadlineNs = timer->DeadlineNs;
            if (deadlineNs > wheel->ClockNs)
            {
                FileTimer(wheel, timer, deadlineNs); // Never into this slot: the clock is inside it.
                continue;
            }
            timer->Next = run;
            run = timer;
        }
        slot->First = timer;
        if (timer != null)
        {
            timer->Pprev = &slot->First;
        }
        else
        {
            ClearSlot(wheel, place);
        }
        SettleDue(wheel, run);
        return nrMoved;
    }

    // Merges timers linked by Next alone, in any order, into the due list.
    private static void SettleDue(TimerWheel* wheel, TimerList* run)
    {
        if (run == null)
        {
            return;
        }
        if (run->Next != null)
        {
            run = SortSlow(run);
        }
        TimerList** link = &SlotAt(wheel, DuePlace)->First;
        if (wheel->DueLast != null && TimerList.IsBefore(wheel->DueLast, run))
        {
            link = &wheel->DueLast->Next;
        }
        else if (wheel->DueLast != null)
        {
            run = Merge(*link, run);
        }
        wheel->DueLast = RelinkDue(link, run);
    }

    // Puts the timers from run on behind link, as the due list. Returns the last timer.
    private static TimerList* RelinkDue(TimerList** link, TimerList* run)
    {
        TimerList* last;
        *link = run;
        do
        {
            last = run;
            last->Pprev = link;
            TimerList.SetPlace(last, DuePlace);
            link = &last->Next;
            run = last->Next;
        }
        while (run != null);
        return last;
    }

    // Merge sort from the bottom up: bins[i] is empty or a sorted list of 2^i timers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TimerList* SortSlow(TimerList* run)
    {
        TimerList** bins = stackalloc TimerList*[MaxSortBins];
        int nrBins = 0;
        while (run != null)
        {
            TimerList* carry = run;
            run = run->Next;
            carry->Next = null;
            int i = 0;
            for (; i < nrBins && bins[i] != null; i++)
            {
                carry = Merge(bins[i], carry);
                bins[i] = null;
            }
            bins[i] = carry;
            nrBins = Math.Max(nrBins, i + 1);
        }
        TimerList* sorted = null;
        for (int i = 0; i < nrBins; i++)
        {
            sorted = Merge(bins[i], sorted);
        }
        return sorted;
    }

    private static TimerList* Merge(TimerList* a, TimerList* b)
    {
        TimerList* first;
        TimerList** link = &first;
        while (a != null && b != null)
        {
            TimerList* earlier;
            if (TimerList.IsBefore(a, b))
            {
                earlier = a;
                a = a->Next;
            }
            else
            {
                earlier = b;
                b = b->Next;
            }
            *link = earlier;
            link = &earlier->Next;
        }
        *link = a != null ? a : b;
        return first;
    }
}
