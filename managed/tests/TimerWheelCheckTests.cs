// SPDX-License-Identifier: GPL-2.0-only
using Wq.Timers;
using Xunit;

namespace Wq.Tests;

/// <summary>Check is believed because it finds what is broken here on purpose.</summary>
public unsafe class TimerWheelCheckTests
{
    private const ulong Hour = 3_600_000_000_000;

    private static TimerWheelRig NewRig()
    {
        var rig = new TimerWheelRig(6);
        rig.Add(0, 10);
        rig.Add(1, 20);
        rig.Advance(30); // Both due.
        rig.Add(2, Hour);
        rig.Add(3, Hour + 1);
        rig.Add(4, ulong.MaxValue);
        return rig;
    }

    [Fact]
    public void ASoundWheelHasNoFault()
    {
        using TimerWheelRig rig = NewRig();
        Assert.Equal("", rig.Fault());
    }

    [Fact]
    public void ChangedDeadlinesAreFound()
    {
        using TimerWheelRig rig = NewRig();
        rig[2]->DeadlineNs = Hour / 2;
        Assert.Equal("timer is in the wrong slot for its deadline", rig.Fault());
        rig[2]->DeadlineNs = Hour + 5;
        Assert.Equal("earliest deadline of a slot is wrong", rig.Fault());
        rig[2]->DeadlineNs = ulong.MaxValue;
        Assert.Equal("timer that never fires is in a slot", rig.Fault());
        rig[2]->DeadlineNs = Hour;
        rig[4]->DeadlineNs = Hour;
        Assert.Equal("timer with a deadline is among those without", rig.Fault());
        rig[4]->DeadlineNs = ulong.MaxValue;
        rig[0]->DeadlineNs = 25;
        Assert.Equal("due timers are out of order", rig.Fault());
        rig[1]->DeadlineNs = 31;
        Assert.Equal("timer is due before its deadline", rig.Fault());
    }

    [Fact]
    public void AnArmedTimerInitialisedAgainIsFound()
    {
        using TimerWheelRig rig = NewRig();
        *rig[3] = default;
        Assert.Equal("timer links do not match", rig.Fault());
    }

    [Fact]
    public void BrokenListsAreFound()
    {
        using TimerWheelRig rig = NewRig();
        rig[1]->Next = rig[0];
        Assert.Equal("timer links do not match", rig.Fault());
        rig[1]->Next = null;
        TimerList.SetPlace(rig[4], 0);
        Assert.Equal("timer is on another list than its flags say", rig.Fault());
        TimerList.SetPlace(rig[4], WheelGeometry.NeverPlace);
        rig.Wheel->DueLast = rig[0];
        Assert.Equal("last due timer is wrong", rig.Fault());
    }

    [Fact]
    public void BrokenCountsAreFound()
    {
        using TimerWheelRig rig = NewRig();
        rig.Wheel->Count++;
        Assert.Equal("timer count differs from the timers on the lists", rig.Fault());
        rig.Wheel->Count -= 2;
        Assert.Equal("more timers on the lists than armed", rig.Fault());
    }

    [Fact]
    public void BrokenBitmapsAreFound()
    {
        using TimerWheelRig rig = NewRig();
        int level = rig.LevelOf(2);
        ulong bit = rig.Wheel->Occupied[level];
        rig.Wheel->Occupied[level] = 0;
        Assert.Equal("occupied bit differs from the slot", rig.Fault());
        rig.Wheel->Occupied[level] = bit;
        rig.Wheel->Waking[level] = 0;
        Assert.Equal("waking bit differs from the slot", rig.Fault());
        rig.Wheel->Waking[level] = bit;
        rig.Wheel->Stale[level] = ~bit;
        Assert.Equal("empty slot was not cleared", rig.Fault());
        rig.Wheel->Stale[level] = 0;
        rig.Wheel->LevelsOccupied = 0;
        Assert.Equal("summary bit of a level differs from its slots", rig.Fault());
        rig.Wheel->LevelsOccupied = 1u << level;
        rig.Wheel->DrainingPlace = WheelGeometry.NrSlots - 1;
        Assert.Equal("slot being drained is not the clock's", rig.Fault());
    }
}
