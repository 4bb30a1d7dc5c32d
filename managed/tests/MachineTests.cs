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
        TypeStable.Init(slots.At, slotBytes: 300, nrSlots: 8);
        byte* first = (byte*)TypeStable.Alloc(slots.At);
        byte* second = (byte*)TypeStable.Alloc(slots.At);
        Assert.Equal(0u, (nuint)first % TypeStable.Alignment);
        Assert.Equal(5 * TypeStable.Alignment, second - first);
        Assert.True(new ReadOnlySpan<byte>(first, 300).IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public void FreedSlotsAreReusedOldestFirstAndKeepTheirStateWords()
    {
        using var slots = Pinned<TypeStable>.Zeroed();
        TypeStable.Init(slots.At, slotBytes: 64, nrSlots: 8);
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
        TypeStable.Init(slots.At, slotBytes: 256, nrSlots: 3);
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
    public void EverySlotHasANumberAndKeepsItsAddressHoweverManyThereAre()
    {
        const int Count = 1000;
        using var slots = Pinned<TypeStable>.Zeroed();
        TypeStable.Init(slots.At, slotBytes: 1500, nrSlots: Count);
        var addresses = new nuint[Count + 1];
        for (nuint number = 1; number <= Count; number++)
        {
            Assert.True(TypeStable.At(slots.At, number) == null);
            addresses[number] = (nuint)TypeStable.Alloc(slots.At);
        }
        Assert.True(TypeStable.Alloc(slots.At) == null);
        for (nuint number = 1; number <= Count; number++)
        {
            Assert.Equal(addresses[number], (nuint)TypeStable.At(slots.At, number));
            Assert.Equal(number, TypeStable.NumberOf(slots.At, addresses[number]));
            Assert.Equal(0u, TypeStable.NumberOf(slots.At, addresses[number] + TypeStable.Alignment));
            *(nuint*)addresses[number] = number; // Two that overlap would not both keep it.
        }
        Assert.All(Enumerable.Range(1, Count), number => Assert.Equal((nuint)number, *(nuint*)addresses[number]));
    }

    [Fact]
    public void OnlySlotsThatWereHandedOutHaveANumber()
    {
        using var slots = Pinned<TypeStable>.Zeroed();
        TypeStable.Init(slots.At, slotBytes: 512, nrSlots: 4);
        Assert.True(TypeStable.At(slots.At, 0) == null);
        Assert.False(TypeStable.IsNumber(slots.At, 0));
        Assert.False(TypeStable.IsNumber(slots.At, 1));
        nuint slot = (nuint)TypeStable.Alloc(slots.At);
        Assert.True(TypeStable.IsNumber(slots.At, 1));
        Assert.False(TypeStable.IsNumber(slots.At, 2));
        Assert.False(TypeStable.IsNumber(slots.At, nuint.MaxValue));
        Assert.Equal(1u, TypeStable.NumberOf(slots.At, slot));
        foreach (nuint other in new[] { slot + 1, slot + 512, slot - 1, nuint.MinValue, nuint.MaxValue })
            Assert.Equal(0u, TypeStable.NumberOf(slots.At, other));
        TypeStable.Free(slots.At, (void*)slot);
        Assert.Equal(1u, TypeStable.NumberOf(slots.At, slot));
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
