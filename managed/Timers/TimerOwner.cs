// SPDX-License-Identifier: GPL-2.0-only
// The owner of some timers: counts the armed ones, and can refuse more.
//
// An owner that ends takes two steps, and then knows that no timer will come after:
//
//   1. It closes itself.
//   2. It takes its timers back from every base whose count is not zero.
//
// Behind the struct is room for one count per possible CPU, provided by the object that
// the struct is part of. A count is touched, and Closed is read, under the lock of the
// CPU's base. No kernel counterpart: there, a queue destroyed with timers armed is a bug.

using System.Runtime.CompilerServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Timers;

internal unsafe struct TimerOwner
{
    private int _closed; // A: stored before the bases are looked at under their locks

    public static int SizeBytes => sizeof(TimerOwner) + (Cpus.NrPossible * sizeof(int));

    public static void Init(TimerOwner* owner) =>
        Unsafe.InitBlock(owner, 0, (uint)SizeBytes);

    public static void Close(TimerOwner* owner)
    {
        Atomic.Store(&owner->_closed, 1);
        Atomic.Fence();
    }

    public static bool IsClosed(TimerOwner* owner) => Atomic.Load(&owner->_closed) != 0;

    /// <summary>The number of timers armed on the base of <paramref name="cpu"/>. That base's lock held.</summary>
    public static int* NrArmed(TimerOwner* owner, int cpu) => (int*)(owner + 1) + cpu;

    /// <summary>Disarms all of the owner's timers and waits for their functions that are running. Blocks.</summary>
    /// <param name="release">Called for each disarmed timer, under its base's lock.</param>
    /// <returns>How many were disarmed.</returns>
    public static int DisarmAll(TimerOwner* owner, delegate*<TimerList*, void> release)
    {
        int nr = 0;
        int cpu = -1;
        TimerBase* timerBase;
        while ((timerBase = TimerBase.NextBase(ref cpu)) != null)
        {
            FutexMutex.Lock(&timerBase->Lock);
            nr += DisarmLocked(owner, timerBase, release);
            if (timerBase->RunningOwner == owner && !TimerCalls.IsOwnThread(timerBase))
            {
                TimerCalls.WaitForRunning(timerBase); // Drops the lock.
                continue;
            }
            FutexMutex.Unlock(&timerBase->Lock);
        }
        return nr;
    }

    private static int DisarmLocked(TimerOwner* owner, TimerBase* timerBase, delegate*<TimerList*, void> release)
    {
        int nr = 0;
        int* nrArmed = NrArmed(owner, timerBase->Cpu);
        TimerList* next = *nrArmed > 0 ? TimerWheel.NextPending(&timerBase->Wheel, null) : null;
        while (next != null)
        {
            TimerList* timer = next;
            next = TimerWheel.NextPending(&timerBase->Wheel, timer);
            if (TimerList.OwnerOf(timer) == owner)
            {
                TimerCalls.DetachLocked(timerBase, timer);
                release(timer);
                nr++;
            }
        }
        return nr;
    }
}
