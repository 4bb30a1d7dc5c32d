// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Diagnostics;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Workqueues.Tests;

/// <summary>DelayedWorkItem: delays, deadlines that move, cancels, queues that end.</summary>
[Watched]
public class DelayedWorkItemTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan s_long = TimeSpan.FromHours(1);

    [Fact]
    public async Task ADelayNeverEndsEarly()
    {
        using Workqueue queue = Workqueue.Create("delay");
        using var item = new DelayedWorkItem(() => { });
        for (int i = 0; i < 5; i++)
        {
            Task run = item.WaitForRunAsync();
            var clock = Stopwatch.StartNew();
            Assert.True(item.Schedule(queue, s_short));
            await run;
            Assert.True(clock.Elapsed >= s_short, $"early: {clock.Elapsed}");
        }
    }

    [Fact]
    public async Task TheGlobalQueueTakesDelaysToo()
    {
        using var item = new DelayedWorkItem(() => { });
        Task run = item.WaitForRunAsync();
        var clock = Stopwatch.StartNew();
        Assert.True(item.Schedule(Workqueue.System, TimeSpan.FromMicroseconds(1500)));
        await run;
        Assert.True(clock.Elapsed >= TimeSpan.FromMicroseconds(1500));
    }

    [Fact]
    public void NoDelayQueuesAtOnce()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("nodelay");
        int runs = 0;
        using var item = new DelayedWorkItem(() => runs++);
        Assert.True(item.Schedule(queue, TimeSpan.Zero));
        queue.Flush();
        Assert.Equal(1, runs);
        Assert.True(item.TryQueue(queue));
        queue.Flush();
        Assert.Equal(2, runs);
    }

    [Fact]
    public void AnArmedItemIsPendingAndKeepsItsDeadline()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("armed");
        int runs = 0;
        using var item = new DelayedWorkItem(() => runs++);
        Assert.True(item.Schedule(queue, s_long));
        Assert.True(item.IsPending);
        Assert.False(item.Schedule(queue, TimeSpan.Zero));
        Assert.False(item.TryQueue(queue));
        queue.Flush();
        Assert.Equal(0, runs);
        Assert.True(item.CancelAndWait());
        Assert.False(item.IsPending);
    }

    [Fact]
    public void CancelStopsADelayAndTakesBackWhatIsQueued()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("canceldelay");
        int runs = 0;
        using var item = new DelayedWorkItem(() => runs++);
        Assert.False(item.Cancel());
        Assert.True(item.Schedule(queue, s_long));
        Assert.True(item.Cancel());
        Assert.False(item.IsPending);
        using (new Blocker(queue))
        {
            item.TryQueue(queue);
            Assert.True(item.Cancel());
            Assert.False(item.IsPending);
        }
        queue.Flush();
        Assert.Equal(0, runs);
    }

    [Fact]
    public async Task CancellingADelayCancelsTheTaskThatWaits()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("canceltask");
        using var item = new DelayedWorkItem(() => { });
        item.Schedule(queue, s_long);
        Task run = item.WaitForRunAsync();
        item.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task DisposingTheQueueCancelsTheDelay()
    {
        Workqueue queue = Workqueue.CreateSingleThread("ending");
        using var item = new DelayedWorkItem(() => { });
        item.Schedule(queue, s_long);
        Task run = item.WaitForRunAsync();
        queue.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.False(item.IsPending);
        Assert.Throws<ObjectDisposedException>(() => item.Schedule(queue, s_long));
        using Workqueue other = Workqueue.CreateSingleThread("other");
        Assert.True(item.Schedule(other, s_long));
    }

    [Fact]
    public async Task AnItemArmedOnAnotherQueueIsLeftAlone()
    {
        using Workqueue stays = Workqueue.CreateSingleThread("stays");
        using var item = new DelayedWorkItem(() => { });
        using (Workqueue goes = Workqueue.CreateSingleThread("goes"))
        {
            item.Schedule(goes, TimeSpan.Zero);
            goes.Flush();
            item.Schedule(stays, s_short);
        }
        Task run = item.WaitForRunAsync();
        if (item.IsPending)
            await run.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void ADroppedItemWhoseDelayRunsFiresAllTheSame()
    {
        Gate fired = new();
        DropArmed(fired);
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        fired.Pass("run");
    }

    [Fact]
    public void ADroppedItemThatHasRunIsCollected()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("delayedgc");
        WeakReference item = RunAndDrop(queue);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return !item.IsAlive;
            },
            TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void AnItemMayArmItselfAgainUntilItIsCancelled()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("rearm");
        int runs = 0;
        DelayedWorkItem item = null!;
        item = new DelayedWorkItem(() =>
        {
            Interlocked.Increment(ref runs);
            item.Schedule(queue, TimeSpan.FromMilliseconds(1));
        });
        item.Schedule(queue, TimeSpan.Zero);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref runs) > 5, TimeSpan.FromSeconds(20)));
        item.CancelAndWait();
        int after = runs;
        Gate passed = new();
        using var later = new DelayedWorkItem(passed.Open);
        later.Schedule(queue, TimeSpan.FromMilliseconds(5));
        passed.Pass("delay that is longer than the item's");
        Assert.Equal(after, runs);
        item.Dispose();
    }

    [Fact]
    public void AnItemMayDisposeItselfWhileArmed()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("selfarmed");
        Gate done = new();
        DelayedWorkItem item = null!;
        item = new DelayedWorkItem(() =>
        {
            item.Schedule(queue, s_long);
            item.Dispose();
            done.Open();
        });
        item.Schedule(queue, TimeSpan.Zero);
        done.Pass("run");
        queue.Flush();
        Assert.Throws<ObjectDisposedException>(() => item.Schedule(queue, s_short));
    }

    [Fact]
    public void AStateIsPassedWithoutBoxing()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("state");
        int[] seen = [0];
        using var item = DelayedWorkItem.Create(static s => s.Seen[0] = s.Value, (Seen: seen, Value: 7));
        item.Schedule(queue, TimeSpan.Zero);
        queue.Flush();
        Assert.Equal(7, seen[0]);
    }

    [Fact]
    public void ArgumentsAreChecked()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("arguments");
        using var item = new DelayedWorkItem(() => { });
        Assert.Throws<ArgumentNullException>("queue", () => item.Schedule(null!, s_short));
        Assert.Throws<ArgumentOutOfRangeException>("delay", () => item.Schedule(queue, TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>("delay", () => item.Reschedule(queue, Timeout.InfiniteTimeSpan));
        Assert.Throws<ArgumentNullException>("callback", () => new DelayedWorkItem((Action)null!));
        Assert.True(item.Schedule(queue, TimeSpan.MaxValue)); // as good as never
        Assert.True(item.Cancel());
        Assert.True(item.Schedule(Workqueue.System, TimeSpan.MaxValue));
        Assert.True(item.Cancel());
    }

    [Fact]
    public void SchedulingRacesWithDisposingTheQueue()
    {
        int refused = 0;
        for (int round = 0; round < 20; round++)
        {
            Workqueue queue = Workqueue.CreateSingleThread("ends");
            DelayedWorkItem[] items = Enumerable.Range(0, 4).Select(_ => new DelayedWorkItem(() => { })).ToArray();
            Thread[] threads = items.Select(item => Background.Start(() =>
            {
                try
                {
                    while (true)
                        item.Reschedule(queue, s_long);
                }
                catch (ObjectDisposedException)
                {
                    Interlocked.Increment(ref refused);
                }
            })).ToArray();
            queue.Dispose();
            Background.JoinAll(threads);
            Assert.All(items, item => Assert.False(item.IsPending));
            Array.ForEach(items, item => item.Dispose());
        }
        Assert.Equal(80, refused);
    }

    [Fact]
    public void AnItemThatIsDisposedWhileItIsScheduledStaysNotArmed()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("stillborn");
        WeakReference[] items = Enumerable.Range(0, 300).Select(_ => ScheduleAndDispose(queue)).ToArray();
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return items.All(i => !i.IsAlive); // an armed one would live for an hour
            },
            TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void AnItemDoesNotKeepTheQueuesThatItWasOnBefore()
    {
        using Workqueue later = Workqueue.CreateSingleThread("later");
        using var item = new DelayedWorkItem(() => { });
        RunOnceOnDroppedQueue(item, "earlierq");
        item.Schedule(later, TimeSpan.Zero);
        later.Flush();
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return !WorkerThreads.Named("earlierq").Any();
            },
            TimeSpan.FromSeconds(20)));
        GC.KeepAlive(item);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunOnceOnDroppedQueue(DelayedWorkItem item, string name)
    {
        Workqueue queue = Workqueue.CreateSingleThread(name);
        item.Schedule(queue, TimeSpan.FromTicks(1));
        Assert.True(SpinWait.SpinUntil(() => !item.IsPending, TimeSpan.FromSeconds(20)));
        queue.Flush();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference ScheduleAndDispose(Workqueue queue)
    {
        var item = new DelayedWorkItem(() => { });
        Gate started = new();
        Thread scheduler = Background.Start(() =>
        {
            try
            {
                for (; ; started.Open())
                {
                    item.Schedule(queue, s_long);
                    item.Cancel();
                }
            }
            catch (ObjectDisposedException)
            {
            }
        });
        started.Pass("first scheduling");
        item.Dispose();
        Background.JoinAll(scheduler);
        return new WeakReference(item);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void DropArmed(Gate fired) => new DelayedWorkItem(fired.Open)
        .Schedule(Workqueue.CreateSingleThread("droppedarmed"), TimeSpan.FromMilliseconds(50));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference RunAndDrop(Workqueue queue)
    {
        var item = new DelayedWorkItem(() => { });
        item.Schedule(queue, TimeSpan.FromMilliseconds(1));
        return new WeakReference(item);
    }
}
