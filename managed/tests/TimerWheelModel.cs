// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using Wq.Timers;

namespace Wq.Tests;

/// <summary>
/// What a timer wheel means, with no regard to cost: armed timers in one list sorted by deadline and
/// by order of arming, and a list of those found due.
/// </summary>
internal sealed class TimerWheelModel
{
    private readonly List<Entry> _armed = [];
    private readonly List<Entry> _due = [];
    private long _nrArms;

    public ulong NowNs { get; private set; }

    public int Count => _armed.Count + _due.Count;

    /// <summary>Which timers are deferrable.</summary>
    public HashSet<int> Deferrable { get; } = [];

    public bool IsPending(int id) => Find(_armed, id) >= 0 || Find(_due, id) >= 0;

    public void Add(int id, ulong deadlineNs)
    {
        ulong effectiveNs = deadlineNs > TimerWheel.MaxDeadlineNs ? TimerWheel.NeverNs : deadlineNs;
        Insert(_armed, new Entry(effectiveNs, _nrArms++, id));
    }

    public bool Del(int id) => Remove(_armed, id) || Remove(_due, id);

    public bool Mod(int id, ulong deadlineNs)
    {
        bool wasPending = Del(id);
        Add(id, deadlineNs);
        return wasPending;
    }

    public void Advance(ulong nowNs)
    {
        NowNs = Math.Max(NowNs, Math.Min(nowNs, TimerWheel.MaxDeadlineNs));
        while (_armed.Count > 0 && _armed[0].DeadlineNs <= NowNs)
        {
            Insert(_due, _armed[0]);
            _armed.RemoveAt(0);
        }
    }

    public int PopDue()
    {
        if (_due.Count == 0)
        {
            return -1;
        }
        int id = _due[0].Id;
        _due.RemoveAt(0);
        return id;
    }

    public ulong NextExpiry()
    {
        ulong nextNs = _due.Count > 0 ? _due[0].DeadlineNs : TimerWheel.NeverNs;
        foreach (Entry entry in _armed)
        {
            if (!Deferrable.Contains(entry.Id))
            {
                return Math.Min(nextNs, entry.DeadlineNs);
            }
        }
        return nextNs;
    }

    private static void Insert(List<Entry> list, Entry entry)
    {
        int index = list.BinarySearch(entry);
        list.Insert(~index, entry); // No two entries are equal: each arm has its own number.
    }

    private static bool Remove(List<Entry> list, int id)
    {
        int index = Find(list, id);
        if (index >= 0)
        {
            list.RemoveAt(index);
        }
        return index >= 0;
    }

    private static int Find(List<Entry> list, int id) => list.FindIndex(entry => entry.Id == id);

    private readonly record struct Entry(ulong DeadlineNs, long Arm, int Id) : IComparable<Entry>
    {
        public int CompareTo(Entry other) => (DeadlineNs, Arm).CompareTo((other.DeadlineNs, other.Arm));
    }
}
