// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;
using System.Threading;
using Mono.Unix;
using Mono.Unix.Native;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Workers and what they start take signals as the runtime's threads do.</summary>
[Watched]
public class SignalTests
{
    [Fact]
    public void WorkersBlockWhatTheirCreatorDoes()
    {
        ulong own = Blocked(File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith("SigBlk:")).Split()[1]);
        using Workqueue queue = Workqueue.CreateSingleThread("open");
        Assert.Equal(own, BlockedSignals(queue));
        Assert.False(((BlockedSignals(Workqueue.System) >> (NativeConvert.FromSignum(Signum.SIGTERM) - 1)) & 1) != 0);
    }

    // As in a program that has created no queue: another copy of the assembly asks for it, and a worker is started without this one.
    [Fact]
    public unsafe void TheSystemQueueAloneIsEnoughForThat()
    {
        NativeMethods.wq_set_worker_signals(false);
        var context = new AssemblyLoadContext("system", isCollectible: true);
        Assembly copy = context.LoadFromAssemblyPath(typeof(Workqueue).Assembly.Location);
        Assert.NotNull(copy.GetType("Workqueues.Workqueue")!.GetProperty("System")!.GetValue(null));
        context.Unload();
        using WorkqueueHandle queue = NativeMethods.__create_workqueue_key("bare", 1, 0, null, null);
        string status = "";
        using var item = new WorkItem(() => status = File.ReadAllText("/proc/thread-self/status"));
        Assert.True(NativeMethods.queue_work(queue, item.Work));
        NativeMethods.flush_workqueue(queue);
        Assert.Equal(Field(File.ReadAllText("/proc/thread-self/status"), "SigBlk:"), Field(status, "SigBlk:"));
    }

    [Fact]
    public void AProcessThatACallbackStartsCanBeTerminated()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("parent");
        Process? child = null;
        using var item = new WorkItem(() => child = Process.Start("sleep", "60"));
        item.TryQueue(queue);
        queue.Flush();
        using (child)
        {
            Assert.Equal(0, Syscall.kill(child!.Id, Signum.SIGTERM));
            Assert.True(child.WaitForExit(TimeSpan.FromSeconds(20)));
        }
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

    private static string Field(string status, string name) =>
        status.Split('\n').Single(line => line.StartsWith(name, StringComparison.Ordinal));

    private static ulong BlockedSignals(Workqueue queue) =>
        Blocked(StatusOfAWorker(queue, "SigBlk:")[0]);

    private static ulong Blocked(string mask) =>
        ulong.Parse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

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
}
