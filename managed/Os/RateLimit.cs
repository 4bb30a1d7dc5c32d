// SPDX-License-Identifier: GPL-2.0-only
// One place may make at most ten reports in five seconds, as with the kernel's
// printk_ratelimit.
//
// A place is known by the literal texts its reports are made of (Report.Place). Each
// place keeps a slot of a small table for good; a place that finds no slot is not
// limited. Without locks: at the edge of a window a report more or less may pass, but
// no report is counted twice. Kernel counterpart: lib/ratelimit.c.

using Wq.Base;

namespace Wq.Os;

internal static unsafe class RateLimit
{
    private const int Burst = 10;
    private const long IntervalNs = 5_000_000_000;
    private const int NrPlaces = 64;

    private struct Places
    {
        public fixed ulong Place[NrPlaces];   // A: 0 until taken
        public fixed ulong BeganNs[NrPlaces]; // A: of the window
        public fixed int Passed[NrPlaces];    // A: in the window
        public fixed int Missed[NrPlaces];    // A: since a window began
    }

    private static Places s_places;

    private static Places* All => Address.Of(ref s_places);

    /// <summary>May the place report now?</summary>
    /// <param name="nrMissed">Set to how many were refused since the last window, once.</param>
    public static bool MayReport(nuint place, int* nrMissed)
    {
        *nrMissed = 0;
        Places* places = All;
        int i = SlotOf(places, place);
        if (i < 0)
        {
            return true;
        }
        nuint nowNs = (nuint)Clock.NowNs();
        nuint beganNs = Atomic.Load((nuint*)&places->BeganNs[i]);
        if ((beganNs == 0 || nowNs - beganNs > IntervalNs)
            && Atomic.CompareExchange((nuint*)&places->BeganNs[i], nowNs, beganNs) == beganNs)
        {
            *nrMissed = Atomic.Exchange(&places->Missed[i], 0);
            Atomic.Store(&places->Passed[i], 0);
        }
        if (Atomic.Add(&places->Passed[i], 1) <= Burst)
        {
            return true;
        }
        Atomic.Add(&places->Missed[i], 1);
        return false;
    }

    /// <summary>Begins every place's window anew, and forgets how many reports were refused.</summary>
    public static void Reset()
    {
        Places* places = All;
        for (int i = 0; i < NrPlaces; i++)
        {
            Atomic.Store(&places->Missed[i], 0);
            Atomic.Store((nuint*)&places->BeganNs[i], 0);
        }
    }

    private static int SlotOf(Places* places, nuint place)
    {
        for (uint n = 0; n < NrPlaces; n++)
        {
            int i = (int)(((uint)(place >> 16) + n) % NrPlaces);
            nuint* slot = (nuint*)&places->Place[i];
            nuint taken = Atomic.Load(slot);
            if (taken == 0)
            {
                taken = Atomic.CompareExchange(slot, place, 0);
            }
            if (taken == 0 || taken == place)
            {
                return i;
            }
        }
        return -1;
    }
}
