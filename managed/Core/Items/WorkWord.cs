// SPDX-License-Identifier: GPL-2.0-only
// A work item's state word, as a value.
//
//   bits 63..48  0, free for a depth of disabling
//        47..36  a mark \ the name of the link the item was last queued on: all 0 until
//        35..10  number /  then. Memory that was never initialised hardly ever has one.
//         9..6   0, free for a flush colour
//         5      0
//         4      WAITERS: threads sleep on the word until its owner is through
//         3..1   the place of a pending item
//         0      PENDING, where the kernel has it
//
// PENDING and the place make the state: idle if PENDING is off, and then every bit
// below the name is 0. What leads from one state to another is in Work.

using System.Runtime.CompilerServices;

namespace Wq.Core;

/// <summary>Where a pending item is. The odd ones have an owner that wakes the threads that sleep on the word.</summary>
internal enum Place : uint
{
    Queued = 0,    // In its pool's inbox, on its list, or on the way there.
    Timer = 1,     // With its timer, which is armed, is being armed or has just fired.
    Scheduled = 2, // In a worker's batch, or about to be put there by that worker.
    Canceling = 3, // With one canceller, off every queue.
}

internal readonly struct WorkWord(nuint bits)
{
    public const int FlagBits = 10;
    public const int PendingBit = 0; // WORK_STRUCT_PENDING of the header.

    private const nuint Pending = 1 << PendingBit;
    private const int PlaceShift = 1;
    private const nuint PlaceMask = 7 << PlaceShift;
    private const nuint HeldElsewhere = 1 << PlaceShift; // The odd places.
    private const nuint Waiters = 1 << 4;
    private const nuint FlagMask = (1 << FlagBits) - 1;
    private const nuint UnusedFlags = FlagMask ^ Pending ^ Waiters ^ (3 << PlaceShift);
    private const int NumberBits = 26;
    private const nuint NumberMask = (1 << NumberBits) - 1;

    public readonly nuint Bits = bits;

    private static nuint FirstName => unchecked((nuint)((0xa5dUL << NumberBits) + 1)); // The name of number 1.

    /// <summary>The word of an idle item that was last queued on the link with that number.</summary>
    public static WorkWord IdleOn(nuint number) => new((FirstName - 1 + number) << FlagBits);

    public bool IsPending => (Bits & Pending) != 0;

    public bool IsCanceling => IsAt(Place.Canceling);

    public bool HasWaiters => (Bits & Waiters) != 0;

    /// <summary>Is the item with a canceller or a timer, which will wake the threads that ask for it?</summary>
    public bool IsHeldElsewhere => (Bits & HeldElsewhere) != 0;

    /// <summary>Has the item never been queued?</summary>
    public bool NamesNoLink => Bits >> FlagBits == 0;

    /// <summary>The number of the link that the word of an initialised item names, or 0.</summary>
    public nuint Number => (Bits >> FlagBits) & NumberMask;

    /// <summary>The same for any word: no slot's number if the mark is not there.</summary>
    public nuint NumberIfMarked => (Bits >> FlagBits) - FirstName + 1;

    /// <summary>Are the bits below the name those of a state?</summary>
    public bool HasState => (Bits & FlagMask) == 0 || (Bits & (UnusedFlags | Pending)) == Pending;

    /// <summary>The idle word that names the same link.</summary>
    public WorkWord Idle => new(Bits & ~FlagMask);

    /// <summary>The word with WAITERS on.</summary>
    public WorkWord WithWaiters => new(Bits | Waiters);

    public bool IsAt(Place place) => (Bits & (Pending | PlaceMask)) == (Pending | ((nuint)place << PlaceShift));

    /// <summary>The word of the item pending at <paramref name="place"/>: WAITERS stays as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WorkWord At(Place place) => new((Bits & ~PlaceMask) | Pending | ((nuint)place << PlaceShift));

    /// <summary>The word without PENDING, whatever else it says.</summary>
    public WorkWord WithoutPending => new(Bits & ~Pending);
}
