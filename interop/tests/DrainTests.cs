// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Drain: what it waits for, who is refused meanwhile.</summary>
[Watched]
public class DrainTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ItWaitsForWhatItemsQueue(bool shared)
    {
        using Workqueue queue = Workqueue.Create(
            new WorkqueueOptions("chain") { IsOrdered = shared, IsSingleThreaded = !shared });
        int runs = 0;
        WorkItem item = null!;
        item = new WorkItem(() =>
        {
            if (++runs < 50)
                item.TryQueue(queue);
        });
        item.TryQueue(queue);
        queue.Drain();
        Assert.Equal(50, runs);
        Assert.True(item.TryQueue(queue));
        item.Dispose();
    }

    [Fact]
    public async Task OthersAreRefusedUntilItIsThrough()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("drained");
        int runs = 0;
        using var item = new WorkItem(() => Interlocked.Increment(ref runs));
        using var delayed = new DelayedWorkItem(() => Interlocked.Increment(ref runs));
        Task drain, task, flush;
        using (new Blocker(queue))
        {
            drain = queue.DrainAsync();
            AwaitRefusal(item, queue);
            Assert.False(item.IsPending);
            Assert.False(delayed.Schedule(queue, TimeSpan.Zero));
            Assert.False(drain.IsCompleted);
            flush = queue.FlushAsync();
            task = new TaskFactory(new WorkqueueTaskScheduler(queue)).StartNew(() => Interlocked.Increment(ref runs));
            await task.WaitAsync(TimeSpan.FromSeconds(20)); // on the thread pool
        }
        await drain.WaitAsync(TimeSpan.FromSeconds(20));
        await flush.WaitAsync(TimeSpan.FromSeconds(20));
        int before = runs;
        Assert.True(item.TryQueue(queue));
        queue.Flush();
        Assert.Equal(before + 1, runs);
    }

    [Fact]
    public void ADelayGoesOnBesideIt()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("armeddrain");
        using var item = new DelayedWorkItem(() => { });
        item.Schedule(queue, TimeSpan.FromHours(1));
        queue.Drain();
        Assert.True(item.Cancel());
    }

    // As after a drain, when the delay may be about to end, and be refused.
    [Fact]
    public void ADelayThatRunsBeginsAnewAndWhatIsQueuedStays()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("anew");
        Gate ran = new();
        int runs = 0;
        using var item = new DelayedWorkItem(() =>
        {
            runs++;
            ran.Open();
        });
        item.Schedule(queue, TimeSpan.FromHours(1));
        item.ScheduleAnew(queue, TimeSpan.FromMilliseconds(1));
        ran.Pass("run after the new delay");
        using (new Blocker(queue))
        {
            Assert.True(item.TryQueue(queue));
            item.ScheduleAnew(queue, TimeSpan.FromHours(1));
        }
        queue.Flush();
        Assert.Equal(2, runs);
        Assert.False(item.IsPending);
    }

    [Fact]
    public async Task TheWaitMayBeGivenUp()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("givenup");
        using var source = new CancellationTokenSource();
        using var blocker = new Blocker(queue);
        Task drain = queue.DrainAsync(source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drain);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.DrainAsync(source.Token));
    }

    [Fact]
    public async Task QueuesThatCannotBeDrainedThrow()
    {
        Workqueue gone = Workqueue.CreateSingleThread("gonedrain");
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(gone.Drain);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => gone.DrainAsync());
        Assert.Throws<InvalidOperationException>(Workqueue.System.Drain);
    }

    // The drain begins on a thread of the pool: until then the item is accepted, behind the blocker.
    internal static void AwaitRefusal(WorkItem item, Workqueue queue) => Assert.True(SpinWait.SpinUntil(
        () =>
        {
            bool accepted = item.TryQueue(queue);
            item.Cancel();
            return !accepted;
        },
        TimeSpan.FromSeconds(20)));
}
