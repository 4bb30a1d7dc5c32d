// SPDX-License-Identifier: GPL-2.0-only
// How to wait for something that takes another thread nanoseconds: pause the core, then
// give the CPU away in case that thread needs it, then sleep.
//
// Invariant: whoever waits is asleep nearly all of the time after some hundred microseconds.
// A thread of a real-time class gives its CPU to no ordinary thread but by sleeping, and
// the one that is waited for may stand behind it.

namespace Wq.Os;

internal struct Backoff
{
    private const int NrPauses = 64;
    private const int NrYields = 32;
    private const long FirstSleepNs = 20_000;
    private const long LongestSleepNs = 1_000_000;

    private int _nrSteps;
    private long _sleepNs;

    public void Pause()
    {
        if (_nrSteps < NrPauses)
        {
            _nrSteps++;
            Cpus.Relax();
        }
        else if (_nrSteps < NrPauses + NrYields)
        {
            _nrSteps++;
            Cpus.Yield();
        }
        else
        {
            _sleepNs = long.Clamp(_sleepNs * 2, FirstSleepNs, LongestSleepNs);
            Clock.Sleep(_sleepNs);
        }
    }
}
