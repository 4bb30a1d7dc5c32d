// SPDX-License-Identifier: GPL-2.0-only
// The wheel's invariants, checked one by one over every list.
//
//   Count == timers in slots + due + never
//   a timer is on the list its flags name, and that is the place of its deadline
//   at the present clock (the slot being drained excepted)
//   Occupied, LevelsOccupied <=> not empty
//   Waking covers every slot with a timer that may wake; MinNs <= its deadlines,
//   and == the earliest, with Waking exact, unless Stale
//   the due list is sorted, ends at DueLast and has no deadline after the clock
//
// Takes time for every timer. So it is for tests, and for debug runs that look for a
// caller that freed or re-initialised an armed timer. Locks: the owner's.
// Modelled on no kernel function. Deliberately missing: repair.

using System;
using System.Numerics;
using static Wq.Timers.WheelGeometry;

namespace Wq.Timers;

internal unsafe partial struct TimerWheel
{
    /// <summary>Validates every slot, list, bitmap and count.</summary>
    /// <returns>The first invariant found broken, in words; empty if all hold.</returns>
    public static ReadOnlySpan<byte> Check(TimerWheel* wheel)
    {
        nuint nrTimers = 0;
        for (int place = 0; place < NrPlaces; place++)
        {
            ReadOnlySpan<byte> fault = CheckLinks(wheel, place, &nrTimers);
            if (fault.IsEmpty)
            {
                fault = place < NrSlots ? CheckSlot(wheel, place) : CheckList(wheel, place);
            }
            if (!fault.IsEmpty)
            {
                return fault;
            }
        }
        return nrTimers != wheel->Count ? "timer count differs from the timers on the lists"u8 : CheckLevels(wheel);
    }

    private static ReadOnlySpan<byte> CheckLinks(TimerWheel* wheel, int place, nuint* nrTimers)
    {
        TimerList** link = &SlotAt(wheel, place)->First;
        for (; *link != null; link = &(*link)->Next)
        {
            if (++*nrTimers > wheel->Count)
            {
                return "more timers on the lists than armed"u8; // Or a list that leads back into itself.
            }
            if ((*link)->Pprev != link)
            {
                return "timer links do not match"u8;
            }
            if (TimerList.PlaceOf(*link) != place)
            {
                return "timer is on another list than its flags say"u8;
            }
        }
        return default;
    }

    private static ReadOnlySpan<byte> CheckSlot(TimerWheel* wheel, int place)
    {
        ulong minNs = NeverNs;
        for (TimerList* timer = SlotAt(wheel, place)->First; timer != null; timer = timer->Next)
        {
            minNs = Math.Min(minNs, WakesAtNs(timer));
            if (timer->DeadlineNs > MaxDeadlineNs)
            {
                return "timer that never fires is in a slot"u8;
            }
            if (place != wheel->DrainingPlace && PlaceFor(timer->DeadlineNs, wheel->ClockNs) != place)
            {
                return "timer is in the wrong slot for its deadline"u8;
            }
        }
        return CheckSlotSummary(wheel, place, minNs);
    }

    private static ReadOnlySpan<byte> CheckSlotSummary(TimerWheel* wheel, int place, ulong minNs)
    {
        int level = LevelOf(place);
        TimerSlot* slot = SlotAt(wheel, place);
        bool isStale = (wheel->Stale[level] & BitOf(place)) != 0;
        bool isWaking = (wheel->Waking[level] & BitOf(place)) != 0;
        if ((wheel->Occupied[level] & BitOf(place)) != 0 != (slot->First != null))
        {
            return "occupied bit differs from the slot"u8;
        }
        if (slot->First == null && (isStale || isWaking || slot->MinNs != NeverNs))
        {
            return "empty slot was not cleared"u8;
        }
        if (slot->MinNs > minNs || (!isStale && slot->MinNs != minNs))
        {
            return "earliest deadline of a slot is wrong"u8;
        }
        bool mayWake = minNs != NeverNs;
        return isWaking != mayWake && (mayWake || !isStale) ? "waking bit differs from the slot"u8 : default;
    }

    // The due list and the list of timers that never fire.
    private static ReadOnlySpan<byte> CheckList(TimerWheel* wheel, int place)
    {
        TimerList* last = null;
        for (TimerList* timer = SlotAt(wheel, place)->First; timer != null; last = timer, timer = timer->Next)
        {
            if (place == NeverPlace)
            {
                if (timer->DeadlineNs != NeverNs)
                {
                    return "timer with a deadline is among those without"u8;
                }
                continue;
            }
            if (timer->DeadlineNs > wheel->ClockNs)
            {
                return "timer is due before its deadline"u8;
            }
            if (last != null && !TimerList.IsBefore(last, timer))
            {
                return "due timers are out of order"u8;
            }
        }
        return place == DuePlace && last != wheel->DueLast ? "last due timer is wrong"u8 : default;
    }

    private static ReadOnlySpan<byte> CheckLevels(TimerWheel* wheel)
    {
        for (int level = 0; level < Levels; level++)
        {
            uint bit = 1u << level;
            if ((wheel->LevelsOccupied & bit) != 0 != (wheel->Occupied[level] != 0)
                || (wheel->LevelsWaking & bit) != 0 != (wheel->Waking[level] != 0))
            {
                return "summary bit of a level differs from its slots"u8;
            }
        }
        return CheckDraining(wheel);
    }

    // The slot being drained is an occupied one that contains the clock, and comes first.
    private static ReadOnlySpan<byte> CheckDraining(TimerWheel* wheel)
    {
        int place = wheel->DrainingPlace;
        if (place == NoPlace)
        {
            return default;
        }
        int level = LevelOf(place);
        int clockDigit = (int)(wheel->ClockNs >> (TickShift + (level * SlotBits))) & SlotMask;
        bool isFirst = BitOperations.TrailingZeroCount(wheel->Occupied[level]) == (place & SlotMask);
        return level == 0 || clockDigit != (place & SlotMask) || !isFirst
            ? "slot being drained is not the clock's"u8
            : default;
    }
}
