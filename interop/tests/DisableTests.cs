// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Disable, Enable and their like.</summary>
[Watched]
public class DisableTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromHours(1);

    [Fact]
    public void ADisabledItemIsTakenBackAndRefusesUntilItIsEnabledAsOften()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("disabled");
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        using (new Blocker(queue))
        {
            Assert.True(item.TryQueue(queue));
            Assert.True(item.Disable());
            Assert.False(item.IsPending);
        }
        Assert.False(item.DisableAndWait());
        Assert.False(item.TryQueue(queue));
        Assert.False(item.Enable());
        Assert.False(item.TryQueueOn(queue, 0));
        Assert.True(item.Enable());
        Assert.True(item.TryQueue(queue));
        queue.Flush();
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task ADelayIsTakenBackToo()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("disableddelay");
        using var item = new DelayedWorkItem(() => { });
        item.Schedule(queue, s_long);
        Task run = item.WaitForRunAsync();
        Assert.True(item.Disable());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.False(item.Schedule(queue, s_long));
        Assert.False(item.Reschedule(queue, s_long));
        Assert.False(item.Reschedule(Workqueue.System, s_long));
        Assert.True(item.Enable());
        Assert.True(item.Schedule(queue, s_long));
        Assert.True(item.DisableAndWait());
        Assert.True(item.Enable());
        Assert.True(item.Reschedule(queue, s_long));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DisableAndWaitWaitsForTheRunAndCancelsItsToken(bool inPool)
    {
        using Workqueue queue = Workqueue.CreateSingleThread("disablewait");
        Gate running = new();
        bool finished = false;
        using var item = new WorkItem(token =>
        {
            running.Open();
            Assert.True(token.WaitHandle.WaitOne(TimeSpan.FromSeconds(20)));
            Volatile.Write(ref finished, true);
        });
        item.TryQueue(queue);
        running.Pass("run");
        Assert.False(inPool ? await item.DisableAndWaitAsync() : item.DisableAndWait());
        Assert.True(Volatile.Read(ref finished));
        Assert.Null(item.LastException);
        Assert.False(item.TryQueue(queue));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EnableAndQueueQueuesWhenTheLastDisablingIsUndone(bool onSystem)
    {
        using Workqueue own = Workqueue.CreateSingleThread("enableq");
        Workqueue queue = onSystem ? Workqueue.System : own;
        int runs = 0;
        using var item = new WorkItem(() => Interlocked.Increment(ref runs));
        item.Disable();
        item.Disable();
        Assert.False(item.EnableAndQueue(queue));
        Assert.Equal(0, runs);
        Assert.True(item.EnableAndQueue(queue));
        queue.Flush();
        Assert.Equal(1, runs);
    }

    [Fact]
    public void EnablingTooOftenIsReportedAndChangesNothing()
    {
        List<string> reports = [];
        EventHandler<WorkqueueReportEventArgs> handler = (_, e) =>
        {
            lock (reports)
                reports.Add(e.Text);
        };
        WorkqueueLog.Reported += handler;
        try
        {
            using Workqueue queue = Workqueue.CreateSingleThread("underflow");
            using var item = new DelayedWorkItem(() => { });
            Assert.False(item.Enable());
            Assert.True(item.Reschedule(queue, s_long));
            Assert.True(item.Disable());
            Assert.False(item.Reschedule(queue, s_long));
        }
        finally
        {
            WorkqueueLog.Reported -= handler;
            DirectQueueing.ReportsReachManagedCode = false;
        }
        Assert.Contains("underflowed", Assert.Single(reports), StringComparison.Ordinal);
    }

    [Fact]
    public void ADisposedItemOrQueueThrows()
    {
        Workqueue queue = Workqueue.CreateSingleThread("disabledgone");
        using var item = new WorkItem(() => { });
        item.Disable();
        queue.Dispose();
        Assert.Throws<ObjectDisposedException>(() => item.EnableAndQueue(queue));
        Assert.Throws<ArgumentNullException>("queue", () => item.EnableAndQueue(null!));
        Assert.True(item.Enable());
        item.Dispose();
        Assert.Throws<ObjectDisposedException>(() => item.Disable());
        Assert.Throws<ObjectDisposedException>(() => item.DisableAndWait());
        Assert.Throws<ObjectDisposedException>(() => item.Enable());
        Assert.Throws<ObjectDisposedException>(() => item.EnableAndQueue(Workqueue.System));
    }
}
