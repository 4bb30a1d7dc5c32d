// SPDX-License-Identifier: GPL-2.0-only
// The shape of the timer wheel: every number that may be chosen, in one place.
//
// A tick is 2^15 ns = 32.8 µs and a level has 2^6 slots, so eight levels cover
// exactly 15 + 8 * 6 = 63 bits of nanoseconds: no deadline needs clamping.
//
//   level      0        1       2      3       4       5       6      7
//   slot   32.8 µs   2.1 ms  134 ms  8.6 s  9.2 min  9.8 h   26 d  4.6 y
//   range   2.1 ms   134 ms  8.6 s  9.2 min  9.8 h   26 d   4.6 y  292 y
//
// The tick does not limit the precision: deadlines are compared in nanoseconds, and
// the next expiry is a deadline, not a tick. The tick only decides how many timers
// are looked at together. A tick of 2^20 ns would save one level, but with a thousand
// timers a millisecond all of those would share the slot that every Advance scans. Much
// finer ticks add levels, and so moves between them, to separate timers that are
// practically at the same time.
// Deliberately missing: run-time tuning. WQ_SIM builds shrink a level to four
// slots so that short runs cross many levels.

namespace Wq.Timers;

internal static class WheelGeometry
{
    public const int TickShift = 15;

#if WQ_SIM
    public const int SlotBits = 2;
    public const int ScanLimit = 3;
#else
    public const int SlotBits = 6;

    /// <summary>How many timers NextExpiry may look at in a slot whose earliest was cancelled.</summary>
    public const int ScanLimit = 32;
#endif

    public const int DeadlineBits = 63;
    public const int SlotsPerLevel = 1 << SlotBits;
    public const int SlotMask = SlotsPerLevel - 1;
    public const int Levels = (DeadlineBits - TickShift + SlotBits - 1) / SlotBits;

    /// <summary>Places are numbered level by level, slot by slot; then come two lists.</summary>
    public const int NrSlots = Levels * SlotsPerLevel;
    public const int DuePlace = NrSlots;
    public const int NeverPlace = NrSlots + 1;
    public const int NrPlaces = NrSlots + 2;
    public const int NoPlace = -1;
}
