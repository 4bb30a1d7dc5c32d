// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Mono.Unix;
using Mono.Unix.Native;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Workers leave the process's signals alone.</summary>
[Watched]
public class SignalTests
{
    [Fact]
    public void WorkersBlockAsynchronousSignals()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("masked");
        ulong blocked = BlockedSignals(queue);
        Assert.All(
            new[] { Signum.SIGTERM, Signum.SIGINT, Signum.SIGHUP, Signum.SIGCHLD, Signum.SIGALRM, Signum.SIGUSR1 },
            signal => Assert.True(IsIn(blocked, signal), signal.ToString()));
    }

    [Fact]
    public void WorkersTakeTheSignalsOfTheirOwnFaults()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("open");
        ulong blocked = BlockedSignals(queue);
        Assert.All(
            new[] { Signum.SIGSEGV, Signum.SIGBUS, Signum.SIGFPE, Signum.SIGILL, Signum.SIGTRAP, Signum.SIGSYS },
            signal => Assert.False(IsIn(blocked, signal), signal.ToString()));
    }

    [Fact]
    public void ASignalReachesItsHandlerWhileAWorkerRuns()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("signalled");
        using var signal = new UnixSignal(Signum.SIGUSR2);
        using (new Blocker(queue))
        {
            Assert.Equal(0, Syscall.kill(Syscall.getpid(), Signum.SIGUSR2));
            Assert.True(SpinWait.SpinUntil(() => signal.IsSet, TimeSpan.FromSeconds(20)));
        }
    }

    [Fact]
    public void WorkersAreThreadsOfThisProcess()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("ours");
        string[] own = StatusOfAWorker(queue, "Tgid:", "Pid:");
        string pid = Syscall.getpid().ToString(CultureInfo.InvariantCulture);
        Assert.Equal(pid, own[0]);
        Assert.NotEqual(pid, own[1]);
    }

    private static ulong BlockedSignals(Workqueue queue) =>
        ulong.Parse(StatusOfAWorker(queue, "SigBlk:")[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // Read by a callback: by then the worker is set up.
    private static string[] StatusOfAWorker(Workqueue queue, params string[] fields)
    {
        string[] lines = [];
        using var item = new WorkItem(() => lines = File.ReadAllLines("/proc/thread-self/status"));
        item.TryQueue(queue);
        queue.Flush();
        return fields
            .Select(field => lines.Single(l => l.StartsWith(field, StringComparison.Ordinal))[field.Length..].Trim())
            .ToArray();
    }

    private static bool IsIn(ulong set, Signum signal) => ((set >> (NativeConvert.FromSignum(signal) - 1)) & 1) != 0;
}
