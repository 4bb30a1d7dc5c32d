// SPDX-License-Identifier: GPL-2.0-only
// How often each item's function has begun, and threads that sleep until it has.

using System;
using System.Runtime.InteropServices;

namespace Wq.Sim;

internal static unsafe class Begun
{
    private static readonly int[] s_nr = new int[Program.MaxItems];
    private static readonly int[] s_nrSleepers = new int[Program.MaxItems];
    private static readonly int* s_words = (int*)NativeMemory.AllocZeroed(Program.MaxItems, sizeof(int)); // Futexes.

    public static void Reset()
    {
        Array.Clear(s_nr);
        Array.Clear(s_nrSleepers);
        new Span<int>(s_words, Program.MaxItems).Clear();
    }

    public static bool Has(int item) => s_nr[item] != 0;

    /// <summary>The function begins once more; returns which time it is.</summary>
    public static int Note(int item)
    {
        s_nr[item]++;
        s_words[item] = 1;
        if (s_nrSleepers[item] != 0)
        {
            Kernel.FutexWake(s_words + item, s_nrSleepers[item]);
        }
        return s_nr[item];
    }

    /// <summary>Sleeps until the function has begun.</summary>
    public static void Await(int item)
    {
        while (s_nr[item] == 0)
        {
            s_nrSleepers[item]++;
            Kernel.FutexWait(s_words + item, expected: 0, at: null);
        }
    }
}
