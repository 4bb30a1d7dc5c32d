// SPDX-License-Identifier: GPL-2.0-only
// A hierarchical timer wheel: which timers are armed, which are due, when the next one is.
//
// Compare the deadline's tick with the clock's, digit by digit (SlotBits bits each). The
// highest digit in which they differ is the timer's level; the deadline's digit there is
// its slot. Hence the invariant that everything relies on: every timer of a level is later
// than every timer of the levels below, and the slots of a level are in order of time. So
// the earliest timer is in the first occupied slot of the lowest occupied level, however
// far away it is, and two find-first-set instructions find it.
//
// So nothing ticks, and no timer moves just because time passes:
//
//   - NextExpiry is that slot's earliest deadline, in nanoseconds, even for a slot that
//     spans years.
//   - The slot is opened only when that deadline has come. Its other timers then move to
//     lower levels.
//
// A slot knows a lower bound of its deadlines. The bound is exact until the earliest timer
// is cancelled. NextExpiry then looks through the slot, if it holds at most ScanLimit
// timers. A fuller slot answers with the stale bound, which costs at most one wake-up with
// nothing due per cancelled earliest timer.
//
// Due timers wait on a list sorted by deadline, then by order of arming. They leave it one
// by one, so that a function called in between may arm or delete any timer. Deferrable
// timers are filed like others but do not count for NextExpiry.
//
// Locks: none; the owner holds its own around every call. The wheel must not move.
// Kernel counterparts: internal_add_timer, detach_timer, __run_timers,
// next_timer_interrupt. Deliberately missing: a clock, jiffies, calling functions.

using System;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Wq.Timers.WheelGeometry;

namespace Wq.Timers;

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TimerSlot
{
    public TimerList* First;
    public ulong MinNs; // No deadline here that may wake is earlier; NeverNs if no timer here may wake.
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct TimerWheel
{
    /// <summary>The deadline of a timer that is armed and never fires; also "no expiry".</summary>
    public const ulong NeverNs = ulong.MaxValue;

    /// <summary>The latest deadline that is a time; later ones are NeverNs.</summary>
    public const ulong MaxDeadlineNs = (1UL << DeadlineBits) - 1;

    public ulong ClockNs; // Places are relative to it; every timer with a deadline up to it was collected.
    public nuint Count; // Timers on any list: in slots + due + never.
    public uint NextSeq;
    public int DrainingPlace; // A slot Advance has begun to empty, or NoPlace.
    public TimerList* DueLast; // Null if nothing is due.
    public uint LevelsOccupied; // Bit per level: Occupied[level] != 0.
    public uint LevelsWaking; // Bit per level: Waking[level] != 0.
    public fixed ulong Occupied[Levels]; // Bit per slot: the slot is not empty.
    public fixed ulong Waking[Levels]; // Bit per slot: may hold a timer that is not deferrable.
    public fixed ulong Stale[Levels]; // Bit per slot: MinNs may be too early.
    private fixed ulong _slots[NrPlaces * 2];

    /// <summary>An empty wheel whose clock stands at <paramref name="nowNs"/>.</summary>
    public static void Init(TimerWheel* wheel, ulong nowNs)
    {
        *wheel = default;
        wheel->ClockNs = Math.Min(nowNs, MaxDeadlineNs);
        wheel->DrainingPlace = NoPlace;
        for (int place = 0; place < NrPlaces; place++)
        {
            SlotAt(wheel, place)->MinNs = NeverNs;
        }
    }

    /// <summary>
    /// Arms a timer that is not pending. If its deadline is already past, it is due at the next Advance;
    /// if the deadline is after MaxDeadlineNs, it never is. Constant time.
    /// </summary>
    public static void Add(TimerWheel* wheel, TimerList* timer, ulong deadlineNs)
    {
        Debug.Assert(!TimerList.IsPending(timer));
        wheel->Count++;
        timer->Seq = wheel->NextSeq++;
        if (deadlineNs <= MaxDeadlineNs)
        {
            timer->DeadlineNs = deadlineNs;
            FileTimer(wheel, timer, deadlineNs);
            return;
        }
        timer->DeadlineNs = NeverNs;
        TimerList.SetPlace(timer, NeverPlace);
        TimerList.Link(timer, &SlotAt(wheel, NeverPlace)->First);
    }

    /// <summary>Disarms a timer, due ones included. Constant time.</summary>
    /// <returns>True if it was pending.</returns>
    public static bool Del(TimerWheel* wheel, TimerList* timer)
    {
        if (!TimerList.IsPending(timer))
        {
            return false;
        }
        int place = TimerList.PlaceOf(timer);
        if (timer == wheel->DueLast)
        {
            bool isFirst = timer->Pprev == &SlotAt(wheel, DuePlace)->First;
            wheel->DueLast = isFirst ? null : (TimerList*)timer->Pprev;
        }
        TimerList.Unlink(timer);
        wheel->Count--;
        if (place < NrSlots)
        {
            LeaveSlot(wheel, timer, place);
        }
        return true;
    }

    /// <summary>
    /// When Advance has something to do again, if no timer is armed until then: the earliest
    /// deadline that may wake, or an earlier time (see the head comment); NeverNs if there is no such timer.
    /// Not after the clock if timers are due, or if Advance has not finished.
    /// </summary>
    public static ulong NextExpiry(TimerWheel* wheel)
    {
        if (wheel->DrainingPlace != NoPlace)
        {
            return 0;
        }
        TimerList* due = SlotAt(wheel, DuePlace)->First;
        return Math.Min(due != null ? due->DeadlineNs : NeverNs, FirstWakingNs(wheel));
    }

    /// <summary>
    /// The pending timer after <paramref name="after"/> in no useful order, the first one after null;
    /// null at the end. For migrating or listing; the wheel must not change during the walk.
    /// </summary>
    public static TimerList* NextPending(TimerWheel* wheel, TimerList* after)
    {
        TimerList* timer = after != null ? after->Next : null;
        int place = after != null ? TimerList.PlaceOf(after) + 1 : 0;
        for (; timer == null && place < NrPlaces; place++)
        {
            timer = SlotAt(wheel, place)->First;
        }
        return timer;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TimerSlot* SlotAt(TimerWheel* wheel, int place) => (TimerSlot*)wheel->_slots + place;

    private static ulong BitOf(int place) => 1UL << (place & SlotMask);

    private static int LevelOf(int place) => place >> SlotBits;

    /// <summary>The slot for a deadline at the present clock; a past one shares the clock's own tick.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PlaceFor(ulong deadlineNs, ulong clockNs)
    {
        ulong tick = Math.Max(deadlineNs, clockNs) >> TickShift;
        ulong differing = (tick ^ (clockNs >> TickShift)) | 1;
        int level = BitOperations.Log2(differing) / SlotBits;
        return (level << SlotBits) | ((int)(tick >> (level * SlotBits)) & SlotMask);
    }

    // deadlineNs is timer->DeadlineNs, which the caller has loaded.
    private static void FileTimer(TimerWheel* wheel, TimerList* timer, ulong deadlineNs)
    {
        int place = PlaceFor(deadlineNs, wheel->ClockNs);
        int level = LevelOf(place);
        ulong bit = BitOf(place);
        TimerSlot* slot = SlotAt(wheel, place);
        TimerList.SetPlace(timer, place);
        TimerList.Link(timer, &slot->First);
        wheel->Occupied[level] |= bit;
        wheel->LevelsOccupied |= 1u << level;
        if (TimerList.IsDeferrable(timer))
        {
            return;
        }
        wheel->Waking[level] |= bit;
        wheel->LevelsWaking |= 1u << level;
        if (deadlineNs <= slot->MinNs)
        {
            slot->MinNs = deadlineNs;
            wheel->Stale[level] &= ~bit;
        }
    }

    // A timer has just been unlinked from the slot.
    private static void LeaveSlot(TimerWheel* wheel, TimerList* timer, int place)
    {
        TimerSlot* slot = SlotAt(wheel, place);
        if (slot->First == null)
        {
            ClearSlot(wheel, place);
        }
        else if (timer->DeadlineNs == slot->MinNs)
        {
            wheel->Stale[LevelOf(place)] |= BitOf(place);
        }
    }

    private static void ClearSlot(TimerWheel* wheel, int place)
    {
        int level = LevelOf(place);
        wheel->Stale[level] &= ~BitOf(place);
        ClearWaking(wheel, place);
        SlotAt(wheel, place)->MinNs = NeverNs;
        if ((wheel->Occupied[level] &= ~BitOf(place)) == 0)
        {
            wheel->LevelsOccupied &= ~(1u << level);
        }
        if (place == wheel->DrainingPlace)
        {
            wheel->DrainingPlace = NoPlace;
        }
    }

    private static void ClearWaking(TimerWheel* wheel, int place)
    {
        int level = LevelOf(place);
        if ((wheel->Waking[level] &= ~BitOf(place)) == 0)
        {
            wheel->LevelsWaking &= ~(1u << level);
        }
    }

    private static ulong FirstWakingNs(TimerWheel* wheel)
    {
        // Goes round once more only for a slot found to hold nothing but deferrable timers.
        while (wheel->LevelsWaking != 0)
        {
            int level = BitOperations.TrailingZeroCount(wheel->LevelsWaking);
            int place = (level << SlotBits) + BitOperations.TrailingZeroCount(wheel->Waking[level]);
            if ((wheel->Stale[level] & BitOf(place)) != 0)
            {
                RescanSlow(wheel, place);
            }
            ulong minNs = SlotAt(wheel, place)->MinNs;
            if (minNs != NeverNs)
            {
                return minNs;
            }
            ClearWaking(wheel, place);
        }
        return NeverNs;
    }

    // Makes the slot's minimum exact, unless the slot holds more than ScanLimit timers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RescanSlow(TimerWheel* wheel, int place)
    {
        TimerSlot* slot = SlotAt(wheel, place);
        TimerList* timer = slot->First;
        ulong minNs = NeverNs;
        for (int seen = 0; timer != null; timer = timer->Next)
        {
            if (++seen > ScanLimit)
            {
                return;
            }
            minNs = Math.Min(minNs, WakesAtNs(timer));
        }
        slot->MinNs = minNs;
        wheel->Stale[LevelOf(place)] &= ~BitOf(place);
    }

    private static ulong WakesAtNs(TimerList* timer) => TimerList.IsDeferrable(timer) ? NeverNs : timer->DeadlineNs;
}
