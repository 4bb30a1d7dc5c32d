// Whether a worker with nothing to do waits a little before it sleeps.
//
// A sleep and a wake cost some microseconds, tens of them across CPUs. They are
// wasted if the next item is already on its way, so a worker whose last sleeps
// were all short lingers first:
//
//   bound worker     its items come from its own CPU, so spinning cannot help; it
//                    yields once, and the producer goes on to queue more
//   unbound worker   it spins, unless the process has one CPU only
//
// A linger that meets no item ends the habit until MinShortSleeps more sleeps
// were short: an item that comes now and then never finds the worker lingering.
// No locks: a Linger belongs to one worker.

using Wq.Os;

namespace Wq.Core;

internal unsafe struct Linger
{
#if WQ_SIM
    private const int MinShortSleeps = 1; // Short runs have few sleeps.
    private const int PausesPerLook = 1;
#else
    private const int MinShortSleeps = 4;
    private const int PausesPerLook = 16;
#endif
    private const int ShortBoundNs = 10_000;
    private const int ShortUnboundNs = 100_000;
    private const int SpinNs = 30_000;

    private int _shortSleeps;
    private long _sleptAtNs;

    /// <summary>True if there is an item by now; false when it is time to sleep.</summary>
    public bool MeetsItem(Inbox* inbox, int cpu)
    {
        if (_shortSleeps < MinShortSleeps)
        {
            return false;
        }
        bool met = cpu >= 0 || Cpus.IsOnlyOne ? MeetsByYield(inbox) : MeetsBySpin(inbox);
        _shortSleeps = met ? _shortSleeps : 0;
        return met;
    }

    public void BeforeSleep() => _sleptAtNs = Clock.NowNs();

    public void AfterSleep(int cpu)
    {
        long shortNs = cpu >= 0 ? ShortBoundNs : ShortUnboundNs;
        bool isShort = Clock.NowNs() - _sleptAtNs < shortNs;
        _shortSleeps = isShort ? _shortSleeps + 1 : 0;
    }

    private static bool MeetsByYield(Inbox* inbox)
    {
        Cpus.Yield();
        return !Inbox.HasNoItem(inbox);
    }

    private static bool MeetsBySpin(Inbox* inbox)
    {
        long endNs = Clock.NowNs() + SpinNs;
        while (Clock.NowNs() < endNs)
        {
            for (int i = 0; i < PausesPerLook; i++)
            {
                if (!Inbox.HasNoItem(inbox))
                {
                    return true;
                }
                Cpus.Relax();
            }
        }
        return false;
    }
}
