// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Workqueues.Tests;

/// <summary>PeriodicWorkItem.</summary>
[Watched]
public class PeriodicTests
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(2);

    [Fact]
    public void ItRunsAgainAndAgainUntilItIsStopped()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("periodic");
        int runs = 0;
        using var periodic = new PeriodicWorkItem(() => Interlocked.Increment(ref runs));
        periodic.Start(queue, s_period);
        Assert.True(periodic.IsStarted);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref runs) >= 5, TimeSpan.FromSeconds(20)));
        periodic.Stop();
        int after = runs;
        LetSomePeriodsPass();
        Assert.Equal(after, runs);
        Assert.False(periodic.IsStarted);
    }

    [Fact]
    public void ItGoesOnAfterAnException()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("periodicthrows");
        int runs = 0, failures = 0;
        using var periodic = new PeriodicWorkItem(() =>
        {
            runs++;
            throw new FormatException();
        });
        periodic.Failed += (_, e) => failures += e.Exception is FormatException ? 1 : 0;
        periodic.Start(queue, s_period);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref failures) >= 3, TimeSpan.FromSeconds(20)));
        periodic.Stop();
        Assert.Equal(runs, failures);
        Assert.IsType<FormatException>(periodic.LastException);
    }

    [Fact]
    public void ItMayStopItselfAndBeStartedAgain()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("selfstop");
        int runs = 0;
        PeriodicWorkItem periodic = null!;
        periodic = new PeriodicWorkItem(() =>
        {
            Interlocked.Increment(ref runs);
            periodic.Stop();
        });
        for (int i = 1; i <= 3; i++)
        {
            periodic.Start(queue, s_period);
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref runs) == i, TimeSpan.FromSeconds(20)));
            queue.Flush();
            Assert.False(periodic.IsStarted);
        }
        periodic.Dispose();
    }

    [Fact]
    public async Task StopTellsTheRunByItsToken()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("stoptoken");
        Gate running = new();
        bool told = false;
        await using var periodic = new PeriodicWorkItem(token =>
        {
            running.Open();
            told = token.WaitHandle.WaitOne(TimeSpan.FromSeconds(20));
        });
        periodic.Start(queue, s_period);
        running.Pass("run");
        await periodic.StopAsync();
        Assert.True(told);
    }

    [Fact]
    public void AStartWhileAStopWaitsIsNotLost()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("restart");
        Gate running = new(), release = new(), again = new();
        int runs = 0;
        using var periodic = new PeriodicWorkItem(() =>
        {
            if (Interlocked.Increment(ref runs) > 1)
                again.Open();
            running.Open();
            release.Pass("release");
        });
        periodic.Start(queue, s_period);
        running.Pass("run");
        var stop = WaitingCall.Start(periodic.Stop);
        Assert.True(stop.Sleeps());
        periodic.Start(queue, s_period);
        release.Open();
        stop.Join();
        again.Pass("run after the second start");
        Assert.True(periodic.IsStarted);
    }

    [Fact]
    public void RunsOnTwoQueuesDoNotOverlap()
    {
        using Workqueue first = Workqueue.CreateSingleThread("firstq"), second = Workqueue.CreateSingleThread("secondq");
        Gate stopped = new(), release = new(), later = new();
        int runs = 0, inside = 0, overlaps = 0;
        PeriodicWorkItem periodic = null!;
        periodic = new PeriodicWorkItem(() =>
        {
            overlaps += Interlocked.Increment(ref inside) - 1;
            if (Interlocked.Increment(ref runs) == 1)
            {
                periodic.Stop();
                stopped.Open();
                release.Pass("release");
            }
            else
            {
                later.Open();
            }
            Interlocked.Decrement(ref inside);
        });
        periodic.Start(first, s_period);
        stopped.Pass("stop");
        periodic.Start(second, s_period);
        LetSomePeriodsPass();
        release.Open();
        later.Pass("run after the first");
        periodic.Dispose();
        Assert.Equal(0, overlaps);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ItGoesOnWhenItsQueueHasBeenDrained(bool shared)
    {
        using Workqueue queue = Workqueue.Create(
            new WorkqueueOptions("drainperiodic") { IsOrdered = shared, IsSingleThreaded = !shared });
        int runs = 0;
        using var periodic = new PeriodicWorkItem(() => Interlocked.Increment(ref runs));
        await DrainWhile(queue, () =>
        {
            periodic.Start(queue, s_period);
            AwaitRefusal(periodic);
        });
        Assert.True(periodic.IsStarted);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref runs) >= 3, TimeSpan.FromSeconds(20)));
        periodic.Stop();
    }

    [Fact]
    public async Task OneThatTheProgramHasDroppedGoesOnToo()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("draindropped");
        int runs = 0;
        WeakReference<PeriodicWorkItem> dropped = null!;
        await DrainWhile(queue, () =>
        {
            dropped = StartDropped(queue, () => Interlocked.Increment(ref runs));
            for (int i = 0; i < 3; i++)
            {
                ItemRoots.All.Sweep();
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref runs) >= 3, TimeSpan.FromSeconds(20)));
        Assert.True(dropped.TryGetTarget(out PeriodicWorkItem? periodic));
        periodic.Dispose();
    }

    [Fact]
    public async Task OneThatIsStoppedMeanwhileDoesNot()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("drainstopped");
        int runs = 0;
        using var periodic = new PeriodicWorkItem(() => Interlocked.Increment(ref runs));
        await DrainWhile(queue, () =>
        {
            periodic.Start(queue, s_period);
            AwaitRefusal(periodic);
            periodic.Stop();
        });
        Assert.False(periodic.IsPending);
        LetSomePeriodsPass();
        Assert.Equal(0, runs);
    }

    [Fact]
    public void ItEndsWithItsQueue()
    {
        int runs = 0;
        using var periodic = new PeriodicWorkItem(() => Interlocked.Increment(ref runs));
        using (Workqueue queue = Workqueue.CreateSingleThread("endsperiodic"))
        {
            periodic.Start(queue, s_period);
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref runs) >= 2, TimeSpan.FromSeconds(20)));
        }
        int after = runs;
        LetSomePeriodsPass();
        Assert.Equal(after, runs);
        Assert.Null(periodic.LastException);
        using Workqueue other = Workqueue.CreateSingleThread("goeson");
        Assert.Throws<InvalidOperationException>(() => periodic.Start(other, s_period));
        periodic.Stop();
        periodic.Start(other, s_period);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref runs) > after, TimeSpan.FromSeconds(20)));
        periodic.Stop();
    }

    [Fact]
    public void ArgumentsAndStateAreChecked()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("periodicargs");
        var periodic = new PeriodicWorkItem(() => { });
        Assert.Throws<ArgumentNullException>("queue", () => periodic.Start(null!, s_period));
        Assert.Throws<ArgumentOutOfRangeException>("period", () => periodic.Start(queue, TimeSpan.Zero));
        Assert.Throws<ArgumentNullException>("callback", () => new PeriodicWorkItem((Action)null!));
        periodic.Start(queue, TimeSpan.FromHours(1));
        Assert.Throws<InvalidOperationException>(() => periodic.Start(queue, s_period));
        periodic.Dispose();
        Assert.Throws<ObjectDisposedException>(() => periodic.Start(queue, s_period));
        Assert.False(periodic.IsStarted);
    }

    // The drain has begun, and waits for a blocked worker.
    private static async Task DrainWhile(Workqueue queue, Action action)
    {
        using var probe = new WorkItem(() => { });
        Task drain;
        using (new Blocker(queue))
        {
            drain = queue.DrainAsync();
            DrainTests.AwaitRefusal(probe, queue);
            action();
            Assert.False(drain.IsCompleted);
        }
        await drain.WaitAsync(TimeSpan.FromSeconds(20));
    }

    // Its delay has ended, and nothing is armed.
    private static void AwaitRefusal(PeriodicWorkItem periodic) =>
        Assert.True(SpinWait.SpinUntil(() => !periodic.IsPending, TimeSpan.FromSeconds(20)));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<PeriodicWorkItem> StartDropped(Workqueue queue, Action callback)
    {
        var periodic = new PeriodicWorkItem(callback);
        periodic.Start(queue, s_period);
        AwaitRefusal(periodic);
        return new WeakReference<PeriodicWorkItem>(periodic);
    }

    // As an item of the same period sees it.
    private static void LetSomePeriodsPass()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("meanwhile");
        int runs = 0;
        using var other = new PeriodicWorkItem(() => Interlocked.Increment(ref runs));
        other.Start(queue, s_period);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref runs) >= 5, TimeSpan.FromSeconds(20)));
    }
}
