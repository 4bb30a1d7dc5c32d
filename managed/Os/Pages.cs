// SPDX-License-Identifier: GPL-2.0-only
// Zeroed memory from the system for what the engine never gives back.
//
// Asked for as it is needed, never in advance: a program may have locked its memory
// (mlockall), and then a mapping costs what it is long, or limited its address space.

using Tmds.Linux;

namespace Wq.Os;

internal static unsafe class Pages
{
    /// <summary>At least <paramref name="bytes"/> of zeroed memory, page-aligned; null with errno if there is none.</summary>
    public static void* Map(nuint bytes)
    {
        void* memory = Libc.mmap(null, bytes, LibC.PROT_READ | LibC.PROT_WRITE,
            LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        return memory == (void*)-1 ? null : memory;
    }

    /// <summary>Gives memory from Map back: <paramref name="bytes"/> as there.</summary>
    public static void Unmap(void* memory, nuint bytes) => Libc.munmap(memory, bytes);
}
