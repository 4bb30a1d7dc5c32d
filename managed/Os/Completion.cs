// SPDX-License-Identifier: GPL-2.0-only
// One event for one waiter: the kernel's completion without the count.
//
// Lives on the waiter's stack. The completer's exchange is its last access to the
// memory; the wake after that uses only the address. So the waiter may return as
// soon as it sees Done, and its stack may be overwritten.

using Wq.Base;

namespace Wq.Os;

internal unsafe struct Completion
{
    private const int NotDone = 0;
    private const int Done = 1;
    private const int Asleep = 2;
#if WQ_SIM
    private const int PausesBeforeSleep = 1;
#else
    private const int PausesBeforeSleep = 64; // A microsecond or two: less than a sleep and a wake cost.
#endif

    private int _state;

    public static void Init(Completion* completion) => completion->_state = NotDone;

    public static void Complete(Completion* completion)
    {
        if (Atomic.Exchange(&completion->_state, Done) == Asleep)
        {
            Futex.Wake(&completion->_state, 1);
        }
    }

    /// <summary>Has Complete been called? Then Wait does not sleep.</summary>
    public static bool IsDone(Completion* completion) => Atomic.Load(&completion->_state) == Done;

    /// <summary>Waits a moment for Complete, without sleeping. True if it came; then Wait is not needed.</summary>
    public static bool IsDoneSoon(Completion* completion)
    {
        for (int pauses = 0; pauses < PausesBeforeSleep; pauses++)
        {
            if (IsDone(completion))
            {
                return true;
            }
            Cpus.Relax();
        }
        return false;
    }

    /// <summary>Blocks until Complete; stores made before Complete are visible after.</summary>
    public static void Wait(Completion* completion) => WaitUntil(completion, Clock.Never);

    /// <summary>Wait, but at most until <paramref name="atNs"/> of Clock. May be called again.</summary>
    /// <returns>False if that time was reached first.</returns>
    public static bool WaitUntil(Completion* completion, long atNs)
    {
        int* state = &completion->_state;
        if (Atomic.CompareExchange(state, Asleep, NotDone) == Done)
        {
            return true;
        }
        while (Atomic.Load(state) != Done)
        {
            if (atNs != Clock.Never && Clock.NowNs() >= atNs)
            {
                return false;
            }
            Futex.WaitUntil(state, Asleep, atNs);
        }
        return true;
    }
}
