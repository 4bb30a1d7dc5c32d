// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Workqueues.Tests;

/// <summary>WorkqueueTaskScheduler.</summary>
[Watched]
public class TaskSchedulerTests
{
    [Fact]
    public async Task ATaskRunsOnAWorker()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("tasks");
        TaskFactory factory = new(new WorkqueueTaskScheduler(queue));
        Assert.Equal("tasks", await factory.StartNew(CurrentThread.Name));
    }

    [Fact]
    public async Task TasksOfAQueueOfOneThreadRunInOrderAndNeverAtOnce()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("ordered");
        TaskFactory factory = new(new WorkqueueTaskScheduler(queue));
        List<int> order = [];
        int inside = 0, overlaps = 0;
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => factory.StartNew(() =>
        {
            overlaps += Interlocked.Increment(ref inside) - 1;
            order.Add(i);
            Interlocked.Decrement(ref inside);
        })));
        Assert.Equal(0, overlaps);
        Assert.Equal(Enumerable.Range(0, 1_000), order);
    }

    [Fact]
    public async Task AnExceptionIsTheTasks()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("taskthrows");
        TaskFactory factory = new(new WorkqueueTaskScheduler(queue));
        await Assert.ThrowsAsync<FormatException>(() => factory.StartNew(() => throw new FormatException()));
        await factory.StartNew(() => { });
    }

    [Fact]
    public async Task ATaskMayWaitForItsChildOnTheOnlyThread()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("child");
        TaskFactory factory = new(new WorkqueueTaskScheduler(queue));
        int result = await factory.StartNew(() => factory.StartNew(() => 42).Result);
        Assert.Equal(42, result);
    }

    [Fact]
    public async Task WhatFollowsAnAwaitReturnsToTheScheduler()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("await");
        TaskFactory factory = new(new WorkqueueTaskScheduler(queue));
        string[] names = await factory.StartNew(async () =>
        {
            Assert.Null(SynchronizationContext.Current);
            string before = CurrentThread.Name();
            await Task.Delay(1);
            return new[] { before, CurrentThread.Name() };
        }).Unwrap();
        Assert.Equal(new[] { "await", "await" }, names);
    }

    [Fact]
    public async Task ACancelledTaskDoesNotRun()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("taskcancel");
        TaskFactory factory = new(new WorkqueueTaskScheduler(queue));
        using var source = new CancellationTokenSource();
        int runs = 0;
        Task task;
        using (new Blocker(queue))
        {
            task = factory.StartNew(() => runs++, source.Token);
            source.Cancel();
        }
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task); // known when its turn comes
        queue.Flush();
        Assert.Equal(0, runs);
    }

    [Fact]
    public void ParallelForWorksOnIt()
    {
        using Workqueue queue = Workqueue.Create("parallel");
        int sum = 0;
        var options = new ParallelOptions { TaskScheduler = new WorkqueueTaskScheduler(queue) };
        Parallel.For(0, 10_000, options, i => Interlocked.Add(ref sum, i));
        Assert.Equal(10_000 * 9_999 / 2, sum);
    }

    [Fact]
    public async Task DisposingTheQueueRunsTheTasksThatWaitAndOthersRunOnThePool()
    {
        Workqueue queue = Workqueue.CreateSingleThread("lasttasks");
        TaskFactory factory = new(new WorkqueueTaskScheduler(queue));
        Task<int>[] tasks = Enumerable.Range(0, 100).Select(i => factory.StartNew(() => i)).ToArray();
        queue.Dispose();
        Assert.Equal(4950, (await Task.WhenAll(tasks)).Sum());
        Assert.True(await factory.StartNew(() => Thread.CurrentThread.IsThreadPoolThread));
        int running = 0;
        bool alone = true;
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => factory.StartNew(() =>
        {
            alone &= Interlocked.Increment(ref running) == 1;
            Interlocked.Decrement(ref running);
        })));
        Assert.True(alone);
        MethodInfo scheduled = typeof(TaskScheduler).GetMethod(
            "GetScheduledTasks", BindingFlags.Instance | BindingFlags.NonPublic)!;
        Assert.Empty((IEnumerable<Task>)scheduled.Invoke(factory.Scheduler, null)!);
    }

    [Fact]
    public async Task AnAsyncMethodEndsThoughTheQueueWasDisposedMeanwhile()
    {
        Workqueue queue = Workqueue.CreateSingleThread("goneon");
        TaskFactory factory = new(new WorkqueueTaskScheduler(queue));
        TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool> method = factory.StartNew(async () =>
        {
            await disposed.Task;
            await Task.Yield();
            return Thread.CurrentThread.IsThreadPoolThread;
        }).Unwrap();
        queue.Dispose();
        disposed.SetResult();
        Assert.True(await method.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void ItsConcurrencyIsTheQueues()
    {
        using Workqueue one = Workqueue.CreateSingleThread("one"), many = Workqueue.Create("many");
        Assert.Equal(1, new WorkqueueTaskScheduler(one).MaximumConcurrencyLevel);
        Assert.Equal(Environment.ProcessorCount, new WorkqueueTaskScheduler(many).MaximumConcurrencyLevel);
        Assert.Throws<ArgumentNullException>("queue", () => new WorkqueueTaskScheduler(null!));
    }

    [Fact]
    public async Task TasksFromManyThreadsAllRun()
    {
        using Workqueue queue = Workqueue.Create("manythreads");
        TaskFactory factory = new(new WorkqueueTaskScheduler(queue));
        int runs = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                Task task = factory.StartNew(() => Interlocked.Increment(ref runs));
                if (i % 100 == 0)
                    await task;
            }
        })));
        queue.Flush();
        Assert.Equal(20_000, runs);
    }
}
