// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Queueing: what runs, how often, where and in which order.</summary>
[Watched]
public class WorkItemTests
{
    private static string ThreadName => File.ReadAllText("/proc/thread-self/comm").TrimEnd('\n');

    [Fact]
    public void EachAcceptedQueueingRunsTheCallbackOnce()
    {
        using Workqueue queue = Workqueue.Create("once");
        int runs = 0;
        using var item = new WorkItem(() => Interlocked.Increment(ref runs));
        for (int i = 1; i <= 100; i++)
        {
            Assert.True(item.TryQueue(queue));
            queue.Flush();
            Assert.Equal(i, runs);
        }
    }

    [Fact]
    public void TheCallbackReceivesItsState()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("state");
        var seen = new List<object?>();
        using var item = new WorkItem(static s => ((List<object?>)s!).Add(s), seen);
        Assert.True(item.TryQueue(queue));
        queue.Flush();
        Assert.Same(seen, Assert.Single(seen));
    }

    [Fact]
    public void WorkersOfAPerCpuQueueAreNamedAfterQueueAndCpu()
    {
        using Workqueue queue = Workqueue.Create("percpu");
        string name = "";
        using var item = new WorkItem(() => name = ThreadName);
        item.TryQueue(queue);
        queue.Flush();
        Assert.Matches("^percpu/[0-9]+$", name);
    }

    [Fact]
    public void AnItemCanBeQueuedForAGivenCpu()
    {
        using Workqueue queue = Workqueue.Create("oncpu");
        string name = "";
        using var item = new WorkItem(() => name = ThreadName);
        foreach (int cpu in Enumerable.Range(0, Cpus.NumberLimit).Where(Cpus.IsOnline))
        {
            Assert.True(item.TryQueueOn(queue, cpu));
            queue.Flush();
            Assert.Equal($"oncpu/{cpu}", name);
            Assert.True(item.TryQueueOn(Workqueue.System, cpu));
            Workqueue.System.Flush();
            Assert.StartsWith($"kworker/{cpu}:", name, StringComparison.Ordinal);
        }
        Assert.Throws<ArgumentOutOfRangeException>("cpu", () => item.TryQueueOn(queue, -1));
        Assert.Throws<ArgumentOutOfRangeException>("cpu", () => item.TryQueueOn(queue, Cpus.NumberLimit));
        Assert.Throws<ArgumentNullException>("queue", () => item.TryQueueOn(null!, 0));
        queue.Dispose();
        Assert.Throws<ObjectDisposedException>(() => item.TryQueueOn(queue, 0));
    }

    [Fact]
    public void TheWorkerOfASingleThreadQueueHasTheQueuesName()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("solo");
        string name = "";
        using var item = new WorkItem(() => name = ThreadName);
        item.TryQueue(queue);
        queue.Flush();
        Assert.Equal("solo", name);
    }

    [Fact]
    public void QueueingAPendingItemReturnsFalseAndAddsNoRun()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("pending");
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        using (new Blocker(queue))
        {
            Assert.True(item.TryQueue(queue));
            Assert.False(item.TryQueue(queue));
            Assert.False(item.TryQueue(Workqueue.System));
        }
        queue.Flush();
        Assert.Equal(1, runs);
    }

    [Fact]
    public void QueueingARunningItemGivesOneMoreRun()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("again");
        Gate running = new(), release = new();
        int runs = 0;
        using var item = new WorkItem(() =>
        {
            runs++;
            running.Open();
            release.Pass("end of the first run");
        });
        item.TryQueue(queue);
        running.Pass("first run");
        Assert.True(item.TryQueue(queue));
        release.Open();
        queue.Flush();
        Assert.Equal(2, runs);
    }

    [Fact]
    public void ACallbackMayQueueItsOwnItemAgain()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("requeue");
        const int Rounds = 10_000;
        Gate done = new();
        int runs = 0;
        WorkItem item = null!;
        item = new WorkItem(() =>
        {
            if (++runs == Rounds)
                done.Open();
            else if (!item.TryQueue(queue))
                throw new InvalidOperationException("pending during its own run");
        });
        item.TryQueue(queue);
        done.Pass("last of the runs");
        item.Dispose();
        Assert.Null(item.LastException);
        Assert.Equal(Rounds, runs);
    }

    [Fact]
    public void ACallbackMayQueueAnotherItem()
    {
        using Workqueue queue = Workqueue.Create("chain");
        Gate done = new();
        using var second = new WorkItem(done.Open);
        using var first = new WorkItem(() => second.TryQueue(queue));
        first.TryQueue(queue);
        done.Pass("the item queued by an item");
    }

    [Fact]
    public void AnItemIsPendingFromQueueingUntilItsRunBegins()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("ispending");
        bool pendingInRun = true;
        WorkItem item = null!;
        item = new WorkItem(() => pendingInRun = item.IsPending);
        Assert.False(item.IsPending);
        using (new Blocker(queue))
        {
            item.TryQueue(queue);
            Assert.True(item.IsPending);
        }
        queue.Flush();
        Assert.False(pendingInRun);
        Assert.False(item.IsPending);
        item.Dispose();
        Assert.False(item.IsPending);
    }

    [Fact]
    public void ItemsOfASingleThreadQueueRunInTheOrderOfQueueing()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("order");
        const int Count = 5_000;
        var order = new List<int>();
        WorkItem[] items = Enumerable.Range(0, Count)
            .Select(i => new WorkItem(() => order.Add(i))).ToArray();
        foreach (WorkItem item in items)
            Assert.True(item.TryQueue(queue));
        queue.Flush();
        Assert.Equal(Enumerable.Range(0, Count), order);
        Array.ForEach(items, i => i.Dispose());
    }

    [Fact]
    public void NoAcceptedQueueingOfManyThreadsIsLost()
    {
        using Workqueue queue = Workqueue.Create("many");
        const int Rounds = 20_000;
        int accepted = 0, runs = 0;
        using var item = new WorkItem(() => Interlocked.Increment(ref runs));
        Background.JoinAll(Enumerable.Range(0, 4).Select(_ => Background.Start(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                if (item.TryQueue(queue))
                    Interlocked.Increment(ref accepted);
            }
        })).ToArray());
        queue.Flush();
        Assert.Equal(accepted, runs);
        Assert.InRange(accepted, 1, 4 * Rounds);
    }

    [Fact]
    public void AnItemCanMoveFromQueueToQueue()
    {
        using Workqueue first = Workqueue.CreateSingleThread("move1"), second = Workqueue.CreateSingleThread("move2");
        var names = new List<string>();
        using var item = new WorkItem(() => names.Add(ThreadName));
        foreach (Workqueue queue in new[] { first, second, first })
        {
            Assert.True(item.TryQueue(queue));
            queue.Flush();
        }
        Assert.Equal(["move1", "move2", "move1"], names);
    }

    [Fact]
    public void WhatTheSubmitterWroteIsVisibleToTheRun()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("visible");
        int written = 0, seen = 0;
        using var item = new WorkItem(() => seen = written);
        for (int i = 1; i <= 10_000; i++)
        {
            written = i;
            item.TryQueue(queue);
            queue.Flush();
            Assert.Equal(i, seen);
        }
    }

    [Fact]
    public void TryQueueAllocatesNothing()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("bytes");
        using var item = new WorkItem(static () => { });
        QueueAndFlush(item, queue, 2_000); // lets the JIT finish
        long before = GC.GetAllocatedBytesForCurrentThread();
        QueueAndFlush(item, queue, 10_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void ARunAllocatesNothingOnTheWorker()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("workerbytes");
        long bytes = 0;
        using var item = new WorkItem(() => bytes = GC.GetAllocatedBytesForCurrentThread());
        QueueAndFlush(item, queue, 2_000);
        long before = bytes;
        QueueAndFlush(item, queue, 10_000);
        Assert.Equal(before, bytes);
    }

    [Fact]
    public void NullArgumentsThrow()
    {
        using var item = new WorkItem(() => { });
        Assert.Throws<ArgumentNullException>("callback", () => new WorkItem((Action)null!));
        Assert.Throws<ArgumentNullException>("callback", () => new WorkItem(null!, new object()));
        Assert.Throws<ArgumentNullException>("queue", () => item.TryQueue(null!));
        Assert.Throws<ArgumentNullException>("exception", () => new WorkItemFailedEventArgs(null!));
    }

    private static void QueueAndFlush(WorkItem item, Workqueue queue, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            item.TryQueue(queue);
            item.TryQueue(queue);
            if (i % 16 == 0)
                queue.Flush();
        }
        queue.Flush();
    }
}
