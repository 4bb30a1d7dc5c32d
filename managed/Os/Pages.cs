// SPDX-License-Identifier: GPL-2.0-only
// Zeroed memory from the system. Most of it is never given back.
//
// It is mapped when it is needed, never in advance. If a program has locked its memory
// (mlockall), a mapping uses its whole length of real memory. If it has limited its
// address space, a mapping uses up the limit.

using Tmds.Linux;

namespace Wq.Os;

internal static unsafe class Pages
{
    /// <summary>At least <paramref name="bytes"/> of zeroed memory, page-aligned; null with errno if that cannot be had.</summary>
    public static void* Map(nuint bytes)
    {
        void* memory = Libc.mmap(null, bytes, LibC.PROT_READ | LibC.PROT_WRITE,
            LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        return memory == (void*)-1 ? null : memory;
    }

    /// <summary>Gives memory from Map back, with the same <paramref name="bytes"/>.</summary>
    public static void Unmap(void* memory, nuint bytes) => Libc.munmap(memory, bytes);
}
