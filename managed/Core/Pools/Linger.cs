// SPDX-License-Identifier: GPL-2.0-only
// Whether a worker with nothing to do waits a little before it sleeps.
//
// A sleep and a wake cost some microseconds, tens of them across CPUs. They are
// wasted if the next item is already on its way, so a worker whose last sleeps
// were all short lingers first:
//
//   items come from its own CPU     spinning cannot help; it yields once, and the
//                                   producer goes on to queue more
//   items come from another         it spins
//
// Where items come from is the CPU of the thread that last woke one of the pool's workers.
// A worker or a producer that moves is wrong about it until the next sleep, which ends a
// linger of the wrong kind soon.
//
// A linger that meets no item ends the habit until MinShortSleeps more sleeps
// were short: an item that comes now and then never finds the worker lingering.
// At the end of a burst of items it lingers without the habit, but not as long:
// the producer may be about as fast as the worker, and would wake it for each.
// No locks: a Linger belongs to one worker.

using System;
using Wq.Os;

namespace Wq.Core;

internal unsafe struct Linger
{
#if WQ_SIM
    private const int MinShortSleeps = 1; // Short runs have few sleeps.
    private const int BurstItems = 2;
    private const int MaxGatherPauses = 2;
#else
    private const int MinShortSleeps = 4;
    private const int BurstItems = 16;
    private const int MaxGatherPauses = 128; // Some microseconds: a batch or two of a fast producer.
#endif
    private const int LooksPerClock = 16;
    private const int ShortNs = 10_000;
    private const int ShortApartNs = 100_000;
    private const int SpinNs = 30_000;
    private const int BurstSpinNs = 5_000;

    private int _shortSleeps;
    private uint _nrRunBefore; // When the burst began, if it is one: when items last did not follow at once.
    private uint _nrRunInAll;  // When the inbox was last looked into.
    private int _gatherPauses; // Doubled each time that too few items came.
    private long _sleptAtNs;

    /// <summary>True if there is an item by now; false when it is time to sleep.</summary>
    /// <param name="nrRun">How many items the worker has run in its life; may wrap.</param>
    public bool MeetsItem(WorkerPool* pool, uint nrRun)
    {
        Inbox* inbox = &pool->Inbox;
        bool isBurst = nrRun - _nrRunBefore >= BurstItems;
        if (isBurst && TryGather(pool) && !Inbox.HasNoItem(inbox))
        {
            return true;
        }
        _nrRunBefore = nrRun;
        _gatherPauses = 1;
        bool isHabit = _shortSleeps >= MinShortSleeps;
        if (!isHabit && !isBurst)
        {
            return false;
        }
        bool met = WorkerPool.IsFedFromElsewhere(pool) ? MeetsBySpin(inbox, isHabit ? SpinNs : BurstSpinNs) : MeetsByYield(inbox);
        _shortSleeps = met || !isHabit ? _shortSleeps : 0;
        return met;
    }

    /// <summary>
    /// Between two batches: waits a moment if a burst comes from another CPU in small portions. Each time the worker
    /// empties the inbox it takes its cache line from the producers.
    /// </summary>
    public void LetGather(WorkerPool* pool, uint nrRun)
    {
        bool isSmall = nrRun - _nrRunInAll < BurstItems;
        _nrRunInAll = nrRun;
        if (isSmall && nrRun - _nrRunBefore >= BurstItems)
        {
            _gatherPauses = Math.Min(2 * _gatherPauses, MaxGatherPauses);
            TryGather(pool);
        }
    }

    public void BeforeSleep() => _sleptAtNs = Clock.NowNs();

    public void AfterSleep(WorkerPool* pool)
    {
        long shortNs = WorkerPool.IsFedFromElsewhere(pool) ? ShortApartNs : ShortNs;
        bool isShort = Clock.NowNs() - _sleptAtNs < shortNs;
        _shortSleeps = isShort ? _shortSleeps + 1 : 0;
    }

    private static bool MeetsByYield(Inbox* inbox)
    {
        Cpus.Yield();
        return !Inbox.HasNoItem(inbox);
    }

    private static bool MeetsBySpin(Inbox* inbox, int spinNs)
    {
        long endNs = 0; // The clock is read after the first looks: they are to come at once.
        while (true)
        {
            for (int look = 0; look < LooksPerClock; look++)
            {
                if (!Inbox.HasNoItem(inbox))
                {
                    return true;
                }
                Cpus.Relax();
            }
            long nowNs = Clock.NowNs();
            endNs = endNs == 0 ? nowNs + spinNs : endNs;
            if (nowNs >= endNs)
            {
                return false;
            }
        }
    }

    // Nothing can gather on the worker's own CPU while it waits.
    private readonly bool TryGather(WorkerPool* pool)
    {
        if (!WorkerPool.IsFedFromElsewhere(pool))
        {
            return false;
        }
        for (int i = 0; i < _gatherPauses; i++)
        {
            Cpus.Relax();
        }
        return true;
    }
}
