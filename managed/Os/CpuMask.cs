// SPDX-License-Identifier: GPL-2.0-only
// A set of CPUs as sched_getaffinity(2) writes it. A value; no locks.

using System;

namespace Wq.Os;

internal unsafe struct CpuMask
{
    public const int SizeBytes = 512; // 4,096 CPUs.

    public fixed byte Bits[SizeBytes];

    public readonly int Count
    {
        get
        {
            int nr = 0;
            for (int i = 0; i < SizeBytes; i++)
            {
                nr += int.PopCount(Bits[i]);
            }
            return nr;
        }
    }

    public readonly bool Has(int cpu) => cpu >= 0 && cpu < SizeBytes * 8 && (Bits[cpu / 8] & (1 << (cpu % 8))) != 0;

    public void Add(int cpu) => Bits[cpu / 8] |= (byte)(1 << (cpu % 8));

    public void Remove(int cpu) => Bits[cpu / 8] &= (byte)~(1 << (cpu % 8));

    public static bool AreEqual(CpuMask* a, CpuMask* b) =>
        new ReadOnlySpan<byte>(a, SizeBytes).SequenceEqual(new ReadOnlySpan<byte>(b, SizeBytes));

    /// <summary>Is every CPU of <paramref name="other"/> in the set?</summary>
    public readonly bool Includes(CpuMask* other)
    {
        bool all = true;
        for (int i = 0; i < SizeBytes; i++)
        {
            all &= (other->Bits[i] & ~Bits[i]) == 0;
        }
        return all;
    }

    /// <summary>The first CPU of the set at or after <paramref name="cpu"/>, going round; the set is not empty.</summary>
    public readonly int NextFrom(int cpu)
    {
        while (!Has(cpu))
        {
            cpu = cpu + 1 < SizeBytes * 8 ? cpu + 1 : 0;
        }
        return cpu;
    }
}
