// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Wq.Os;
using Workqueues.Tests;
using Xunit;

namespace Wq.Tests;

/// <summary>CPUs, type-stable memory and per-thread variables.</summary>
[Watched]
public unsafe class MachineTests
{
    [Theory]
    [InlineData("0\n", 0)]
    [InlineData("0-3\n", 3)]
    [InlineData("0-3,8-11\n", 11)]
    [InlineData("0,2,4", 4)]
    [InlineData("8-11,0-3", 11)]
    [InlineData("", 0)]
    [InlineData("\n", 0)]
    [InlineData("0-99999999999999", 4095)]
    public void TheHighestCpuOfAListIsFound(string list, int highest)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(list);
        fixed (byte* text = bytes)
            Assert.Equal(highest, Cpus.HighestOf(text, bytes.Length));
    }

    [Fact]
    public void AMaskHasTheCpusThatWereAdded()
    {
        CpuMask mask = default;
        int last = (CpuMask.SizeBytes * 8) - 1;
        foreach (int cpu in new[] { 0, 7, 8, 63, 64, last })
        {
            Assert.False(mask.Has(cpu));
            mask.Add(cpu);
            Assert.True(mask.Has(cpu));
        }
        Assert.False(mask.Has(1));
        Assert.False(mask.Has(-1));
        Assert.False(mask.Has(last + 1));
    }

    [Fact]
    public void AllowedCpusAreThoseOfTheProcessAndTheCurrentOneIsAmongThem()
    {
        Within.EngineIsReady();
        CpuMask allowed;
        CpuWatch.Allowed(&allowed);
        CpuMask copy = allowed;
        List<int> cpus = Enumerable.Range(0, CpuMask.SizeBytes * 8).Where(cpu => copy.Has(cpu)).ToList();
        Assert.Equal(Environment.ProcessorCount, cpus.Count);
        Assert.Contains(Cpus.Current(), cpus);
        Assert.InRange(cpus[^1], 0, Cpus.NrPossible - 1);
    }

    [Fact]
    public void SlotsAreAlignedZeroedAndApart()
    {
        using var slots = Pinned<TypeStable>.Zeroed();
        Assert.True(TypeStable.Init(slots.At, slotBytes: 300, nrSlots: 8));
        byte* first = (byte*)TypeStable.Alloc(slots.At);
        byte* second = (byte*)TypeStable.Alloc(slots.At);
        Assert.Equal(0u, (nuint)first % TypeStable.Alignment);
        Assert.Equal(2 * TypeStable.Alignment, second - first);
        Assert.True(new ReadOnlySpan<byte>(first, 300).IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public void FreedSlotsAreReusedOldestFirstAndKeepTheirStateWords()
    {
        using var slots = Pinned<TypeStable>.Zeroed();
        Assert.True(TypeStable.Init(slots.At, slotBytes: 64, nrSlots: 8));
        ulong*[] taken = new ulong*[3];
        for (int i = 0; i < 3; i++)
        {
            taken[i] = (ulong*)TypeStable.Alloc(slots.At);
            taken[i][0] = 0x1111;
            taken[i][1] = 0x2222;
        }
        foreach (int i in new[] { 1, 0, 2 })
            TypeStable.Free(slots.At, taken[i]);
        foreach (int i in new[] { 1, 0, 2 })
        {
            ulong* again = (ulong*)TypeStable.Alloc(slots.At);
            Assert.True(again == taken[i]);
            Assert.Equal((0x1111ul, 0x2222ul), (again[0], again[1]));
        }
    }

    [Fact]
    public void AllocReturnsNullWhenNoSlotIsLeft()
    {
        using var slots = Pinned<TypeStable>.Zeroed();
        Assert.True(TypeStable.Init(slots.At, slotBytes: 256, nrSlots: 3));
        void* last = null;
        for (int i = 0; i < 3; i++)
        {
            last = TypeStable.Alloc(slots.At);
            Assert.True(last != null);
        }
        Assert.True(TypeStable.Alloc(slots.At) == null);
        TypeStable.Free(slots.At, last);
        Assert.True(TypeStable.Alloc(slots.At) == last);
    }

    [Fact]
    public void OnlyAddressesThatWereHandedOutAreContained()
    {
        using var slots = Pinned<TypeStable>.Zeroed();
        Assert.True(TypeStable.Init(slots.At, slotBytes: 512, nrSlots: 4));
        nuint slot = (nuint)TypeStable.Alloc(slots.At);
        Assert.True(TypeStable.Contains(slots.At, slot));
        Assert.True(TypeStable.Contains(slots.At, slot + 511));
        Assert.False(TypeStable.Contains(slots.At, slot + 512));
        Assert.False(TypeStable.Contains(slots.At, slot - 1));
        Assert.False(TypeStable.Contains(slots.At, 0));
        Assert.False(TypeStable.Contains(slots.At, nuint.MaxValue));
        Assert.True(TypeStable.Owns(slots.At, slot));
        Assert.False(TypeStable.Owns(slots.At, slot + TypeStable.Alignment));
        TypeStable.Free(slots.At, (void*)slot);
        Assert.True(TypeStable.Owns(slots.At, slot));
    }

    [Fact]
    public void ThreadLocalsBelongToOneThread()
    {
        int* depth = ThreadLocals.InterruptDepth();
        *depth = 3;
        ThreadLocals.SetCurrentWorker((void*)0x100);
        nint worker = -1;
        int otherDepth = -1;
        Within.Join(Within.Start(() =>
        {
            worker = (nint)ThreadLocals.CurrentWorker();
            otherDepth = *ThreadLocals.InterruptDepth();
        }));
        nint own = (nint)ThreadLocals.CurrentWorker();
        ThreadLocals.SetCurrentWorker(null);
        *depth = 0;
        Assert.Equal((0, 0), (worker, otherDepth));
        Assert.Equal(0x100, own);
    }
}
