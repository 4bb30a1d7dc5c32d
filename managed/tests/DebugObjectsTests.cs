// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using Wq.Base;
using Wq.Core;
using Workqueues.Tests;
using Xunit;

namespace Wq.Tests;

/// <summary>The table of pending items: what was added is found until it is removed, whatever its neighbours.</summary>
[Watched]
public unsafe class DebugObjectsTests
{
    [Fact]
    public void AddingAndRemovingAtRandomLosesAndInventsNothing()
    {
        const int Count = 2000;
        Within.EngineIsReady();
        DebugObjects.Init();
        using var items = Pinned<Work>.Zeroed(Count);
        Workqueue* wq;
        fixed (byte* name = "objects\0"u8)
            wq = Create.CreateWorkqueue(name, WqFlags.SingleThread, out _);
        var inside = new HashSet<int>();
        var random = new Random(1);
        for (int step = 0; step < 50_000; step++)
        {
            int i = random.Next(Count);
            if (inside.Add(i))
                DebugObjects.AddSlow(wq, items.At + i);
            else
            {
                inside.Remove(i);
                DebugObjects.RemoveSlow(items.At + i);
            }
        }
        for (int i = 0; i < Count; i++)
            Assert.Equal(inside.Contains(i), IsKnown(items.At + i));
        for (int i = 0; i < Count; i++)
            DebugObjects.RemoveSlow(items.At + i);
        for (int i = 0; i < Count; i++)
            Assert.False(IsKnown(items.At + i));
        Assert.True(Destroy.DestroyWorkqueue(wq));
    }

    // An item that is known is named with the queue it was queued on; any other by its function alone.
    private static bool IsKnown(Work* work)
    {
        Report report = default;
        DebugObjects.AppendItem(ref report, work, name: null);
        byte* text = stackalloc byte[Report.SizeBytes + 1];
        report.CopyTo(text);
        return new ReadOnlySpan<byte>(text, report.Length).EndsWith("on wq objects"u8);
    }
}
