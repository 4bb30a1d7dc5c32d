// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Cancel, which waits for no run, and the tasks that wait for a run that was cancelled.</summary>
[Watched]
public class TakeBackTests
{
    [Fact]
    public async Task ItCanBeTakenBackWithoutWaiting()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("takeback");
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        using (new Blocker(queue))
        {
            Task run = item.RunAsync(queue);
            Assert.True(item.Cancel());
            Assert.False(item.IsPending);
            Assert.False(item.Cancel());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        }
        queue.Flush();
        Assert.Equal(0, runs);
        Assert.True(item.TryQueue(queue));
        queue.Flush();
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task ATaskAskedForWhileACancelWaitsIsCancelled()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("refused");
        Gate running = new(), release = new();
        using var item = new WorkItem(() =>
        {
            running.Open();
            release.Pass("release");
        });
        Task first = item.RunAsync(queue);
        running.Pass("run");
        Thread canceller = Background.Start(() => Assert.False(item.CancelAndWait()));
        Assert.True(SpinWait.SpinUntil(() => item.IsPending, TimeSpan.FromSeconds(20))); // as one that is being cancelled
        Task second = item.RunAsync(queue);
        release.Open();
        Background.JoinAll(canceller);
        await first;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void TakingItBackWaitsForNoRun()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("goeson");
        Gate running = new(), release = new();
        int runs = 0;
        using var item = new WorkItem(() =>
        {
            running.Open();
            release.Pass("release");
            runs++;
        });
        item.TryQueue(queue);
        running.Pass("run");
        Assert.False(item.Cancel());
        Assert.True(item.TryQueue(queue));
        Assert.True(item.Cancel()); // the run to come
        Assert.Equal(0, runs);
        release.Open();
        queue.Flush();
        Assert.Equal(1, runs);
    }
}
