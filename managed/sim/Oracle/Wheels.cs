// SPDX-License-Identifier: GPL-2.0-only
// The timer wheels of a run: all their invariants, each time a base's lock is let go.

using System.Text;
using Wq.Timers;

namespace Wq.Sim;

internal static unsafe class Wheels
{
    private const int Max = 8;

    private static readonly nuint[] s_bases = new nuint[Max];
    private static int s_nr;

    public static void Reset() => s_nr = 0;

    /// <summary>A timer base is known by the size of the memory asked for.</summary>
    public static void Allocated(void* memory, nuint bytes)
    {
        if (bytes == (nuint)sizeof(TimerBase) && memory != null && s_nr < Max)
        {
            s_bases[s_nr++] = (nuint)memory;
        }
    }

    /// <summary>Is <paramref name="word"/> what a base's thread sleeps on without a descriptor?</summary>
    public static bool HasAlarm(nuint word)
    {
        for (int i = 0; i < s_nr; i++)
        {
            if (word - (nuint)(&((TimerBase*)s_bases[i])->Alarm) < (nuint)sizeof(Alarm))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>If <paramref name="mutex"/> is a base's lock, is its wheel whole?</summary>
    public static void Unlocking(nuint mutex)
    {
        for (int i = 0; i < s_nr; i++)
        {
            if (mutex - s_bases[i] >= (nuint)sizeof(TimerBase))
            {
                continue;
            }
            var fault = TimerWheel.Check(&((TimerBase*)s_bases[i])->Wheel);
            if (!fault.IsEmpty)
            {
                Machine.Fail("a timer wheel is broken: " + Encoding.UTF8.GetString(fault));
            }
        }
    }
}
