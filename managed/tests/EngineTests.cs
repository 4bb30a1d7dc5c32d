// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Wq.Core;
using Workqueues.Tests;
using Xunit;

namespace Wq.Tests;

/// <summary>The engine's parts together, below the C interface: worker threads run what is queued.</summary>
[Watched]
public unsafe class EngineTests
{
    private static readonly ManualResetEventSlim s_entered = new();
    private static readonly ManualResetEventSlim s_release = new();
    private static readonly List<nint> s_order = [];

    private static Workqueue* s_queue;
    private static int s_runs;
    private static int s_limit;

    public EngineTests()
    {
        Within.EngineIsReady();
        s_entered.Reset();
        s_release.Reset();
        s_order.Clear();
        s_runs = 0;
    }

    [Fact]
    public void ItemsOfASingleThreadQueueRunInOrder()
    {
        const int Count = 200; // several batches
        using var items = Pinned<Work>.Zeroed(Count);
        Workqueue* wq = Create("order", single: true);
        for (int i = 0; i < Count; i++)
        {
            Work.Init(items.At + i, &Record);
            Assert.True(Workqueue.QueueWork(wq, items.At + i));
        }
        Flush.FlushWorkqueue(wq);
        Assert.Equal(Count, s_order.Count);
        for (int i = 0; i < Count; i++)
            Assert.Equal((nint)(items.At + i), s_order[i]);
        Assert.True(Workqueue.Destroy(wq));
    }

    [Fact]
    public void APerCpuQueueHasOnePoolForEachAllowedCpu()
    {
        Workqueue* wq = Create("percpu", single: false);
        int pools = 0;
        for (PoolWorkqueue* pwq = Workqueue.FirstOf(wq); pwq != null; pwq = pwq->Next)
        {
            Assert.True(pwq->Wq == wq);
            Assert.Equal(pwq->Cpu, pwq->Pool->Cpu);
            pools++;
        }
        Assert.Equal(Environment.ProcessorCount, pools);
        Assert.True(Workqueue.Destroy(wq));
    }

    [Fact]
    public void CancelOfARunningItemWaitsForIt()
    {
        using var item = Pinned<Work>.Zeroed();
        Work* work = item.At;
        Work.Init(work, &Hold);
        Workqueue* wq = Create("cancelrun", single: true);
        Workqueue.QueueWork(wq, work);
        Assert.True(s_entered.Wait(Within.Limit));
        bool wasPending = true;
        int runsSeen = 0;
        Thread canceller = Within.Start(() =>
        {
            wasPending = Cancel.CancelWorkSync(work);
            runsSeen = s_runs;
        });
        Within.Until(() => Work.IsCanceling(Base.Atomic.Load(&work->Data)), "the canceller");
        Assert.False(Workqueue.QueueWork(wq, work)); // Cancelling holds the item.
        s_release.Set();
        Within.Join(canceller);
        Assert.False(wasPending);
        Assert.Equal(1, runsSeen);
        Assert.True(Workqueue.Destroy(wq));
    }

    [Fact]
    public void CancelTakesAnItemFromEveryPlaceItCanWaitIn()
    {
        const int Count = 100; // more than a batch: some are in hand, some are listed
        using var items = Pinned<Work>.Zeroed(Count + 2);
        Workqueue* wq = Create("places", single: true);
        Work* holder = items.At + Count;
        Work.Init(holder, &Hold);
        Workqueue.QueueWork(wq, holder);
        Assert.True(s_entered.Wait(Within.Limit));
        for (int i = 0; i < Count; i++)
        {
            Work.Init(items.At + i, &Record);
            Workqueue.QueueWork(wq, items.At + i);
        }
        for (int i = 0; i < Count; i += 2)
            Assert.True(Cancel.CancelWorkSync(items.At + i));
        s_release.Set();
        Flush.FlushWorkqueue(wq);
        Assert.Equal(Count / 2, s_order.Count);
        for (int i = 0; i < Count / 2; i++)
            Assert.Equal((nint)(items.At + (2 * i) + 1), s_order[i]);
        Assert.True(Workqueue.Destroy(wq));
    }

    [Fact]
    public void AnItemThatQueuesItselfRunsAsOftenAsItAsks()
    {
        using var item = Pinned<Work>.Zeroed();
        Work.Init(item.At, &Requeue);
        s_queue = Create("requeue", single: true);
        s_limit = 10_000;
        Workqueue.QueueWork(s_queue, item.At);
        Within.Until(() => Volatile.Read(ref s_runs) == s_limit, "the last run");
        Assert.False(Cancel.CancelWorkSync(item.At));
        Assert.True(Workqueue.Destroy(s_queue));
    }

    [Fact]
    public void DestroyRunsWhatIsPendingAndTheQueueIsDeadAfterwards()
    {
        const int Count = 100;
        using var items = Pinned<Work>.Zeroed(Count);
        Workqueue* wq = Create("destroy", single: true);
        for (int i = 0; i < Count; i++)
        {
            Work.Init(items.At + i, &Record);
            Workqueue.QueueWork(wq, items.At + i);
        }
        Assert.True(Workqueue.IsUsable(wq));
        Assert.True(Workqueue.Destroy(wq));
        Assert.Equal(Count, s_order.Count);
        Assert.False(Workqueue.IsUsable(wq));
        Assert.True(Workqueue.IsOne(wq));
        Assert.False(Workqueue.Destroy(wq));
    }

    [Fact]
    public void AQueueKeepsACopyOfItsName()
    {
        Workqueue* wq = Create("exact", single: true);
        Assert.Equal("exact", Marshal.PtrToStringUTF8((nint)wq->Name));
        Assert.True(Workqueue.Destroy(wq));
    }

    private static Workqueue* Create(string name, bool single)
    {
        int error = 0;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            Workqueue* wq = Workqueue.Create(text, single, freezeable: false, &error);
            Assert.Equal(0, error);
            Assert.True(wq != null);
            return wq;
        }
    }

    [UnmanagedCallersOnly]
    private static void Record(Work* work) => s_order.Add((nint)work);

    [UnmanagedCallersOnly]
    private static void Hold(Work* work)
    {
        s_entered.Set();
        s_release.Wait(Within.Limit);
        Interlocked.Increment(ref s_runs);
    }

    [UnmanagedCallersOnly]
    private static void Requeue(Work* work)
    {
        if (Interlocked.Increment(ref s_runs) < s_limit)
            Workqueue.QueueWork(s_queue, work);
    }
}
