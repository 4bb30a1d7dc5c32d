// SPDX-License-Identifier: GPL-2.0-only
// How to wait for something that takes another thread nanoseconds:
//
//   1. pause the core;
//   2. yield the CPU, in case the other thread needs it;
//   3. sleep.
//
// Invariant: after some hundred microseconds the waiting thread is asleep nearly all of
// the time. A thread of a real-time class must sleep: yielding never gives its CPU to an
// ordinary thread, and the thread that it waits for may be an ordinary one on that CPU.

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
