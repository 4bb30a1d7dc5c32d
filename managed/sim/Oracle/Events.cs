// SPDX-License-Identifier: GPL-2.0-only
// Does a run see what was stored before it was asked for?
//
// Each caller counts its queueings of an item in a word of its own, and stores the
// count before it calls. A function reads the words. At the end the last run must
// have seen every caller's last count, whether that call was accepted or not: false
// means that the run still to come does it. The stores go through the store buffer.

using System.Runtime.InteropServices;
using Wq.Base;

namespace Wq.Sim;

internal static unsafe class Events
{
    private const int NrWords = Program.MaxItems * SimThread.Max;

    private static readonly nuint* s_asked = (nuint*)NativeMemory.AllocZeroed(NrWords * (nuint)sizeof(nuint));
    private static readonly nuint[] s_last = new nuint[NrWords];
    private static readonly nuint[] s_seen = new nuint[NrWords];

    public static void Reset()
    {
        for (int i = 0; i < NrWords; i++)
        {
            s_asked[i] = 0;
            s_last[i] = 0;
            s_seen[i] = 0;
        }
    }

    public static void Ask(SimThread self, int item)
    {
        int at = (item * SimThread.Max) + self.Id;
        Atomic.Store(&s_asked[at], ++s_last[at]);
    }

    public static void See(int item)
    {
        for (int at = item * SimThread.Max; at < (item + 1) * SimThread.Max; at++)
        {
            if (s_last[at] != 0)
            {
                s_seen[at] = Atomic.Load(&s_asked[at]);
            }
        }
    }

    public static void AtEnd()
    {
        for (int at = 0; at < NrWords; at++)
        {
            int item = at / SimThread.Max;
            if (s_seen[at] != s_last[at] && !Ledger.At(item).WasCancelled)
            {
                Machine.Fail("item " + Program.NameOfItem(item) + ": its last run did not see what was stored before it was asked for");
            }
        }
    }
}
