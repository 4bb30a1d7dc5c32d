// SPDX-License-Identifier: GPL-2.0-only
// The memory the engine gets from the simulated kernel: taken once, zeroed between
// runs, handed out in order, so that addresses repeat. Nothing is given back.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Wq.Sim;

internal static unsafe class Heap
{
    private const int Bytes = 1 << 20;
    private const int Alignment = 256;

    private static readonly byte* s_memory = (byte*)NativeMemory.AlignedAlloc(Bytes, 4096);
    private static nuint s_used = Bytes;

    public static nuint Start => (nuint)s_memory;

    /// <summary>As if just switched on.</summary>
    public static void Reset()
    {
        Unsafe.InitBlock(s_memory, 0, (uint)s_used);
        s_used = 0;
    }

    /// <summary>Zeroed memory, or null when all is taken.</summary>
    public static void* Take(nuint bytes)
    {
        bytes = (bytes + Alignment - 1) / Alignment * Alignment;
        if (bytes > Bytes - s_used)
        {
            return null;
        }
        byte* memory = s_memory + s_used;
        s_used += bytes;
        return memory;
    }
}
