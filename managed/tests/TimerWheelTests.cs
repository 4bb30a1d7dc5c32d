// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Wq.Timers;
using Xunit;

namespace Wq.Tests;

/// <summary>What the timer wheel promises, one property at a time, on virtual time.</summary>
public unsafe class TimerWheelTests
{
    private const ulong Ms = 1_000_000;
    private const ulong Hour = 3_600_000 * Ms;
    private const ulong Tick = 1UL << WheelGeometry.TickShift;

    /// <summary>Every power of two of nanoseconds, and one less and one more.</summary>
    public static TheoryData<ulong> Distances()
    {
        var data = new TheoryData<ulong>();
        data.AddRange([.. Enumerable.Range(2, 61).SelectMany(i => new[] { (1UL << i) - 1, 1UL << i, (1UL << i) + 1 })]);
        return data;
    }

    [Fact]
    public void TheLayoutIsWhatTheHeaderDeclares()
    {
        Assert.Equal(64, sizeof(TimerList));
        string[] fields = ["Next", "Pprev", "Expires", "Function", "Data", "DeadlineNs", "Base", "Flags", "Seq"];
        int[] offsets = [0, 8, 16, 24, 32, 40, 48, 56, 60];
        Assert.Equal(offsets, fields.Select(field => (int)Marshal.OffsetOf<TimerList>(field)));
    }

    [Fact]
    public void TheGeometryCoversEveryDeadlineAndFitsTheFlags()
    {
        int bits = WheelGeometry.TickShift + (WheelGeometry.Levels * WheelGeometry.SlotBits);
        Assert.Equal(WheelGeometry.DeadlineBits, bits);
        Assert.InRange(WheelGeometry.SlotsPerLevel, 1, 64); // Bits of a word of Occupied.
        Assert.InRange(WheelGeometry.Levels, 1, 32); // Bits of LevelsOccupied.
        Assert.InRange(WheelGeometry.NrPlaces, 1, 1 << (32 - TimerList.TIMER_ARRAYSHIFT));
        uint[] flags = [TimerList.TIMER_CPUMASK, TimerList.TIMER_SELF, TimerList.TIMER_DEFERRABLE,
            TimerList.TIMER_PINNED, TimerList.TIMER_IRQSAFE, TimerList.TIMER_ARRAYMASK];
        Assert.Equal(uint.MaxValue, flags.Aggregate((a, b) => a | b));
        Assert.Equal(uint.MaxValue, (uint)flags.Sum(flag => (long)flag)); // Disjoint.
    }

    [Fact]
    public void AnEmptyWheelHasNoExpiryAndNothingDue()
    {
        using var rig = new TimerWheelRig(1, nowNs: 12345);
        Assert.Equal(TimerWheel.NeverNs, rig.NextExpiry());
        Assert.Empty(rig.Fire(Hour));
        Assert.Equal(Hour, rig.NowNs);
        Assert.False(rig.IsPending(0));
    }

    [Theory]
    [MemberData(nameof(Distances))]
    public void ATimerFiresAtItsDeadlineAndNotANanosecondBefore(ulong distanceNs)
    {
        foreach (ulong startNs in (ulong[])[0UL, 1, Tick - 1, 7 * Hour, (1UL << 61) - 1])
        {
            using var rig = new TimerWheelRig(1, startNs);
            ulong deadlineNs = startNs + distanceNs;
            rig.Add(0, deadlineNs);
            Assert.Equal(deadlineNs, rig.NextExpiry());
            Assert.Empty(rig.Fire(startNs + (distanceNs / 2)));
            Assert.Equal(deadlineNs, rig.NextExpiry());
            Assert.Empty(rig.Fire(deadlineNs - 1));
            Assert.Equal(deadlineNs, rig.NextExpiry());
            Assert.Equal([0], rig.Fire(deadlineNs));
            Assert.Equal(TimerWheel.NeverNs, rig.NextExpiry());
        }
    }

    [Fact]
    public void APastDeadlineIsDueAtTheNextAdvance()
    {
        using var rig = new TimerWheelRig(2, Hour);
        rig.Add(0, Hour);
        rig.Add(1, 5);
        Assert.Equal(-1, rig.PopDue());
        Assert.Equal(5UL, rig.NextExpiry());
        Assert.Equal([1, 0], rig.Fire(Hour));
    }

    [Fact]
    public void TimersDueTogetherFireInOrderOfTheirDeadlines()
    {
        const int nr = 2000;
        using var rig = new TimerWheelRig(nr) { CheckEvery = 100 };
        var random = new Random(1);
        ulong[] deadlines = [.. Enumerable.Range(0, nr).Select(i => (ulong)random.NextInt64(1L << (1 + (i % 45))))];
        for (int id = 0; id < nr; id++)
        {
            rig.Add(id, deadlines[id]);
        }
        Assert.Equal(Enumerable.Range(0, nr).OrderBy(id => deadlines[id]), rig.Fire(1UL << 45));
    }

    [Fact]
    public void NanosecondsDecideTheOrderInsideATick()
    {
        using var rig = new TimerWheelRig(100);
        for (int id = 0; id < 100; id++)
        {
            rig.Add(id, Tick + 99 - (ulong)id);
        }
        Assert.Equal(Enumerable.Range(50, 50).Reverse(), rig.Fire(Tick + 49));
        Assert.Equal(Enumerable.Range(0, 50).Reverse(), rig.Fire(Tick + 99));
    }

    [Fact]
    public void EqualDeadlinesFireInTheOrderTheyWereArmed()
    {
        using var rig = new TimerWheelRig(60);
        rig.Wheel->NextSeq = uint.MaxValue - 30; // The order survives the counter's wrap.
        const ulong deadlineNs = Hour + 17;
        for (int id = 0; id < 60; id++)
        {
            rig.Add(id, deadlineNs);
            Assert.Empty(rig.Fire(rig.NowNs + ((deadlineNs - rig.NowNs) / 3))); // Later ones start lower.
        }
        Assert.Equal(Enumerable.Range(0, 60), rig.Fire(deadlineNs));
    }

    [Fact]
    public void DelReturnsWhetherTheTimerWasPending()
    {
        using var rig = new TimerWheelRig(2);
        Assert.False(rig.Del(0));
        rig.Add(0, Ms);
        rig.Add(1, Ms);
        Assert.True(rig.IsPending(0));
        Assert.True(rig.Del(0));
        Assert.False(rig.IsPending(0));
        Assert.False(rig.Del(0));
        Assert.Equal([1], rig.Fire(Ms));
        Assert.False(rig.Del(1));
    }

    [Fact]
    public void ModReturnsWhetherTheTimerWasPendingAndMovesIt()
    {
        using var rig = new TimerWheelRig(1);
        Assert.False(rig.Mod(0, Hour));
        Assert.True(rig.Mod(0, Ms));
        Assert.Equal(Ms, rig.NextExpiry());
        Assert.True(rig.Mod(0, 2 * Ms));
        Assert.Empty(rig.Fire(Ms));
        Assert.Equal([0], rig.Fire(2 * Ms));
    }

    [Fact]
    public void ModToTheSameDeadlineGoesBehindOthersOfIt()
    {
        using var rig = new TimerWheelRig(3);
        rig.Add(0, Ms);
        rig.Add(1, Ms);
        Assert.True(rig.Mod(0, Ms));
        Assert.Equal([1, 0], rig.Fire(Ms));
        rig.Add(2, ulong.MaxValue);
        Assert.True(rig.Mod(2, TimerWheel.MaxDeadlineNs + 1)); // Both never.
    }

    [Fact]
    public void DueTimersCanBeDeletedAndRearmedBeforeTheyArePopped()
    {
        using var rig = new TimerWheelRig(6);
        for (int id = 0; id < 6; id++)
        {
            rig.Add(id, Ms + (ulong)id);
        }
        Assert.True(rig.Advance(2 * Ms));
        Assert.Equal(0, rig.PopDue());
        Assert.True(rig.Del(1)); // The first,
        Assert.True(rig.Del(3)); // one in the middle,
        Assert.True(rig.Mod(5, Hour)); // and the last.
        Assert.Equal(Ms + 2, rig.NextExpiry());
        rig.Add(0, 2 * Ms); // Armed again from its own function, for now.
        Assert.Equal([2, 4], rig.PopAllDue());
        Assert.Equal([0], rig.Fire(2 * Ms));
        Assert.Equal([5], rig.Fire(Hour));
    }

    [Fact]
    public void TimersFoundDueLaterAreMergedIntoThoseStillWaiting()
    {
        using var rig = new TimerWheelRig(6);
        rig.Add(0, 2 * Ms);
        rig.Add(1, 4 * Ms);
        Assert.True(rig.Advance(5 * Ms));
        rig.Add(2, Ms);
        rig.Add(3, 3 * Ms);
        rig.Add(4, 4 * Ms);
        rig.Add(5, 6 * Ms);
        Assert.Equal([2, 0, 3, 1, 4, 5], rig.Fire(6 * Ms));
    }

    [Fact]
    public void TimersAnHourAwayCauseOneWakeUpEach()
    {
        using var rig = new TimerWheelRig(10);
        for (int id = 0; id < 10; id++)
        {
            rig.Add(id, Hour + ((ulong)id * 7 * Ms));
        }
        Assert.Equal(Enumerable.Repeat(1, 10), FireFromExpiryToExpiry(rig));
    }

    [Fact]
    public void NoWakeUpIsWastedWhateverTheDistances()
    {
        const int nr = 1000;
        using var rig = new TimerWheelRig(nr) { CheckEvery = 50 };
        var random = new Random(2);
        for (int id = 0; id < nr; id++)
        {
            rig.Add(id, (ulong)random.NextInt64(1L << random.Next(1, 62)));
        }
        Assert.DoesNotContain(0, FireFromExpiryToExpiry(rig));
    }

    [Fact]
    public void TheNextExpiryIsExactAfterTheEarliestIsCancelled()
    {
        using var rig = new TimerWheelRig(WheelGeometry.ScanLimit);
        for (int id = 0; id < WheelGeometry.ScanLimit; id++)
        {
            rig.Add(id, Hour + (ulong)id);
        }
        for (int id = 0; id < WheelGeometry.ScanLimit; id++)
        {
            Assert.Equal(Hour + (ulong)id, rig.NextExpiry());
            rig.Del(id);
        }
        Assert.Equal(TimerWheel.NeverNs, rig.NextExpiry());
    }

    [Fact]
    public void ACancelledEarliestAmongManyCostsAtMostOneWakeUp()
    {
        const int nr = 500;
        using var rig = new TimerWheelRig(nr);
        for (int id = 0; id < nr; id++)
        {
            rig.Add(id, Hour + ((ulong)id * 3 * Tick));
        }
        for (int id = 0; id < nr / 2; id++)
        {
            rig.Del(id);
        }
        Assert.Equal(Hour, rig.NextExpiry()); // Too many to look at.
        List<int> nrFired = FireFromExpiryToExpiry(rig);
        Assert.Equal(nr / 2, nrFired.Sum());
        Assert.InRange(nrFired.Count(fired => fired == 0), 1, nr / 2);
        Assert.Equal(0, nrFired[0]);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 1)]
    [InlineData((ulong)long.MaxValue + 1)]
    public void ATimerBeyondTheLastDeadlineIsPendingAndNeverFires(ulong deadlineNs)
    {
        using var rig = new TimerWheelRig(2);
        rig.Add(0, deadlineNs);
        rig.Add(1, TimerWheel.MaxDeadlineNs);
        Assert.Equal(TimerWheel.MaxDeadlineNs, rig.NextExpiry());
        Assert.Empty(rig.Fire(TimerWheel.MaxDeadlineNs - 1));
        Assert.Equal([1], rig.Fire(ulong.MaxValue));
        Assert.Equal(TimerWheel.NeverNs, rig.NextExpiry());
        Assert.True(rig.IsPending(0));
        Assert.True(rig.Mod(0, 0));
        Assert.Equal([0], rig.Fire(0));
    }

    [Fact]
    public void ADeferrableTimerCausesNoWakeUpButFiresWithTheNext()
    {
        using var rig = new TimerWheelRig(3);
        rig.SetDeferrable(0);
        rig.Add(0, Ms);
        Assert.Equal(TimerWheel.NeverNs, rig.NextExpiry());
        rig.Add(1, Ms + 5); // Same slot.
        rig.Add(2, Hour);
        Assert.Equal(Ms + 5, rig.NextExpiry());
        rig.Del(1);
        Assert.Equal(Hour, rig.NextExpiry());
        Assert.Equal([0, 2], rig.Fire(Hour));
    }

    [Fact]
    public void TheClockNeverTurnsBack()
    {
        using var rig = new TimerWheelRig(1, Hour);
        rig.Add(0, Hour + 1);
        Assert.Empty(rig.Fire(5));
        Assert.Equal(Hour, rig.NowNs);
        Assert.Equal([0], rig.Fire(Hour + 1));
    }

    [Fact]
    public void AnAdvanceMayBeInterruptedAndTimersArmedAndDeletedInBetween()
    {
        const int nr = 100;
        const ulong slotNs = 1UL << 40; // One slot of a high level, and now is inside it.
        const ulong nowNs = slotNs + (nr / 2);
        using var rig = new TimerWheelRig(nr + 2);
        for (int id = 0; id < nr; id++)
        {
            rig.Add(id, slotNs + (ulong)id);
        }
        Assert.False(rig.Advance(nowNs, maxMoves: 10));
        Assert.Equal(0UL, rig.NextExpiry());
        Assert.True(rig.Del(0));
        Assert.True(rig.Del(50));
        Assert.True(rig.Del(99));
        rig.Add(nr, nowNs);
        rig.Add(nr + 1, nowNs + 20);
        int nrCalls = 1;
        while (!rig.Advance(nowNs, maxMoves: 10))
        {
            nrCalls++;
        }
        Assert.InRange(nrCalls, 9, 12);
        Assert.Equal([.. Enumerable.Range(1, 49), nr], rig.PopAllDue());
        Assert.Equal(nowNs + 1, rig.NextExpiry());
        Assert.Equal([.. Enumerable.Range(51, 20), nr + 1, .. Enumerable.Range(71, 28)], rig.Fire(slotNs + nr));
    }

    [Fact]
    public void DeletingTheRestOfASlotBeingEmptiedEndsIt()
    {
        using var rig = new TimerWheelRig(4);
        for (int id = 0; id < 4; id++)
        {
            rig.Add(id, Hour + Ms);
        }
        Assert.False(rig.Advance(Hour + Ms, maxMoves: 2));
        Assert.Equal(0UL, rig.NextExpiry());
        rig.AllPending().ForEach(id => rig.Del(id));
        Assert.Equal(TimerWheel.NeverNs, rig.NextExpiry());
        Assert.Empty(rig.Fire(2 * Hour));
    }

    [Fact]
    public void NextPendingVisitsEveryTimerOnce()
    {
        using var rig = new TimerWheelRig(5);
        rig.Add(0, 1);
        rig.Advance(1);
        rig.Add(1, Ms);
        rig.Add(2, Ms);
        rig.Add(3, Hour);
        rig.Add(4, ulong.MaxValue);
        Assert.Equal(Enumerable.Range(0, 5), rig.AllPending().Order());
    }

    [Fact]
    public void ATimerArmedCancelledAndFiredManyTimesAllocatesNothing()
    {
        using var rig = new TimerWheelRig(2) { CheckEvery = int.MaxValue };
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong i = 1; i < 10_000; i++)
        {
            rig.Add(0, i * Ms);
            rig.Add(1, Hour);
            rig.Del(1);
            rig.NextExpiry();
            rig.Advance(i * Ms);
            rig.PopDue();
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    // Wakes up at each NextExpiry, as a timerfd would; how many timers each wake-up fired.
    private static List<int> FireFromExpiryToExpiry(TimerWheelRig rig)
    {
        var nrFired = new List<int>();
        for (ulong nextNs; (nextNs = rig.NextExpiry()) != TimerWheel.NeverNs;)
        {
            nrFired.Add(rig.Fire(nextNs).Count);
        }
        return nrFired;
    }
}
