// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Threading;
using Xunit;

namespace Workqueues.Tests;

/// <summary>An event that a test waits for with a limit, so that orders need no sleeps.</summary>
internal sealed class Gate
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly ManualResetEventSlim _event = new();

    public bool IsOpen => _event.IsSet;

    public void Open() => _event.Set();

    public void Pass(string what)
    {
        if (!_event.Wait(s_limit))
            throw new TimeoutException($"Waited in vain for: {what}.");
    }
}

/// <summary>Occupies the only worker of a single-thread queue until it is released.</summary>
internal sealed class Blocker : IDisposable
{
    private readonly Gate _entered = new();
    private readonly Gate _release = new();
    private readonly WorkItem _item;

    public Blocker(Workqueue queue)
    {
        _item = new WorkItem(() =>
        {
            _entered.Open();
            _release.Pass("release of the blocked worker");
        });
        if (!_item.TryQueue(queue))
            throw new InvalidOperationException("The blocker was not queued.");
        _entered.Pass("worker to reach the blocker");
    }

    public void Release() => _release.Open();

    public void Dispose()
    {
        Release();
        _item.Dispose();
        Assert.Null(_item.LastException); // It did not wait in vain.
    }
}

/// <summary>Runs an action on a thread of its own.</summary>
internal static class Background
{
    public static Thread Start(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }

    public static void JoinAll(params Thread[] threads)
    {
        foreach (Thread thread in threads)
        {
            if (!thread.Join(TimeSpan.FromSeconds(40)))
                throw new TimeoutException("A test thread did not end.");
        }
    }
}
