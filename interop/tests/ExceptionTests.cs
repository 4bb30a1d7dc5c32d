// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Threading;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Exceptions that leave a callback are delivered and harm nobody.</summary>
[Watched]
public class ExceptionTests
{
    [Fact]
    public void AnExceptionIsDeliveredAndTheNextItemRuns()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("throws");
        var thrown = new InvalidOperationException("on purpose");
        Exception? delivered = null;
        object? sender = null;
        int runs = 0;
        using var bad = new WorkItem(() => throw thrown);
        using var next = new WorkItem(() => runs++);
        bad.Failed += (s, e) => (sender, delivered) = (s, e.Exception);
        bad.TryQueue(queue);
        next.TryQueue(queue);
        queue.Flush();
        Assert.Same(thrown, delivered);
        Assert.Same(bad, sender);
        Assert.Same(thrown, bad.LastException);
        Assert.Equal(1, runs);
        Assert.Null(next.LastException);
    }

    [Fact]
    public void AnItemThatThrewCanRunAgain()
    {
        using Workqueue queue = Workqueue.Create("throwsoften");
        int failures = 0;
        using var item = new WorkItem(() => throw new FormatException());
        item.Failed += (_, _) => Interlocked.Increment(ref failures);
        for (int i = 0; i < 200; i++)
        {
            Assert.True(item.TryQueue(queue));
            queue.Flush();
        }
        Assert.Equal(200, failures);
        Assert.IsType<FormatException>(item.LastException);
        Assert.False(item.CancelAndWait());
    }

    [Fact]
    public void AnExceptionOfAHandlerIsKeptBesideTheFirst()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("handler");
        using var item = new WorkItem(() => throw new FormatException());
        int told = 0;
        item.Failed += (_, _) => throw new TimeoutException();
        item.Failed += (_, _) => told++;
        item.TryQueue(queue);
        queue.Flush();
        Assert.Equal(1, told);
        var both = Assert.IsType<AggregateException>(item.LastException);
        Assert.Collection(
            both.InnerExceptions,
            e => Assert.IsType<FormatException>(e),
            e => Assert.IsType<TimeoutException>(e));
    }

    [Fact]
    public void AnItemThatThrewWithinANestedFlushLeavesTheOuterOneIntact()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("nestedthrow");
        bool outerFinished = false;
        using var inner = new WorkItem(() => throw new FormatException());
        using var outer = new WorkItem(() =>
        {
            inner.TryQueue(queue);
            queue.Flush();
            outerFinished = true;
        });
        outer.TryQueue(queue);
        queue.Flush();
        Assert.True(outerFinished);
        Assert.IsType<FormatException>(inner.LastException);
        Assert.Null(outer.LastException);
    }

    [Fact]
    public void AHardwareFaultInACallbackIsAnExceptionToo()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("fault");
        string? nothing = null;
        int zero = 0, sink = 0;
        using var dereference = new WorkItem(() => sink += nothing!.Length);
        using var divide = new WorkItem(() => sink += 1 / zero);
        dereference.TryQueue(queue);
        divide.TryQueue(queue);
        queue.Flush();
        Assert.IsType<NullReferenceException>(dereference.LastException);
        Assert.IsType<DivideByZeroException>(divide.LastException);
    }
}
