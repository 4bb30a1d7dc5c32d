// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Tasks for runs, cancels, flushes and disposals.</summary>
[Watched]
public class AsyncTests
{
    [Fact]
    public async Task RunAsyncEndsWithTheRun()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("runasync");
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        for (int i = 1; i <= 100; i++)
        {
            await item.RunAsync(queue);
            Assert.Equal(i, runs);
        }
    }

    [Fact]
    public async Task RunAsyncIsFaultedWithWhatTheCallbackThrows()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("runfault");
        using var item = new WorkItem(() => throw new FormatException("thrown"));
        var e = await Assert.ThrowsAsync<FormatException>(() => item.RunAsync(queue));
        Assert.Same(e, item.LastException);
    }

    [Fact]
    public async Task ATokenEndsTheWaitAndNotTheItem()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("token");
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        using var source = new CancellationTokenSource();
        Task run;
        using (new Blocker(queue))
        {
            run = item.RunAsync(queue, source.Token);
            source.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        }
        queue.Flush();
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task ACancelledTokenQueuesNothing()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("cancelledtoken");
        using var item = new WorkItem(() => { });
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => item.RunAsync(queue, cancelled));
        Assert.False(item.IsPending);
    }

    [Fact]
    public async Task CancellingThePendingItemCancelsTheTask()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("canceltask");
        using var item = new WorkItem(() => { });
        using (new Blocker(queue))
        {
            Task run = item.RunAsync(queue);
            Assert.True(item.CancelAndWait());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        }
    }

    [Fact]
    public async Task DisposingTheItemCancelsTheTask()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("disposetask");
        var item = new WorkItem(() => { });
        Task next = item.WaitForRunAsync();
        item.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => item.WaitForRunAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => item.RunAsync(queue));
    }

    [Fact]
    public async Task ATaskAskedForDuringARunIsOfTheNextRun()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("nextrun");
        Gate running = new(), release = new();
        using var item = new WorkItem(() =>
        {
            running.Open();
            release.Pass("release");
        });
        item.TryQueue(queue);
        running.Pass("run");
        Task next = item.WaitForRunAsync();
        release.Open();
        queue.Flush();
        Assert.False(next.IsCompleted);
        item.TryQueue(queue);
        await next;
    }

    [Fact]
    public async Task ManyWaitersAreServedByOneRun()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("waiters");
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        Task[] waiters = new Task[50];
        using (new Blocker(queue))
        {
            for (int i = 0; i < waiters.Length; i++)
                waiters[i] = item.RunAsync(queue);
        }
        await Task.WhenAll(waiters);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task ContinuationsDoNotRunOnTheWorker()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("continued");
        int worker = 0;
        using var item = new WorkItem(() => worker = Environment.CurrentManagedThreadId);
        int continued = await item.RunAsync(queue).ContinueWith(
            _ => Environment.CurrentManagedThreadId, TaskContinuationOptions.ExecuteSynchronously);
        Assert.NotEqual(0, worker);
        Assert.NotEqual(worker, continued);
    }

    [Fact]
    public async Task CancelAndWaitAsyncWaitsForTheRun()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("cancelasync");
        Gate running = new(), release = new();
        using var item = new WorkItem(() =>
        {
            running.Open();
            release.Pass("release");
        });
        item.TryQueue(queue);
        running.Pass("run");
        Task<bool> cancel = item.CancelAndWaitAsync();
        Assert.True(SpinWait.SpinUntil(() => item.IsPending, TimeSpan.FromSeconds(20))); // until the cancel is over
        Assert.False(cancel.IsCompleted);
        release.Open();
        Assert.False(await cancel);
    }

    [Fact]
    public async Task FlushAsyncWaitsForTheItems()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("flushasync"), idle = Workqueue.CreateSingleThread("idle");
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        Task flush;
        using (var blocker = new Blocker(queue))
        {
            item.TryQueue(queue);
            flush = queue.FlushAsync();
            await idle.FlushAsync(); // asked for later
            Assert.False(flush.IsCompleted);
        }
        await flush;
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task ATokenEndsTheWaitForAFlush()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("flushtoken");
        using var source = new CancellationTokenSource();
        using (new Blocker(queue))
        {
            Task flush = queue.FlushAsync(source.Token);
            source.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush);
        }
    }

    [Fact]
    public async Task AQueueCanBeDisposedWithoutBlocking()
    {
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        await using (Workqueue queue = Workqueue.CreateSingleThread("disposeasync"))
            item.TryQueue(queue);
        Assert.Equal(1, runs);
        await Workqueue.System.DisposeAsync();
        Assert.True(item.TryQueue(Workqueue.System));
        await item.DisposeAsync();
    }

    [Fact]
    public void ACallbackIsToldByItsTokenThatItIsCancelled()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("told");
        Gate running = new();
        bool told = false;
        using var item = new WorkItem(token =>
        {
            running.Open();
            told = token.WaitHandle.WaitOne(TimeSpan.FromSeconds(20));
        });
        item.TryQueue(queue);
        running.Pass("run");
        Assert.False(item.CancelAndWait());
        Assert.True(told);
    }

    [Fact]
    public void ARunAfterACancelHasANewToken()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("newtoken");
        bool cancelled = true;
        using var item = new WorkItem(token => cancelled = token.IsCancellationRequested);
        item.CancelAndWait();
        item.TryQueue(queue);
        queue.Flush();
        Assert.False(cancelled);
    }

    [Fact]
    public async Task FlushesOfAQueueOfOneThreadOccupyNoThread()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("nothreads");
        Task[] flushes = new Task[1_000];
        using (new Blocker(queue))
        {
            for (int i = 0; i < flushes.Length; i++)
                flushes[i] = queue.FlushAsync();
            Assert.True(ThreadPool.PendingWorkItemCount < flushes.Length / 2);
            Assert.All(flushes, f => Assert.False(f.IsCompleted));
        }
        await Task.WhenAll(flushes);
        queue.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => queue.FlushAsync());
    }

    [Fact]
    public async Task AFlushWaitsForTheItemWithinWhichItsQueueIsFlushed()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("nestedflush"), idle = Workqueue.CreateSingleThread("idle");
        Gate asked = new(), flushed = new(), release = new();
        using var outer = new WorkItem(() =>
        {
            asked.Pass("flush to be asked for");
            queue.Flush();
            flushed.Open();
            release.Pass("release");
        });
        outer.TryQueue(queue);
        Task first = queue.FlushAsync(), second = queue.FlushAsync();
        asked.Open();
        flushed.Pass("flush within the item");
        await idle.FlushAsync(); // asked for later
        Assert.False(first.IsCompleted || second.IsCompleted);
        release.Open();
        await Task.WhenAll(first, second);
    }

    [Fact]
    public void WhatACallbackRegistersWithItsTokenMayThrow()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("registered");
        Gate running = new(), told = new();
        int failures = 0;
        var item = new WorkItem(token =>
        {
            token.Register(told.Open); // called after the next one: the later comes first
            token.Register(() => throw new FormatException());
            running.Open();
            told.Pass("cancel");
        });
        item.Failed += (_, _) => failures++;
        item.TryQueue(queue);
        running.Pass("run");
        Assert.False(item.CancelAndWait());
        Assert.Equal(1, failures);
        Assert.IsType<AggregateException>(item.LastException);
        item.Dispose();
        Assert.Throws<ObjectDisposedException>(() => item.TryQueue(queue));
    }

    [Fact]
    public void TheTokenStaysCancelledUntilTheLastCancelHasWaited()
    {
        bool cancelled = false;
        var callback = new WorkCallback.WithToken(token => cancelled = token.IsCancellationRequested);
        callback.CancelBegins();
        callback.CancelBegins();
        callback.CancelEnds();
        callback.Invoke(); // the other cancel may be waiting for this run
        Assert.True(cancelled);
        callback.CancelEnds();
        callback.Invoke();
        Assert.False(cancelled);
    }
}
