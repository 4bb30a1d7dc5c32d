// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Items and queues that the program drops.</summary>
[Watched]
public class GarbageCollectionTests
{
    private static int s_finalizersThatCalled;

    [Fact]
    public void ADroppedItemThatIsQueuedRunsAllTheSame()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("dropped");
        int[] runs = [0];
        using (new Blocker(queue))
        {
            QueueAndDrop(queue, runs, 100);
            Collect();
        }
        queue.Flush();
        Assert.Equal(100, runs[0]);
    }

    [Fact]
    public void ADroppedIdleItemIsCollected()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("collected");
        WeakReference never = NewItem(queue, run: false), ran = NewItem(queue, run: true);
        queue.Flush();
        Collect();
        Assert.False(never.IsAlive);
        Assert.False(ran.IsAlive);
    }

    [Fact]
    public void AHundredThousandItemsCanBeCreatedAndDropped()
    {
        using Workqueue queue = Workqueue.Create("hundredthousand");
        int[] runs = [0];
        for (int i = 0; i < 100; i++)
        {
            QueueAndDrop(queue, runs, 1_000);
            GC.Collect(0);
        }
        queue.Flush();
        Collect();
        Assert.Equal(100_000, runs[0]);
    }

    [Fact]
    public void CollectionsWhileItemsQueueDoNoHarm()
    {
        using Workqueue queue = Workqueue.Create("gcstress");
        bool stop = false;
        Thread collector = Background.Start(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                GC.Collect();
                Thread.Sleep(1); // With none in between the others are not resumed before the next: they get nowhere.
            }
        });
        const int Rounds = 10_000;
        int runs = 0, accepted = 0;
        WorkItem[] items = Enumerable.Range(0, 16).Select(_ => new WorkItem(() =>
        {
            GC.KeepAlive(new byte[100]);
            Interlocked.Increment(ref runs);
        })).ToArray();
        for (int i = 0; i < Rounds; i++)
            accepted += items[i % items.Length].TryQueue(queue) ? 1 : 0;
        queue.Flush();
        Volatile.Write(ref stop, true);
        Background.JoinAll(collector);
        Assert.Equal(accepted, runs);
        Array.ForEach(items, i => i.Dispose());
    }

    [Fact]
    public void CollectionsWhileThreadsQueueAndQueuesEndLoseNothing()
    {
        bool stop = false;
        Thread collector = Background.Start(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                GC.Collect(0);
                Thread.Sleep(1);
            }
        });
        for (int round = 0; round < 50; round++)
        {
            Workqueue queue = Workqueue.CreateSingleThread("ends");
            int accepted = 0, runs = 0;
            using var started = new CountdownEvent(3);
            // New threads each time: what a thread announces its queue in goes from hand to hand.
            Thread[] submitters = Enumerable.Range(0, 3).Select(_ => Background.Start(() =>
            {
                using var item = new WorkItem(() => Interlocked.Increment(ref runs));
                Interlocked.Add(ref accepted, QueueUntilClosed(item, queue, started));
            })).ToArray();
            Assert.True(started.Wait(TimeSpan.FromSeconds(20)));
            queue.Dispose();
            Background.JoinAll(submitters);
            Assert.Equal(accepted, runs);
        }
        Volatile.Write(ref stop, true);
        Background.JoinAll(collector);
    }

    private static int QueueUntilClosed(WorkItem item, Workqueue queue, CountdownEvent started)
    {
        int accepted = item.TryQueue(queue) ? 1 : 0;
        started.Signal();
        try
        {
            while (true)
                accepted += item.TryQueue(queue) ? 1 : 0;
        }
        catch (ObjectDisposedException)
        {
            queue.Dispose(); // waits until the last item has run, so that no accepted one is cancelled
            return accepted;
        }
    }

    [Fact]
    public void AQueueDroppedWithPendingItemsRunsThemAndEnds()
    {
        int[] runs = [0];
        Gate release = new();
        DropQueue(runs, release);
        Collect();
        Assert.Equal(0, runs[0]);
        release.Open();
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                Collect();
                return !WorkerThreads.Named("droppedq").Any();
            },
            TimeSpan.FromSeconds(20)));
        Assert.Equal(100, runs[0]);
    }

    [Fact]
    public void ACollectionDoesNotWaitForACallback()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("longrun");
        Gate running = new();
        bool stop = false;
        using var item = new WorkItem(() =>
        {
            running.Open();
            while (!Volatile.Read(ref stop))
            {
            }
        });
        item.TryQueue(queue);
        running.Pass("run");
        for (int i = 0; i < 20; i++)
            GC.Collect();
        Volatile.Write(ref stop, true);
        queue.Flush();
    }

    [Fact]
    public void AnotherObjectsFinalizerMayUseAnItemWhetherItIsGoneOrNot()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("finalizers");
        s_finalizersThatCalled = 0;
        DropUsers(queue);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                Collect();
                return Volatile.Read(ref s_finalizersThatCalled) == 100;
            },
            TimeSpan.FromSeconds(20)));
        queue.Flush();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void DropUsers(Workqueue queue)
    {
        for (int i = 0; i < 50; i++)
        {
            // Finalizers run in an order of their own: one user is older than the item, one younger.
            var older = new UserInFinalizer(queue);
            var item = new WorkItem(() => { });
            older.Item = item;
            _ = new UserInFinalizer(queue) { Item = item };
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void QueueAndDrop(Workqueue queue, int[] runs, int count)
    {
        for (int i = 0; i < count; i++)
            Assert.True(new WorkItem(() => Interlocked.Increment(ref runs[0])).TryQueue(queue));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference NewItem(Workqueue queue, bool run)
    {
        var item = new WorkItem(() => { });
        if (run)
            item.TryQueue(queue);
        return new WeakReference(item);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void DropQueue(int[] runs, Gate release)
    {
        Workqueue queue = Workqueue.CreateSingleThread("droppedq");
        new WorkItem(() => release.Pass("release")).TryQueue(queue);
        QueueAndDrop(queue, runs, 100);
    }

    internal static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private sealed class UserInFinalizer(Workqueue queue)
    {
        public WorkItem? Item { get; set; }

        ~UserInFinalizer()
        {
            try
            {
                Item!.TryQueue(queue);
            }
            catch (ObjectDisposedException)
            {
            }
            _ = Item!.IsPending;
            Item.Dispose();
            Interlocked.Increment(ref s_finalizersThatCalled);
        }
    }
}
