// SPDX-License-Identifier: GPL-2.0-only
// A work item's state word, as a value.
//
//   bits 63..48  of a pending item: the number of a worker, or 0 (below); of one that is idle
//                or canceling: how often it is disabled
//        47..36  a mark \ the name of the link the item was last queued on: all 0 until
//        35..10  number /  then. Memory that was never initialised hardly ever has one.
//         9..6   of an item that was handed out to a shared pool: its flush colour
//         5      BY_WORKER: the number is not a link's but that of the worker that claimed it
//         4      WAITERS: threads sleep on the word until its owner is through; or, of an item
//                that is with a pool, on the pool's list for the run to come
//         3..1   the place of a pending item
//         0      PENDING, where the kernel has it
//
// PENDING and the place make the state: idle if PENDING is off, and then every bit
// below BY_WORKER is 0. What leads from one state to another is in Work.
//
// An item of a shared pool leaves the name of the worker that claimed it behind. So
// whether it still runs is one look at that worker. If it does when the item is queued
// again, the item goes where that worker is, with the worker's number: it is the only
// one that may run it. From a batch the number says whose batch that is.

using System.Runtime.CompilerServices;

namespace Wq.Core;

/// <summary>Where a pending item is. The odd ones have an owner that wakes the threads that sleep on the word.</summary>
internal enum Place : uint
{
    Queued = 0,    // In its pool's inbox, on a private pool's list, incoming at a shared one, or on the way there.
    Timer = 1,     // With its timer, which is armed, is being armed or has just fired.
    Scheduled = 2, // In a worker's batch, or about to be put there by that worker.
    Canceling = 3, // With one canceller, off every queue.
    Listed = 4,    // On a shared pool's list.
    Parked = 6,    // On its link's list, as too much of the link is active.
    Moving = 7,    // With one thread that re-times it, off every queue and its timer.
}

internal readonly struct WorkWord(nuint bits)
{
    public const int FlagBits = 10;
    public const int NrColours = 16;
    public const int MaxDepth = 0xffff; // Of disabling.
    public const int MaxRunner = 0xffff; // The highest number of a worker that a word can have.
    public const int PendingBit = 0; // WORK_STRUCT_PENDING of the header.
    public const int ByWorkerBit = 5;

    private const nuint Pending = 1 << PendingBit;
    private const int PlaceShift = 1;
    private const nuint PlaceMask = 7 << PlaceShift;
    private const nuint HeldElsewhere = 1 << PlaceShift; // The odd places.
    private const nuint Taken = Pending | (3 << PlaceShift); // Canceling and Moving.
    private const Place NoPlace = (Place)5;
    private const nuint Waiters = 1 << 4;
    private const nuint ByWorker = 1 << ByWorkerBit;
    private const int ColourShift = 6;
    private const nuint ColourMask = (NrColours - 1) << ColourShift;
    private const nuint StateMask = ((1 << FlagBits) - 1) ^ ByWorker;
    private const int NumberBits = 26;
    private const int RunnerShift = 48;
    private const nuint NumberMask = (1 << NumberBits) - 1;

    public readonly nuint Bits = bits;

    private static nuint RunnerMask
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => unchecked((nuint)(ulong.MaxValue << RunnerShift));
    }

    private static nuint FirstName => unchecked((nuint)((0xa5dUL << NumberBits) + 1)); // The name of number 1.

    /// <summary>The word of an idle item that was last queued on the link with that number.</summary>
    public static WorkWord IdleOn(nuint number) => new((FirstName - 1 + number) << FlagBits);

    /// <summary>The word of an idle item that the shared pool's worker with that number has claimed.</summary>
    public static WorkWord ClaimedBy(nuint number) => new(IdleOn(number).Bits | ByWorker);

    public bool IsPending => (Bits & Pending) != 0;

    /// <summary>Is it neither pending nor disabled?</summary>
    public bool IsFree => (Bits & (Pending | RunnerMask)) == 0;

    /// <summary>Is it at a place where it can be disabled: idle or canceling?</summary>
    public bool IsDisableable => !IsPending || IsCanceling;

    /// <summary>How often it is disabled, if it is idle or canceling.</summary>
    public int Depth => (int)(Bits >> RunnerShift);

    public bool IsCanceling => IsAt(Place.Canceling);

    /// <summary>Has another thread taken it off a queue, to cancel it or to re-time it?</summary>
    public bool IsTaken => (Bits & Taken) == Taken;

    public bool HasWaiters => (Bits & Waiters) != 0;

    /// <summary>Is the item with a canceller, a timer or a thread that re-times it, which will wake the threads that ask for it?</summary>
    public bool IsHeldElsewhere => (Bits & HeldElsewhere) != 0;

    /// <summary>Has the item never been queued?</summary>
    public bool NamesNoLink => Bits >> FlagBits == 0;

    /// <summary>Does it name the worker that claimed the item, and no link?</summary>
    public bool IsByWorker => (Bits & ByWorker) != 0;

    /// <summary>The number of the link that the word of an initialised item names, or of the worker; or 0.</summary>
    public nuint Number => (Bits >> FlagBits) & NumberMask;

    /// <summary>The same for any word: no slot's number if the mark is not there.</summary>
    public nuint NumberIfMarked => (Bits >> FlagBits) - FirstName + 1;

    /// <summary>Are the bits below the name those of a state?</summary>
    public bool HasState => (Bits & StateMask) == 0 || IsPending;

    /// <summary>The number of the worker that goes with a pending item that is not canceling, or 0.</summary>
    public nuint Runner => Bits >> RunnerShift;

    /// <summary>Do both words say the same, but for the number of a worker?</summary>
    public bool IsAlike(WorkWord other) => ((Bits ^ other.Bits) & ~RunnerMask) == 0;

    /// <summary>The colour of an item that was handed out.</summary>
    public int Colour => (int)((Bits & ColourMask) >> ColourShift);

    /// <summary>
    /// The word of the item when it is idle again: it names the worker that goes with it, or else the same link. One that is idle
    /// or canceling stays disabled.
    /// </summary>
    public WorkWord Idle => IsDisableable ? new(Bits & ~StateMask) : Runner == 0 ? Link : ClaimedBy(Runner);

    /// <summary>The word of an idle item that names the same link, or worker.</summary>
    public WorkWord Link => new(Bits & ~(StateMask | RunnerMask));

    /// <summary>
    /// The word of the item in a canceller's hands: it still names the pool that the item was taken from. Which worker goes with
    /// it the canceller keeps in mind.
    /// </summary>
    public WorkWord Canceled => new WorkWord(IsPending ? Bits & ~(ColourMask | RunnerMask) : Bits).At(Place.Canceling);

    /// <summary>The word of an item that is idle or canceling, disabled so often. One that was never queued gets a mark with that.</summary>
    public WorkWord Deep(int depth)
    {
        nuint named = Bits & ~RunnerMask;
        if (Number == 0)
        {
            named = (named & StateMask) | (depth != 0 ? IdleOn(0).Bits : 0);
        }
        return new(named | ((nuint)depth << RunnerShift));
    }

    /// <summary>The word of an item that becomes pending, and was <paramref name="idle"/>. Of the idle word of a link.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WorkWord After(WorkWord idle, Place place) =>
        new(Bits | Pending | ((nuint)place << PlaceShift) | (idle.IsByWorker ? idle.Number << RunnerShift : 0));

    /// <summary>The word with the number of a worker, or without one if it is 0.</summary>
    public WorkWord With(nuint runner) => new((Bits & ~RunnerMask) | (runner << RunnerShift));

    /// <summary>The word with a colour.</summary>
    public WorkWord Coloured(int colour) => new((Bits & ~ColourMask) | ((nuint)colour << ColourShift));

    /// <summary>What TrySetPending gives in place of an idle word if it has refused the item with a report.</summary>
    public static WorkWord Refused => default(WorkWord).At(NoPlace);

    public bool IsRefused => IsAt(NoPlace);

    /// <summary><paramref name="value"/> with the number of a worker and the WAITERS that this word has.</summary>
    public WorkWord CarriedTo(WorkWord value) => new(value.With(Runner).Bits | (Bits & Waiters));

    /// <summary>The word with WAITERS on.</summary>
    public WorkWord WithWaiters => new(Bits | Waiters);

    public bool IsAt(Place place) => (Bits & (Pending | PlaceMask)) == (Pending | ((nuint)place << PlaceShift));

    /// <summary>The word of the item pending at <paramref name="place"/>: WAITERS stays as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WorkWord At(Place place) => new((Bits & ~PlaceMask) | Pending | ((nuint)place << PlaceShift));

    /// <summary>The word without PENDING, whatever else it says.</summary>
    public WorkWord WithoutPending => new(Bits & ~Pending);
}
