// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using Wq.Timers;
using Xunit;

namespace Wq.Tests;

/// <summary>A wheel and numbered timers in native memory; every call is followed by Check.</summary>
internal sealed unsafe class TimerWheelRig : IDisposable
{
    private readonly TimerList* _timers;
    private readonly int _nrTimers;
    private int _nrUnchecked;

    public TimerWheelRig(int nrTimers, ulong nowNs = 0)
    {
        _nrTimers = nrTimers;
        _timers = (TimerList*)NativeMemory.AllocZeroed((nuint)nrTimers, (nuint)sizeof(TimerList));
        Wheel = (TimerWheel*)NativeMemory.AllocZeroed((nuint)sizeof(TimerWheel));
        TimerWheel.Init(Wheel, nowNs);
    }

    public TimerWheel* Wheel { get; }

    /// <summary>Check only after every so many calls.</summary>
    public int CheckEvery { get; set; } = 1;

    public ulong NowNs => Wheel->ClockNs;

    public int Count => (int)Wheel->Count;

    public TimerList* this[int id] => id < _nrTimers ? _timers + id : throw new ArgumentOutOfRangeException(nameof(id));

    public bool IsPending(int id) => TimerList.IsPending(this[id]);

    public int LevelOf(int id) => TimerList.PlaceOf(this[id]) / WheelGeometry.SlotsPerLevel;

    public void SetDeferrable(int id) => this[id]->Flags |= TimerList.TIMER_DEFERRABLE;

    public void Add(int id, ulong deadlineNs)
    {
        TimerWheel.Add(Wheel, this[id], deadlineNs);
        CheckSometimes();
    }

    public bool Del(int id) => Checked(TimerWheel.Del(Wheel, this[id]));

    /// <summary>As TimerCalls.ModTimer does it.</summary>
    public bool Mod(int id, ulong deadlineNs)
    {
        bool wasPending = Del(id);
        Add(id, deadlineNs);
        return wasPending;
    }

    public bool Advance(ulong nowNs, int maxMoves = int.MaxValue) =>
        Checked(TimerWheel.Advance(Wheel, nowNs, maxMoves));

    public ulong NextExpiry()
    {
        ulong nextNs = TimerWheel.NextExpiry(Wheel);
        CheckSometimes();
        return nextNs;
    }

    /// <summary>The number of the first due timer, now idle, or -1.</summary>
    public int PopDue()
    {
        TimerList* timer = TimerWheel.PopDue(Wheel);
        CheckSometimes();
        return timer == null ? -1 : (int)(timer - _timers);
    }

    /// <summary>Advances and pops all that is due, in order.</summary>
    public List<int> Fire(ulong nowNs)
    {
        Assert.True(Advance(nowNs));
        return PopAllDue();
    }

    public List<int> PopAllDue()
    {
        var fired = new List<int>();
        for (int id; (id = PopDue()) >= 0;)
        {
            Assert.False(IsPending(id));
            Assert.True(this[id]->DeadlineNs <= NowNs, $"timer {id} fired early");
            fired.Add(id);
        }
        return fired;
    }

    public List<int> AllPending()
    {
        var pending = new List<int>();
        for (TimerList* timer = null; (timer = TimerWheel.NextPending(Wheel, timer)) != null;)
        {
            pending.Add((int)(timer - _timers));
        }
        return pending;
    }

    public string Fault() => Encoding.UTF8.GetString(TimerWheel.Check(Wheel));

    public void Check() => Assert.Equal("", Fault());

    public void Dispose()
    {
        NativeMemory.Free(Wheel);
        NativeMemory.Free(_timers);
    }

    private bool Checked(bool result)
    {
        CheckSometimes();
        return result;
    }

    private void CheckSometimes()
    {
        if (++_nrUnchecked >= CheckEvery)
        {
            _nrUnchecked = 0;
            Check();
        }
    }
}
