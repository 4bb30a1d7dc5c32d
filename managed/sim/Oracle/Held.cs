// SPDX-License-Identifier: GPL-2.0-only
// The locks a thread holds, and the order they may be taken in.
//
// The table is the one of the engine's README: a lock may be taken while only locks of
// lower rank are held. None is held where an item's function runs. A thread that sleeps holds
// none but s_transition, unless it sleeps for the next lock. A lock is known by its address:
// a static one has the rank of its name, one in an object of the engine is innermost.

namespace Wq.Sim;

internal unsafe struct Held
{
    public const int Innermost = 4;
    private const int Capacity = 6;
    private const string Transition = "CpuHotplugLock.s_transition"; // Held while workers finish their items.

    public int Nr;
    private fixed ulong _locks[Capacity];

    public static int RankOf(string name) => name switch
    {
        "SystemWorkqueues.s_lock" => 0,
        "Engine.s_lock" or "Freezer.s_lock" or "Drain.s_lock" or Transition => 1,
        "Hotplug.s_lock" or "SharedPools.s_lock" => 2,
        "Membarrier.s_lock" or "DebugObjects.s_lock" => Innermost + 1,
        "WorkerSetup.s_lock" or "TimerBase.s_lock" or "Lockdep.s_lock" or "Cancel.s_parents" => 3,
        _ => name.EndsWith("s_slots", System.StringComparison.Ordinal) ? 3 : Innermost,
    };

    /// <summary>A lock held that no thread may sleep with, or 0.</summary>
    public readonly nuint FirstNotToSleepWith
    {
        get
        {
            for (int i = 0; i < Nr; i++)
            {
                if (Statics.NameOf((nuint)_locks[i]) != Transition)
                {
                    return (nuint)_locks[i];
                }
            }
            return 0;
        }
    }

    public void Add(nuint mutex)
    {
        int rank = Statics.RankOf(mutex);
        for (int i = 0; i < Nr; i++)
        {
            if (Statics.RankOf((nuint)_locks[i]) >= rank)
            {
                Machine.Fail("lock order: " + Names.OfWord(mutex) + " taken while holding " + Names.OfWord((nuint)_locks[i]));
            }
        }
        if (Nr == Capacity)
        {
            Machine.Fail("more locks held than there are ranks");
        }
        _locks[Nr++] = mutex;
    }

    public readonly bool Has(nuint mutex)
    {
        for (int i = 0; i < Nr; i++)
        {
            if (_locks[i] == mutex)
            {
                return true;
            }
        }
        return false;
    }

    public void Remove(nuint mutex)
    {
        for (int i = 0; i < Nr; i++)
        {
            if (_locks[i] == mutex)
            {
                _locks[i] = _locks[--Nr];
                return;
            }
        }
        Machine.Fail("unlock of a lock not held: " + Names.OfWord(mutex));
    }
}
