// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Queues that share workers: how many items run at once, and in what order.</summary>
[Watched]
public class SharedQueueTests
{
    private const int NrItems = 6;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void EachChoiceOfTheSecondFamilyMakesAQueueThatSharesWorkers()
    {
        WorkqueueOptions[] kinds =
        [
            new("kind") { SharesWorkers = true },
            new("kind") { MaxActive = 0 },
            new("kind") { IsUnbound = true, MaxActive = 3 },
            new("kind") { IsHighPriority = true },
            new("kind") { IsForMemoryReclaim = true, IsFreezable = true },
            new("kind") { IsCpuIntensive = true },
            new("kind") { IsOrdered = true },
        ];
        foreach (WorkqueueOptions options in kinds)
        {
            using Workqueue queue = Workqueue.Create(options);
            Assert.True(options.SharesWorkers && queue.SharesWorkers);
            Assert.False(queue.IsSingleThreaded);
            Assert.Equal((options.IsOrdered, options.IsFreezable), (queue.IsOrdered, queue.IsFreezable));
            Assert.Empty(WorkerThreads.Named("kind"));
            int runs = 0;
            using var item = new WorkItem(() => runs++);
            Assert.True(item.TryQueue(queue));
            queue.Flush();
            Assert.Equal(1, runs);
        }
        Assert.False(new WorkqueueOptions("classic") { IsFreezable = true, IsSingleThreaded = true }.SharesWorkers);
    }

    [Fact]
    public void ChoicesThatExcludeEachOtherAreRefused()
    {
        Assert.Throws<ArgumentException>(
            "options", () => Workqueue.Create(new WorkqueueOptions("no") { IsSingleThreaded = true, IsUnbound = true }));
        Assert.Throws<ArgumentException>(
            "options", () => Workqueue.Create(new WorkqueueOptions("no") { IsOrdered = true, MaxActive = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>("MaxActive", () => new WorkqueueOptions("no") { MaxActive = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("MaxActive", () => new WorkqueueOptions("no") { MaxActive = 2049 });
    }

    [Fact]
    public void AnOrderedQueueRunsOneAtATimeInOrder()
    {
        using Workqueue queue = Workqueue.Create(new WorkqueueOptions("order") { IsOrdered = true });
        int inside = 0, next = 0, faults = 0;
        WorkItem[] items = Enumerable.Range(0, 500).Select(i => new WorkItem(() =>
        {
            if (Interlocked.Increment(ref inside) != 1 || next++ != i)
                faults++;
            Interlocked.Decrement(ref inside);
        })).ToArray();
        Array.ForEach(items, i => Assert.True(i.TryQueue(queue)));
        queue.Flush();
        Assert.Equal((500, 0), (next, faults));
        Array.ForEach(items, i => i.Dispose());
    }

    [Fact]
    public void MaxActiveIsTheLimitAndMayBeRaised()
    {
        using Workqueue queue = Workqueue.Create(new WorkqueueOptions("limit") { IsUnbound = true, MaxActive = 2 });
        using SemaphoreSlim entered = new(0), release = new(0);
        WorkItem[] items = Enumerable.Range(0, NrItems).Select(_ => new WorkItem(() =>
        {
            entered.Release();
            Assert.True(release.Wait(s_limit));
        })).ToArray();
        Array.ForEach(items, i => Assert.True(i.TryQueue(queue)));
        Assert.True(entered.Wait(s_limit) && entered.Wait(s_limit));
        Assert.False(entered.Wait(TimeSpan.FromMilliseconds(50)), "a third one runs");
        queue.SetMaxActive(NrItems);
        for (int i = 2; i < NrItems; i++)
            Assert.True(entered.Wait(s_limit));
        release.Release(NrItems);
        queue.Flush();
        Assert.All(items, i => Assert.Null(i.LastException));
        Array.ForEach(items, i => i.Dispose());
    }

    [Fact]
    public void TheLimitOfOtherQueuesIsFixed()
    {
        using Workqueue own = Workqueue.CreateSingleThread("own");
        using Workqueue ordered = Workqueue.Create(new WorkqueueOptions("ordered") { IsOrdered = true });
        Workqueue gone = Workqueue.Create(new WorkqueueOptions("gone") { SharesWorkers = true });
        Assert.Throws<InvalidOperationException>(() => own.SetMaxActive(2));
        Assert.Throws<InvalidOperationException>(() => ordered.SetMaxActive(1));
        Assert.Throws<InvalidOperationException>(() => Workqueue.System.SetMaxActive(1));
        Assert.Throws<ArgumentOutOfRangeException>("maxActive", () => gone.SetMaxActive(0));
        Assert.Throws<ArgumentOutOfRangeException>("maxActive", () => gone.SetMaxActive(2049));
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gone.SetMaxActive(1));
    }

    [Fact]
    public async Task ASchedulerOverAnOrderedQueueRunsOneTaskAtATime()
    {
        await using Workqueue queue = Workqueue.Create(new WorkqueueOptions("tasks") { IsOrdered = true });
        WorkqueueTaskScheduler scheduler = new(queue);
        Assert.Equal(1, scheduler.MaximumConcurrencyLevel);
        TaskFactory factory = new(scheduler);
        int inside = 0, faults = 0;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => factory.StartNew(() =>
        {
            faults += Interlocked.Increment(ref inside) == 1 ? 0 : 1;
            Interlocked.Decrement(ref inside);
        })));
        Assert.Equal(0, faults);
    }
}
