// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Linq;
using System.Threading;
using Xunit;

namespace Workqueues.Tests;

/// <summary>CancelAndWait and Dispose of items.</summary>
[Watched]
public class CancelTests
{
    [Fact]
    public void CancelOfAPendingItemReturnsTrueAndTheItemDoesNotRun()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("cancel");
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        using (new Blocker(queue))
        {
            item.TryQueue(queue);
            Assert.True(item.CancelAndWait());
            Assert.False(item.IsPending);
            Assert.False(item.CancelAndWait());
        }
        queue.Flush();
        Assert.Equal(0, runs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CancelOfAnIdleItemReturnsFalse(bool waits)
    {
        using Workqueue queue = Workqueue.Create("idle");
        using var item = new WorkItem(() => { });
        Assert.False(Cancel(item, waits)); // never queued
        item.TryQueue(queue);
        queue.Flush();
        Assert.False(Cancel(item, waits));
    }

    [Fact]
    public void CancelOfARunningItemWaitsForIt()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("running");
        Gate running = new(), release = new();
        bool finished = false, seenFinished = false, result = true;
        using var item = new WorkItem(() =>
        {
            running.Open();
            release.Pass("release");
            finished = true;
        });
        item.TryQueue(queue);
        running.Pass("run");
        var canceller = WaitingCall.Start(() =>
        {
            result = item.CancelAndWait();
            seenFinished = finished;
        });
        Assert.True(canceller.Sleeps());
        release.Open();
        canceller.Join();
        Assert.True(seenFinished);
        Assert.False(result);
    }

    [Fact]
    public void CancelDefeatsAnItemThatQueuesItselfAgain()
    {
        using Workqueue queue = Workqueue.Create("forever");
        for (int round = 0; round < 200; round++)
        {
            Gate running = new();
            int runs = 0;
            WorkItem item = null!;
            item = new WorkItem(() =>
            {
                Volatile.Write(ref runs, runs + 1);
                running.Open();
                item.TryQueue(queue);
            });
            item.TryQueue(queue);
            running.Pass("run");
            item.CancelAndWait();
            int after = Volatile.Read(ref runs);
            Assert.False(item.IsPending);
            queue.Flush();
            Assert.Equal(after, Volatile.Read(ref runs));
            item.Dispose();
        }
    }

    [Fact]
    public void ACancelledItemCanBeQueuedAgain()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("reuse");
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        using (new Blocker(queue))
        {
            for (int i = 0; i < 1_000; i++)
            {
                Assert.True(item.TryQueue(queue));
                Assert.True(item.CancelAndWait());
            }
            Assert.True(item.TryQueue(queue));
        }
        queue.Flush();
        Assert.Equal(1, runs);
    }

    [Fact]
    public void CancelFromItsOwnCallbackDoesNotWaitForThatRun()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("own");
        bool pendingCancelled = false;
        int runs = 0;
        WorkItem item = null!;
        item = new WorkItem(() =>
        {
            runs++;
            item.TryQueue(queue);
            pendingCancelled = item.CancelAndWait();
        });
        item.TryQueue(queue);
        queue.Flush();
        Assert.True(pendingCancelled);
        Assert.Equal(1, runs);
        item.Dispose();
    }

    [Fact]
    public void OfManyCancellersExactlyOneIsToldThatItWasPending()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("rivals");
        using var item = new WorkItem(() => { });
        for (int round = 0; round < 300; round++)
        {
            using var blocker = new Blocker(queue);
            item.TryQueue(queue);
            int winners = 0;
            using var start = new Barrier(3);
            Background.JoinAll(Enumerable.Range(0, 3).Select(_ => Background.Start(() =>
            {
                start.SignalAndWait();
                if (item.CancelAndWait())
                    Interlocked.Increment(ref winners);
            })).ToArray());
            Assert.Equal(1, winners);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EveryAcceptedQueueingEitherRunsOrIsCancelled(bool waits)
    {
        using Workqueue queue = Workqueue.Create("race");
        const int Wanted = 200; // of each outcome
        int runs = 0, accepted = 0, cancelled = 0;
        bool stop = false;
        WorkItem item = null!;
        item = new WorkItem(() =>
        {
            if (Interlocked.Increment(ref runs) % 4 == 0 && item.TryQueue(queue))
            {
                Interlocked.Increment(ref accepted);
                Thread.Sleep(1); // Pending meanwhile: on a single CPU only here can a canceller come in.
            }
        });
        Thread canceller = Background.Start(() =>
        {
            for (; !Volatile.Read(ref stop); Thread.Yield())
            {
                if (Cancel(item, waits))
                    Interlocked.Increment(ref cancelled);
            }
        });
        for (; Volatile.Read(ref runs) < Wanted || Volatile.Read(ref cancelled) < Wanted; Thread.Yield())
        {
            if (item.TryQueue(queue))
                Interlocked.Increment(ref accepted);
        }
        Volatile.Write(ref stop, true);
        Background.JoinAll(canceller);
        cancelled += item.CancelAndWait() ? 1 : 0;
        item.Dispose();
        Assert.Equal(accepted, runs + cancelled);
    }

    [Fact]
    public void DisposeOfAPendingItemCancelsIt()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("disposepend");
        int runs = 0;
        var item = new WorkItem(() => runs++);
        using (new Blocker(queue))
        {
            item.TryQueue(queue);
            item.Dispose();
        }
        queue.Flush();
        Assert.Equal(0, runs);
    }

    [Fact]
    public void DisposeOfARunningItemWaitsForIt()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("disposerun");
        Gate running = new(), release = new();
        bool finished = false, seenFinished = false;
        var item = new WorkItem(() =>
        {
            running.Open();
            release.Pass("release");
            finished = true;
        });
        item.TryQueue(queue);
        running.Pass("run");
        var disposer = WaitingCall.Start(() =>
        {
            item.Dispose();
            seenFinished = finished;
        });
        Assert.True(disposer.Sleeps());
        release.Open();
        disposer.Join();
        Assert.True(seenFinished);
    }

    [Fact]
    public void ADisposedItemCannotBeQueuedOrCancelled()
    {
        using Workqueue queue = Workqueue.Create("gone");
        var item = new WorkItem(() => { });
        item.Dispose();
        item.Dispose();
        Assert.Throws<ObjectDisposedException>(() => item.TryQueue(queue));
        Assert.Throws<ObjectDisposedException>(() => item.CancelAndWait());
        Assert.Throws<ObjectDisposedException>(() => item.Cancel());
    }

    [Fact]
    public void AnItemMayDisposeItselfInItsCallback()
    {
        using Workqueue queue = Workqueue.Create("selfdispose");
        int runs = 0, failures = 0;
        for (int i = 0; i < 2_000; i++)
        {
            WorkItem item = null!;
            bool requeue = i % 2 == 0;
            item = new WorkItem(() =>
            {
                Interlocked.Increment(ref runs);
                if (requeue)
                    item.TryQueue(queue); // This one is never run.
                item.Dispose();
            });
            item.Failed += (_, _) => Interlocked.Increment(ref failures);
            item.TryQueue(queue);
        }
        queue.Flush();
        queue.Flush();
        Assert.Equal(2_000, runs);
        Assert.Equal(0, failures);
    }

    [Fact]
    public void AnItemMayBeDisposedByAnItemThatItsCallbackFlushes()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("nested");
        WorkItem outer = null!;
        bool disposed = false;
        using var inner = new WorkItem(() =>
        {
            outer.Dispose();
            disposed = true;
        });
        outer = new WorkItem(() =>
        {
            inner.TryQueue(queue);
            queue.Flush();
        });
        outer.TryQueue(queue);
        queue.Flush();
        Assert.True(disposed);
        Assert.Throws<ObjectDisposedException>(() => outer.TryQueue(queue));
    }

    [Fact]
    public void NoRunBeginsAfterDisposeReturned()
    {
        using Workqueue queue = Workqueue.Create("disposerace");
        const int Rounds = 500;
        int late = 0, dropped = 0;
        for (int round = 0; round < Rounds || dropped == 0; round++) // Some must be pending when they are disposed.
        {
            int accepted = 0, runs = 0;
            bool disposed = false;
            Gate ran = new();
            var item = new WorkItem(() =>
            {
                Interlocked.Increment(ref runs);
                ran.Open();
                if (Volatile.Read(ref disposed))
                    Interlocked.Increment(ref late);
            });
            Thread submitter = Background.Start(() =>
            {
                try
                {
                    while (true)
                        accepted += item.TryQueue(queue) ? 1 : 0;
                }
                catch (ObjectDisposedException)
                {
                }
            });
            ran.Pass("first run");
            item.Dispose();
            Volatile.Write(ref disposed, true);
            Background.JoinAll(submitter);
            queue.Flush();
            dropped += accepted - runs;
        }
        Assert.Equal(0, late);
    }

    private static bool Cancel(WorkItem item, bool waits) => waits ? item.CancelAndWait() : item.Cancel();
}
