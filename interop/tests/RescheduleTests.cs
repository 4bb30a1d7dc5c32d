// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Threading.Tasks;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Reschedule: of items in each state, to the same queue and to another.</summary>
[Watched]
public class RescheduleTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan s_long = TimeSpan.FromHours(1);

    [Fact]
    public async Task RescheduleMovesTheDeadline()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("moved");
        using var item = new DelayedWorkItem(() => { });
        Assert.True(item.Schedule(queue, s_long));
        Task run = item.WaitForRunAsync();
        Assert.True(item.Reschedule(queue, s_short));
        await run.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(item.Reschedule(queue, s_long));
        Assert.True(item.IsPending);
    }

    [Fact]
    public async Task ARescheduleThatFailsCancelsTheDelay()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("failing");
        Workqueue gone = Workqueue.CreateSingleThread("gone");
        gone.Dispose();
        using var item = new DelayedWorkItem(() => { });
        item.Schedule(queue, s_long);
        Task run = item.WaitForRunAsync();
        Assert.Throws<ObjectDisposedException>(() => item.Reschedule(gone, s_long));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.False(item.IsPending);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)] // not whole milliseconds
    public void RescheduleTakesAnItemThatIsDueFromItsQueue(int ticks)
    {
        using Workqueue queue = Workqueue.CreateSingleThread("due"), other = Workqueue.CreateSingleThread("duelater");
        int runs = 0;
        using var item = new DelayedWorkItem(() => runs++);
        using (new Blocker(queue))
        {
            Assert.True(item.TryQueue(queue));
            Assert.True(item.Reschedule(other, s_long + TimeSpan.FromTicks(ticks)));
        }
        queue.Flush();
        other.Flush();
        Assert.Equal(0, runs);
        Assert.True(item.Reschedule(queue, TimeSpan.Zero));
        queue.Flush();
        Assert.Equal(1, runs);
        Assert.False(item.IsPending);
    }

    [Fact]
    public async Task TheGlobalQueueTakesAnotherDelayToo()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("toglobal");
        using var item = new DelayedWorkItem(() => { });
        item.Schedule(queue, s_long);
        Task run = item.WaitForRunAsync();
        Assert.True(item.Reschedule(Workqueue.System, s_short));
        await run.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void RescheduleOfAnItemThatIsBeingCancelledIsRefused()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("beingcancelled");
        Gate running = new(), release = new();
        using var item = new DelayedWorkItem(() =>
        {
            running.Open();
            release.Pass("release");
        });
        item.TryQueue(queue);
        running.Pass("run");
        var canceller = WaitingCall.Start(() => item.CancelAndWait());
        Assert.True(canceller.Sleeps());
        Assert.False(item.Reschedule(queue, s_long));
        release.Open();
        canceller.Join();
        Assert.False(item.IsPending);
        Assert.True(item.Reschedule(queue, s_long));
    }
}
