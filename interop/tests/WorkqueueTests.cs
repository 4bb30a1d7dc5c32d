// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Queues: creation, flushing, the end of a queue, the global queue.</summary>
[Watched]
public class WorkqueueTests
{
    [Fact]
    public void NamesThatAreEmptyOrContainNulAreRefused()
    {
        Assert.Throws<ArgumentNullException>("name", () => Workqueue.Create((string)null!));
        Assert.Throws<ArgumentException>("name", () => Workqueue.Create(""));
        Assert.Throws<ArgumentException>("name", () => Workqueue.Create("a\0b"));
        Assert.Throws<ArgumentNullException>("name", () => Workqueue.CreateSingleThread(null!));
        Assert.Throws<ArgumentException>("name", () => Workqueue.CreateSingleThread(""));
        Assert.Throws<ArgumentException>("name", () => Workqueue.CreateSingleThread("\0"));
    }

    [Fact]
    public void AQueueKeepsItsName()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("träge");
        Assert.Equal("träge", queue.Name);
        Assert.Equal("träge", queue.ToString());
        Assert.Equal("events", Workqueue.System.Name);
    }

    [Fact]
    public void APerCpuQueueHasOneWorkerForEachAllowedCpu()
    {
        using Workqueue queue = Workqueue.Create("cpus");
        WorkerThreads.AwaitCount("cpus/", Environment.ProcessorCount);
    }

    [Fact]
    public void FlushWaitsForARunningItem()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("flushrun");
        using var blocker = new Blocker(queue);
        var flusher = WaitingCall.Start(queue.Flush);
        Assert.True(flusher.Sleeps());
        blocker.Release();
        flusher.Join();
    }

    [Fact]
    public void FlushWaitsForEverythingQueuedBefore()
    {
        using Workqueue queue = Workqueue.Create("flushall");
        int runs = 0;
        WorkItem[] items = Enumerable.Range(0, 2_000)
            .Select(_ => new WorkItem(() => Interlocked.Increment(ref runs))).ToArray();
        for (int round = 1; round <= 5; round++)
        {
            foreach (WorkItem item in items)
                item.TryQueue(queue);
            queue.Flush();
            Assert.Equal(round * items.Length, runs);
        }
        Array.ForEach(items, i => i.Dispose());
    }

    [Fact]
    public void FlushFromACallbackRunsTheItemsBehindIt()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("flushself");
        var order = new List<string>();
        using var behind = new WorkItem(() => order.Add("behind"));
        using var outer = new WorkItem(() =>
        {
            behind.TryQueue(queue);
            queue.Flush();
            order.Add("outer");
        });
        outer.TryQueue(queue);
        queue.Flush();
        Assert.Equal(["behind", "outer"], order);
    }

    [Fact]
    public void FlushOfAnIdleQueueReturns()
    {
        using Workqueue queue = Workqueue.Create("idle");
        queue.Flush();
        queue.Flush();
    }

    [Fact]
    public void DisposeRunsWhatIsPending()
    {
        Workqueue queue = Workqueue.CreateSingleThread("drain");
        int runs = 0;
        WorkItem[] items = Enumerable.Range(0, 500).Select(_ => new WorkItem(() => runs++)).ToArray();
        var blocker = new Blocker(queue);
        foreach (WorkItem item in items)
            item.TryQueue(queue);
        blocker.Release();
        queue.Dispose();
        Assert.Equal(items.Length, runs);
        WorkerThreads.AwaitCount("drain", 0);
        Array.ForEach(items, i => i.Dispose());
        blocker.Dispose();
    }

    [Fact]
    public void ADisposedQueueRefusesItemsAndFlushes()
    {
        Workqueue queue = Workqueue.Create("closed");
        queue.Dispose();
        queue.Dispose();
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        Assert.Throws<ObjectDisposedException>(() => item.TryQueue(queue));
        Assert.Throws<ObjectDisposedException>(queue.Flush);
        Assert.False(item.IsPending);
        Assert.Equal(0, runs);
    }

    [Fact]
    public void DisposeFromACallbackReturnsAndTheQueueEnds()
    {
        Workqueue queue = Workqueue.CreateSingleThread("suicide");
        Gate returned = new(), ran = new();
        using var behind = new WorkItem(ran.Open);
        using var item = new WorkItem(() =>
        {
            behind.TryQueue(queue);
            queue.Dispose();
            returned.Open();
        });
        item.TryQueue(queue);
        returned.Pass("return of Dispose");
        ran.Pass("the item behind");
        queue.Dispose(); // Not from a callback: waits for the end.
        Assert.Null(item.LastException);
        WorkerThreads.AwaitCount("suicide", 0);
    }

    [Fact]
    public void DisposeWhileOthersQueueLosesNothing()
    {
        for (int round = 0; round < 200; round++)
        {
            Workqueue queue = Workqueue.CreateSingleThread("closing");
            int accepted = 0, runs = 0;
            using var item = new WorkItem(() => Interlocked.Increment(ref runs));
            Gate started = new();
            Thread submitter = Background.Start(() =>
            {
                try
                {
                    for (; ; started.Open())
                    {
                        if (item.TryQueue(queue))
                            accepted++;
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            });
            started.Pass("first queueing");
            queue.Dispose();
            Background.JoinAll(submitter);
            queue.Dispose();
            Assert.Equal(accepted, runs);
        }
    }

    [Fact]
    public void TheSystemQueueSharesWorkersSoAnItemThatWaitsHoldsUpNoOther()
    {
        Workqueue system = Workqueue.System;
        Assert.True(system.SharesWorkers);
        Assert.False(system.IsSingleThreaded || system.IsOrdered || system.IsFreezable);
        Gate entered = new(), later = new();
        using var first = new WorkItem(() =>
        {
            entered.Open();
            later.Pass("an item behind the one that waits for it");
        });
        using var second = new WorkItem(later.Open);
        Assert.True(first.TryQueueOn(system, 0));
        entered.Pass("run of the first item");
        Assert.True(second.TryQueueOn(system, 0));
        system.Flush();
        Assert.Null(first.LastException);
        Assert.True(later.IsOpen);
    }

    [Fact]
    public void TheSystemQueueRunsItemsAndOutlivesDispose()
    {
        int runs = 0;
        using var item = new WorkItem(() => Interlocked.Increment(ref runs));
        Assert.True(item.TryQueue(Workqueue.System));
        Workqueue.System.Flush();
        Assert.Equal(1, runs);

        Workqueue.System.Dispose();
        Assert.True(item.TryQueue(Workqueue.System));
        Workqueue.System.Flush();
        Assert.Equal(2, runs);
    }

    [Fact]
    public void ManyQueuesLiveAtOnce()
    {
        Workqueue[] queues = Enumerable.Range(0, 100).Select(i => Workqueue.CreateSingleThread($"q{i}")).ToArray();
        int runs = 0;
        WorkItem[] items = queues.Select(_ => new WorkItem(() => Interlocked.Increment(ref runs))).ToArray();
        for (int i = 0; i < queues.Length; i++)
            Assert.True(items[i].TryQueue(queues[i]));
        Array.ForEach(queues, q => q.Dispose());
        Assert.Equal(queues.Length, runs);
        Array.ForEach(items, i => i.Dispose());
    }
}

/// <summary>The process's threads as the kernel lists them.</summary>
internal static class WorkerThreads
{
    /// <summary>
    /// Waits until so many threads have names that start so: a thread names itself, and ends, on its own.
    /// </summary>
    public static void AwaitCount(string prefix, int count)
    {
        if (!SpinWait.SpinUntil(() => Named(prefix).Count() == count, TimeSpan.FromSeconds(20)))
            throw new TimeoutException($"Not {count} but {Named(prefix).Count()} threads are named {prefix}...");
    }

    /// <summary>Directories in /proc of the threads whose names start so.</summary>
    public static IEnumerable<string> Named(string prefix)
    {
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            string name;
            try
            {
                name = File.ReadAllText(Path.Combine(task, "comm"));
            }
            catch (IOException)
            {
                continue; // ended meanwhile
            }
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                yield return task;
        }
    }
}
