// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Flush of one item, and whether it is busy.</summary>
[Watched]
public class FlushItemTests
{
    [Fact]
    public void FlushWaitsForTheItemAndForNoneBehindIt()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("flushone");
        using var blocker = new Blocker(queue);
        int runs = 0;
        Gate release = new();
        bool waited = false;
        using WorkItem item = new(() => runs++), behind = new(() => release.Pass("release of the item behind"));
        item.TryQueue(queue);
        behind.TryQueue(queue);
        var flusher = WaitingCall.Start(() => waited = item.Flush());
        Assert.True(flusher.Sleeps());
        blocker.Release();
        flusher.Join();
        Assert.Equal((1, true, true), (runs, waited, behind.IsBusy));
        Assert.False(item.Flush());
        release.Open();
    }

    [Fact]
    public async Task FlushOfADelayedItemCutsTheDelayShort()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("flushdelay");
        int runs = 0;
        using var item = new DelayedWorkItem(() => runs++);
        Assert.False(item.Flush());
        item.Schedule(queue, TimeSpan.FromHours(1));
        item.Flush(); // false if the run has ended before it could be waited for
        Assert.Equal((1, false), (runs, item.IsPending));
        item.Schedule(queue, TimeSpan.FromHours(1));
        await item.FlushAsync();
        Assert.Equal((2, false), (runs, item.IsPending));
    }

    [Fact]
    public async Task ACancelEndsTheWaitAndATokenGivesItUp()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("flushcancel");
        using var blocker = new Blocker(queue);
        using var item = new WorkItem(() => { });
        item.TryQueue(queue);
        using var source = new CancellationTokenSource();
        Task<bool> given = item.FlushAsync(source.Token);
        var flusher = WaitingCall.Start(() => item.Flush());
        Assert.True(flusher.Sleeps());
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => item.FlushAsync(source.Token));
        Assert.True(item.Cancel());
        flusher.Join();
    }

    [Fact]
    public void AnItemIsBusyWhilePendingAndWhileItRuns()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("busy");
        Gate running = new(), release = new();
        using var item = new WorkItem(() =>
        {
            running.Open();
            release.Pass("release");
        });
        Assert.Equal((false, false), (item.IsBusy, item.IsRunning));
        using (new Blocker(queue))
        {
            item.TryQueue(queue);
            Assert.Equal((true, false), (item.IsBusy, item.IsRunning));
        }
        running.Pass("run");
        Assert.Equal((true, true, false), (item.IsBusy, item.IsRunning, item.IsPending));
        release.Open();
        queue.Flush();
        Assert.Equal((false, false), (item.IsBusy, item.IsRunning));
    }

    [Fact]
    public void ADisposedItemIsNotBusyAndCannotBeFlushed()
    {
        var item = new WorkItem(() => { });
        item.Dispose();
        Assert.False(item.IsBusy);
        Assert.False(item.IsRunning);
        Assert.Throws<ObjectDisposedException>(() => item.Flush());
    }
}
