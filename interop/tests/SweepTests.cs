// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Xunit;

namespace Workqueues.Tests;

/// <summary>What keeps an item and a queue there while threads use them, and what lets them go.</summary>
[Watched]
public class SweepTests
{
    private static Gate? s_claimed, s_goOn;

    [Fact]
    public void AnItemThatIsQueuedWhileItIsSweptIsNotCollected()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("swept");
        int[] runs = [0];
        int nrLetGo = 0;
        for (int round = 0; round < 60; round++)
        {
            WorkItem?[] items = NewItems(500, runs);
            Array.ForEach(items, item => item!.TryQueue(queue));
            queue.Flush();
            using (new Blocker(queue))
            {
                bool stop = false;
                int before = nrLetGo;
                Thread sweeper = Background.Start(() =>
                {
                    while (!Volatile.Read(ref stop))
                        Volatile.Write(ref nrLetGo, nrLetGo + ItemRoots.All.Sweep());
                });
                SpinWait.SpinUntil(() => Volatile.Read(ref nrLetGo) > before); // The sweeper is at it.
                QueueAndForget(items, queue);
                Volatile.Write(ref stop, true);
                Background.JoinAll(sweeper);
                GC.Collect(round % 3);
                GC.WaitForPendingFinalizers();
            }
            queue.Flush();
            Assert.Equal(1_000 * (round + 1), runs[0]);
        }
        // An item lost ends the process.
    }

    [Fact]
    public void AnItemThatAWorkerIsAtIsNotLetGo()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("claimed");
        s_claimed = new Gate();
        s_goOn = new Gate();
        WeakReference item = QueueOneThatIsClaimed(queue);
        s_claimed.Pass("claim");
        ItemRoots.All.Sweep();
        GarbageCollectionTests.Collect();
        Assert.True(item.IsAlive); // neither pending, nor known to any managed frame
        s_goOn.Open();
        queue.Flush();
        GarbageCollectionTests.Collect();
        Assert.False(item.IsAlive);
    }

    // The library calls a function that does not know of the item: in effect as if a worker had claimed the item and not
    // called it yet.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe WeakReference QueueOneThatIsClaimed(Workqueue queue)
    {
        var item = new WorkItem(() => { });
        item.Work->Func = &StandStill;
        Assert.True(item.TryQueue(queue));
        return new WeakReference(item);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe void StandStill(WorkStruct* work)
    {
        s_claimed!.Open();
        s_goOn!.Pass("going on");
    }

    [Fact]
    public unsafe void WhoHasTheAddressOfAQueueThatIsDisposedIsRefused()
    {
        Workqueue queue = Workqueue.CreateSingleThread("address");
        nint address = queue.Native;
        queue.Dispose();
        GarbageCollectionTests.Collect();
        using Workqueue next = Workqueue.CreateSingleThread("next");
        using var item = new WorkItem(() => { });
        item.TryQueue(next);
        next.Flush();
        Assert.NotEqual(address, next.Native);
        Assert.Equal(0, DirectQueueing.QueueWork(address, item.Work));
        Assert.False(item.IsPending);
        Assert.Throws<ObjectDisposedException>(() => item.TryQueue(queue)); // which holds it until here
    }

    [Fact]
    public void ItemsThatAreUsedAgainAndAgainSurviveSweeps()
    {
        using Workqueue queue = Workqueue.Create("sweeps");
        int runs = 0;
        WorkItem[] items = Enumerable.Range(0, 64).Select(_ => new WorkItem(() => Interlocked.Increment(ref runs))).ToArray();
        bool stop = false;
        int nrLetGo = 0;
        Thread sweeper = Background.Start(() =>
        {
            while (!Volatile.Read(ref stop))
                Volatile.Write(ref nrLetGo, nrLetGo + ItemRoots.All.Sweep());
        });
        int[] accepted = new int[2];
        Thread[] submitters = Enumerable.Range(0, 2).Select(me => Background.Start(() =>
        {
            for (int i = 0; i < 200_000 || Volatile.Read(ref nrLetGo) == 0; i++)
                accepted[me] += items[i % items.Length].TryQueue(queue) ? 1 : 0;
        })).ToArray();
        Background.JoinAll(submitters);
        queue.Flush();
        Volatile.Write(ref stop, true);
        Background.JoinAll(sweeper);
        Assert.Equal(accepted[0] + accepted[1], runs);
        Array.ForEach(items, item => item.Dispose());
    }

    [Fact]
    public void DroppedItemsAreLetGoWithoutACollection()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("letgo");
        int[] runs = [0];
        for (int i = 0; i < 50; i++)
        {
            GarbageCollectionTests.QueueAndDrop(queue, runs, 1_000);
            queue.Flush();
        }
        Assert.True(SpinWait.SpinUntil(() => ItemRoots.All.Count < 10_000, TimeSpan.FromSeconds(20)));
        Assert.Equal(50_000, runs[0]);
    }

    [Fact]
    public void MoreQueuesThanTheLibraryHasRoomForMayComeAndGo()
    {
        for (int i = 0; i < 17_000; i++)
            Workqueue.CreateSingleThread("comesandgoes").Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WorkItem?[] NewItems(int count, int[] runs) => Enumerable.Range(0, count)
        .Select(_ => new WorkItem(() => Interlocked.Increment(ref runs[0]))).ToArray();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void QueueAndForget(WorkItem?[] items, Workqueue queue)
    {
        for (int i = 0; i < items.Length; i++)
        {
            Assert.True(items[i]!.TryQueue(queue));
            items[i] = null;
        }
    }
}
