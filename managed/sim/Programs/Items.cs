// SPDX-License-Identifier: GPL-2.0-only
// The items of a program: work and timer, and the poison where one was given back.
//
// An item's address tells its number, which is how a function knows what it is. A
// freed item is filled with a pattern and never used again in the run: an atomic
// access finds it freed, a plain store is found at the end of the run.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Core;
using Wq.Timers;

namespace Wq.Sim;

internal static unsafe class Items
{
    private const int SlotBytes = 128;
    private const byte Poison = 0xdb;

    private static readonly byte* s_memory = (byte*)NativeMemory.AlignedAlloc(Program.MaxItems * SlotBytes, 4096);
    private static readonly bool[] s_freed = new bool[Program.MaxItems];

    public static void Reset(WorkFunc function)
    {
        for (int item = 0; item < Program.MaxItems; item++)
        {
            s_freed[item] = false;
            Work.Init(WorkOf(item), function);
            TimerList.Init(&At(item)->Timer, 0);
        }
    }

    public static DelayedWork* At(int item) => (DelayedWork*)(s_memory + (item * SlotBytes));

    public static Work* WorkOf(int item) => &At(item)->Work;

    /// <summary>The number of the item at or around <paramref name="address"/>, or -1.</summary>
    public static int Of(nuint address)
    {
        nuint offset = address - (nuint)s_memory;
        return offset < Program.MaxItems * SlotBytes ? (int)(offset / SlotBytes) : -1;
    }

    public static bool IsFreed(int item) => s_freed[item];

    public static void Free(int item)
    {
        s_freed[item] = true;
        Unsafe.InitBlock(At(item), Poison, SlotBytes);
    }

    /// <summary>Has somebody stored into an item after it was freed?</summary>
    public static int FindSpoiled()
    {
        for (int item = 0; item < Program.MaxItems; item++)
        {
            for (int i = 0; s_freed[item] && i < SlotBytes; i++)
            {
                if (((byte*)At(item))[i] != Poison)
                {
                    return item;
                }
            }
        }
        return -1;
    }
}
