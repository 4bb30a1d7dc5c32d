// SPDX-License-Identifier: GPL-2.0-only
// How much of a link of a shared pool is active, what waits for room, and what a flush
// waits for.
//
// When an item's turn comes it is handed out: it gets the link's colour, and counts as in
// flight until it has run or was cancelled. From there it is active, or parked.
// Active are at most MaxActive *units*. A unit is an item on the pool's list, or all that
// one worker has in hand of the link: a worker runs its items one after another, so they
// are one execution context, however many they are.
//
//   incoming ─► active: listed, or in a worker's hand ──► ended
//           └─► parked, in order ──► active, when a unit has become free
//
// Invariants, while the pool's lock is free:
//   - an item is parked only while NrActive >= MaxActive
//   - InFlight[c] is how many items of colour c were handed out and are not known to have ended;
//     a worker that has ended some says so when it next takes the lock (WorkerPool.Settle)
// A flush's barrier ends the link's colour when its turn comes: what is queued behind it gets
// the next one. From there the flush waits for what is in flight of its own colour and older
// ones, wherever that is. The next colour is not begun while items of sixteen colours ago are in flight; two
// flushes share one then.
//
// Locks: the pool's, for everything here. Links of private pools use none of it: there one
// worker runs all in order. Kernel counterparts: pwq_tryinc_nr_active,
// pwq_activate_first_inactive, pwq_dec_nr_in_flight, flush_workqueue_prep_pwqs.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe partial struct PoolWorkqueue
{
    /// <summary>The record of an item that is handed out now: which link, which colour. 0 for a private pool's.</summary>
    public static uint RecordOf(PoolWorkqueue* pwq) => pwq->_record;

    /// <summary>The link that a record names, and the colour.</summary>
    public static PoolWorkqueue* OfRecord(uint record) => (PoolWorkqueue*)TypeStable.At(Slots, record / WorkWord.NrColours);

    public static int ColourOf(uint record) => (int)(record % WorkWord.NrColours);

    /// <summary>Do both records name the same link?</summary>
    public static bool IsSameLink(uint record, uint other) => record / WorkWord.NrColours == other / WorkWord.NrColours;

    /// <summary>The record of an item that was handed out in that colour.</summary>
    public static uint RecordOf(PoolWorkqueue* pwq, int colour) => pwq->_record - (uint)ColourOf(pwq->_record) + (uint)colour;

    /// <summary>Counts <paramref name="nr"/> items of one record as handed out.</summary>
    public static void Enter(PoolWorkqueue* pwq, uint record, int nr)
    {
        pwq->_inFlight[ColourOf(record)] += nr;
        pwq->NrInFlight += nr;
        pwq->NrEver += (uint)nr;
    }

    /// <summary>Counts <paramref name="nr"/> items of one record as ended.</summary>
    public static void Leave(PoolWorkqueue* pwq, uint record, int nr)
    {
        pwq->_inFlight[ColourOf(record)] -= nr;
        pwq->NrInFlight -= nr;
        Contract.Requires(pwq->_inFlight[ColourOf(record)] >= 0);
    }

    /// <summary>Takes a unit if there is one.</summary>
    public static bool TryActivate(PoolWorkqueue* pwq)
    {
        bool hasRoom = pwq->NrActive < pwq->MaxActive;
        pwq->NrActive += hasRoom ? 1 : 0;
        return hasRoom;
    }

    public static bool HasParked(PoolWorkqueue* pwq) => !ListHead.IsEmpty(&pwq->Parked);

    /// <summary>
    /// Ends the colour for a barrier. Returns its sequence number, which NrOlder takes.
    /// </summary>
    public static uint EndColour(PoolWorkqueue* pwq)
    {
        uint seq = pwq->_seq;
        if (pwq->_inFlight[(seq + 1) % WorkWord.NrColours] == 0)
        {
            pwq->_seq = seq + 1;
            pwq->_record = pwq->_record - (uint)ColourOf(pwq->_record) + (pwq->_seq % WorkWord.NrColours);
        }
        return seq;
    }

    /// <summary>How many items are in flight of the colour that ended with <paramref name="seq"/>, or of an older one.</summary>
    // Colours that began after it are at most those up to _seq; what else there is, is older.
    public static int NrOlder(PoolWorkqueue* pwq, uint seq)
    {
        int nr = pwq->NrInFlight;
        for (uint newer = seq + 1; (int)(pwq->_seq - newer) >= 0; newer++)
        {
            nr -= pwq->_inFlight[newer % WorkWord.NrColours];
        }
        return nr;
    }

    /// <summary>Is what is in flight of that colour among NrOlder of <paramref name="seq"/>?</summary>
    public static bool IsOlder(PoolWorkqueue* pwq, int colour, uint seq) =>
        ((uint)colour - (seq + 1)) % WorkWord.NrColours >= pwq->_seq - seq;

    // Nothing of it is active, and nothing is in flight.
    private static void InitActive(PoolWorkqueue* pwq, int maxActive)
    {
        pwq->NrActive = 0;
        pwq->MaxActive = maxActive;
        pwq->NrStanding = 0;
        ListHead.Init(&pwq->Parked);
        pwq->Flushers = null;
        pwq->NrInFlight = 0;
        pwq->NrEver = 0;
        pwq->Refill = 0;
        pwq->NextTouched = null;
        pwq->IsDead = false;
        pwq->IsSealed = false;
        pwq->IsShared = maxActive != Unlimited;
        pwq->_seq = 0;
        pwq->_record = maxActive != Unlimited ? (uint)pwq->Word.Number * WorkWord.NrColours : 0;
        for (int colour = 0; colour < WorkWord.NrColours; colour++)
        {
            pwq->_inFlight[colour] = 0;
        }
    }
}
