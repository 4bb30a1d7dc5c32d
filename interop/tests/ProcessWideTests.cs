// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Mono.Unix.Native;
using Xunit;

namespace Workqueues.Tests;

/// <summary>CPUs, the freezer, reports and settings: what holds for the whole process.</summary>
[Watched]
public class ProcessWideTests
{
    private const int Einval = 22, Edeadlk = 35;

    [FactOnSeveralCpus]
    public void ACpuCanBeTakenOutAndBroughtBack()
    {
        int[] online = Enumerable.Range(0, Cpus.NumberLimit).Where(Cpus.IsOnline).ToArray();
        Assert.Equal(Environment.ProcessorCount, online.Length);
        using Workqueue queue = Workqueue.Create("hotplug");
        Cpus.Down(online[^1]);
        Assert.False(Cpus.IsOnline(online[^1]));
        WorkerThreads.AwaitCount($"hotplug/{online[^1]}", 0);
        int runs = 0;
        using var item = new WorkItem(() => runs++);
        item.TryQueue(queue);
        queue.Flush();
        Assert.Equal(1, runs);
        Cpus.Up(online[^1]);
        Assert.True(Cpus.IsOnline(online[^1]));
        Assert.Equal(0, Cpus.Rescan());
    }

    [Fact]
    public void CpusThatAreNotThereAreErrors()
    {
        Assert.False(Cpus.IsOnline(-1));
        Assert.Equal(Einval, Assert.Throws<Win32Exception>(() => Cpus.Down(-1)).NativeErrorCode);
        Assert.Equal(Einval, Assert.Throws<Win32Exception>(() => Cpus.Up(Cpus.NumberLimit)).NativeErrorCode);
    }

    [Fact]
    public void AnItemMayNotTakeCpusAway()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("nohotplug");
        using var item = new WorkItem(() => Cpus.Rescan());
        item.TryQueue(queue);
        queue.Flush();
        Assert.Equal(Edeadlk, Assert.IsType<Win32Exception>(item.LastException).NativeErrorCode);
    }

    [Fact]
    public void AFrozenQueueWithNothingPendingCanBeDisposed()
    {
        Freezer.Freeze();
        try
        {
            Workqueue queue = Workqueue.CreateFreezable("frozenidle");
            queue.Dispose();
            Assert.False(Freezer.IsBusy);
        }
        finally
        {
            Freezer.Thaw();
        }
    }

    [Fact]
    public async Task FrozenQueuesStandStillUntilTheThaw()
    {
        using Workqueue queue = Workqueue.CreateFreezable("frozen"), other = Workqueue.CreateSingleThread("awake");
        Assert.True(queue.IsFreezable);
        int runs = 0, others = 0;
        using WorkItem item = new(() => runs++), unaffected = new(() => others++);
        await Freezer.FreezeAsync();
        try
        {
            item.TryQueue(queue);
            unaffected.TryQueue(other);
            other.Flush();
            Assert.Equal((0, 1), (runs, others));
        }
        finally
        {
            Freezer.Thaw();
        }
        queue.Flush();
        Assert.Equal(1, runs);
        Assert.False(Freezer.IsBusy);
        Assert.False(Freezer.StandStill());
    }

    [Fact]
    public async Task AnItemThatStandsStillCountsAsStopped()
    {
        using Workqueue queue = Workqueue.CreateFreezable("standstill");
        Gate running = new();
        bool stood = false;
        using var item = new WorkItem(() =>
        {
            running.Open();
            while (!stood)
                stood = Freezer.StandStill();
        });
        item.TryQueue(queue);
        running.Pass("run");
        await Freezer.FreezeAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
        Freezer.Thaw();
        queue.Flush();
        Assert.True(stood);
    }

    [Fact]
    public void ReportsAreAnEvent()
    {
        List<WorkqueueReportEventArgs> reports = [];
        EventHandler<WorkqueueReportEventArgs> handler = (_, e) =>
        {
            lock (reports)
                reports.Add(e);
            throw new FormatException(); // goes nowhere
        };
        WorkqueueLog.Reported += handler;
        try
        {
            using Workqueue queue = Workqueue.CreateSingleThread(new string('n', 40)); // is cut, with a warning
        }
        finally
        {
            WorkqueueLog.Reported -= handler;
            DirectQueueing.ReportsReachManagedCode = false;
        }
        WorkqueueReportEventArgs report = Assert.Single(reports);
        Assert.Equal(WorkqueueReportLevel.Warning, report.Level);
        Assert.NotEmpty(report.Text);
    }

    [Fact]
    public unsafe void AnItemThatWasOverwrittenIsReportedAlsoToManagedCode()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("overwritten");
        using var item = new WorkItem(() => { });
        WorkStruct* work = item.Work;
        int reports = 0;
        EventHandler<WorkqueueReportEventArgs> handler = (_, e) =>
            reports += e.Text.Contains("cannot queue item", StringComparison.Ordinal) ? 1 : 0;
        WorkqueueLog.Reported += handler;
        try
        {
            work->Data ^= 1u << 7; // no state has this bit
            Assert.False(item.TryQueue(queue));
            work->Data ^= 1u << 7;
            Assert.True(item.TryQueue(queue));
        }
        finally
        {
            WorkqueueLog.Reported -= handler;
            DirectQueueing.ReportsReachManagedCode = false;
        }
        Assert.Equal(1, reports);
    }

    [Fact]
    public void SettingsAreChecked()
    {
        Assert.Throws<ArgumentOutOfRangeException>("bytes", () => WorkqueueSettings.SetWorkerStackSize(-1));
        Assert.Throws<ArgumentOutOfRangeException>("bytes", () => WorkqueueSettings.SetWorkerStackSize(1));
        Assert.Throws<ArgumentOutOfRangeException>(
            "timeout", () => WorkqueueSettings.SetStallTimeout(TimeSpan.FromTicks(-10_001)));
        Assert.Throws<ArgumentOutOfRangeException>(
            "timeout", () => WorkqueueSettings.SetStallTimeout(TimeSpan.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(
            "timeout", () => WorkqueueSettings.SetIdleTimeout(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(
            "timeout", () => WorkqueueSettings.SetIdleTimeout(TimeSpan.FromDays(50)));
        WorkqueueSettings.EnableLockdep();
    }

    [Fact]
    public void AWaitThatStallsIsReported()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("stalls");
        Gate reported = new();
        EventHandler<WorkqueueReportEventArgs> handler = (_, e) =>
        {
            if (e.Text.Contains("stalls", StringComparison.Ordinal))
                reported.Open();
        };
        WorkqueueLog.Reported += handler;
        WorkqueueSettings.SetStallTimeout(TimeSpan.FromMilliseconds(20));
        using (new Blocker(queue))
        {
            _ = Task.Run(queue.Flush);
            reported.Pass("report of the stall");
        }
        WorkqueueSettings.SetStallTimeout(TimeSpan.FromSeconds(30));
        WorkqueueLog.Reported -= handler;
        DirectQueueing.ReportsReachManagedCode = false;
    }

    [Fact]
    public void ASharedWorkerWithNothingToDoEndsAfterTheTimeThatWasSet()
    {
        WorkqueueSettings.SetIdleTimeout(TimeSpan.FromTicks(1)); // which is a millisecond, and not never
        try
        {
            using Workqueue queue = Workqueue.Create(new WorkqueueOptions("idles") { IsUnbound = true });
            int worker = 0;
            using var item = new WorkItem(() => worker = CurrentThread.Id());
            item.TryQueue(queue);
            queue.Flush();
            Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/self/task/{worker}"), TimeSpan.FromSeconds(20)));
            Assert.True(item.TryQueue(queue));
            queue.Flush();
        }
        finally
        {
            WorkqueueSettings.SetIdleTimeout(TimeSpan.FromMinutes(5));
        }
    }

    [Fact]
    public void WorkersHaveTheStackThatWasSet()
    {
        const long Size = 48 << 20; // more than the C library keeps of ended threads' stacks
        WorkqueueSettings.SetWorkerStackSize(Size);
        using Workqueue queue = Workqueue.CreateSingleThread("stack");
        WorkqueueSettings.SetWorkerStackSize(0);
        long depth = 0;
        using var item = new WorkItem(() => depth = BytesBelow());
        item.TryQueue(queue);
        queue.Flush();
        Assert.InRange(depth, Size / 2, Size);
    }

    [Fact]
    public void WorkersHaveThePriorityThatTheKernelGrants()
    {
        using Workqueue queue = Workqueue.CreateSingleThread("nice");
        int own = Nice(), worker = int.MaxValue;
        using var item = new WorkItem(() => worker = Nice());
        item.TryQueue(queue);
        queue.Flush();
        Assert.True(worker == -5 || worker == own, $"nice {worker}");
        if (Syscall.geteuid() == 0 && worker != -5)
            Assert.False(CanRaisePriority());
    }

    // Field 19 of stat, counted after the name, which is in parentheses.
    private static int Nice()
    {
        string stat = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
    }

    // Bit 23 of the effective capabilities.
    private static bool CanRaisePriority()
    {
        string line = File.ReadLines("/proc/thread-self/status")
            .Single(l => l.StartsWith("CapEff:", StringComparison.Ordinal));
        return ((ulong.Parse(line[7..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> 23) & 1) != 0;
    }

    // From here to the lower end of the mapping that the stack is.
    private static unsafe long BytesBelow()
    {
        byte here;
        long at = (long)&here;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] range = line[..line.IndexOf(' ')].Split('-');
            long start = long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (at >= start && at < long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture))
                return at - start;
        }
        return 0;
    }
}
