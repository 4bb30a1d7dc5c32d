// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Linq;
using System.Threading;
using Xunit;

namespace Workqueues.Tests;

/// <summary>The forms of callback, what a queueing allocates, and failures that nobody looks at.</summary>
[Watched]
public class CallbackTests
{
    private static int s_sum;

    [Fact]
    public void AStateIsPassedWithoutBoxing()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("typed");
        int[] seen = [0];
        using var item = WorkItem.Create(static s => s.Seen[0] += s.Value, (Seen: seen, Value: 7));
        item.TryQueue(queue);
        queue.Flush();
        Assert.Equal(7, seen[0]);
        Assert.Throws<ArgumentNullException>("callback", () => WorkItem.Create(null!, 1));
    }

    [Fact]
    public unsafe void AStaticMethodNeedsNoDelegate()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("pointer");
        s_sum = 0;
        using var item = WorkItem.Create(&Add, 5);
        item.TryQueue(queue);
        queue.Flush();
        Assert.Equal(5, s_sum);
        Assert.Throws<ArgumentNullException>("function", () => WorkItem.Create((delegate*<nint, void>)null, 1));
    }

    [Fact]
    public void QueueingAnItemAllocatesNothing()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("nothing");
        using var item = new WorkItem(() => { });
        const int Rounds = 10_000;
        int accepted = Queue(item, queue, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        accepted += Queue(item, queue, Rounds);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(accepted > 0);
    }

    [Fact]
    public void RunningAnItemAllocatesNothing()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("norun");
        long first = 0, last = 0;
        int runs = 0;
        Gate done = new();
        WorkItem item = null!;
        item = new WorkItem(() =>
        {
            if (++runs == 10)
                first = GC.GetAllocatedBytesForCurrentThread();
            if (runs < 1_000)
            {
                item.TryQueue(queue);
                return;
            }
            last = GC.GetAllocatedBytesForCurrentThread();
            done.Open();
        });
        item.TryQueue(queue);
        done.Pass("last run");
        Assert.Equal(first, last);
        item.Dispose();
    }

    [Fact]
    public void ASchedulingAllocatesNothing()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("nodelayed");
        using var item = new DelayedWorkItem(() => { });
        for (int i = 0; i < 100; i++)
            item.Reschedule(queue, TimeSpan.FromHours(1));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            item.Reschedule(queue, TimeSpan.FromHours(1));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void AFailureThatNobodyLooksAtIsSeenByTheProcess()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("anyfailed");
        using var item = new WorkItem(() => throw new FormatException());
        object? sender = null;
        Exception? seen = null;
        EventHandler<WorkItemFailedEventArgs> handler = (s, e) => (sender, seen) = (s, e.Exception);
        WorkItem.AnyFailed += handler;
        item.TryQueue(queue);
        queue.Flush();
        WorkItem.AnyFailed -= handler;
        Assert.Same(item, sender);
        Assert.IsType<FormatException>(seen);
    }

    [Fact]
    public void OptionsMakeEveryKindOfQueue()
    {
        foreach (bool single in new[] { false, true })
        {
            foreach (bool freezable in new[] { false, true })
            {
                var options = new WorkqueueOptions("kinds") { IsSingleThreaded = single, IsFreezable = freezable };
                using Workqueue queue = Workqueue.Create(options);
                Assert.Equal((single || freezable, freezable), (queue.IsSingleThreaded, queue.IsFreezable));
                int workers = single || freezable ? 1 : Environment.ProcessorCount;
                WorkerThreads.AwaitCount("kinds", workers);
            }
        }
        Assert.Throws<ArgumentNullException>("options", () => Workqueue.Create((WorkqueueOptions)null!));
        Assert.Throws<ArgumentNullException>("name", () => new WorkqueueOptions(null!));
    }

    [Fact]
    public void WhatACallbackSetsForItsThreadIsNotForTheNextItem()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("contexts");
        AsyncLocal<int> local = new();
        var context = new SynchronizationContext();
        (int, SynchronizationContext?) next = (-1, context), within = (-1, context), after = (-1, null);
        using var inner = new WorkItem(() =>
        {
            within = (0, SynchronizationContext.Current);
            local.Value = 2;
        });
        using var setter = new WorkItem(() =>
        {
            local.Value = 1;
            SynchronizationContext.SetSynchronizationContext(context);
            inner.TryQueue(queue);
            queue.Flush();
            after = (local.Value, SynchronizationContext.Current);
        });
        using var reader = new WorkItem(() => next = (local.Value, SynchronizationContext.Current));
        setter.TryQueue(queue);
        queue.Flush();
        reader.TryQueue(queue);
        queue.Flush();
        Assert.Equal((0, null), within);
        Assert.Equal((1, context), after);
        Assert.Equal((0, null), next);
    }

    private static int Queue(WorkItem item, Workqueue queue, int times)
    {
        int accepted = 0;
        for (int i = 0; i < times; i++)
            accepted += item.TryQueue(queue) ? 1 : 0;
        return accepted;
    }

    private static void Add(nint argument) => s_sum += (int)argument;
}
