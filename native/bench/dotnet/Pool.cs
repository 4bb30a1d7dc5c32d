// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Diagnostics;
using System.Threading;

namespace Bench;

/// <summary>
/// W1, W1b, W2, W3 on the ThreadPool with one thread. Items are IThreadPoolWorkItem objects
/// made beforehand, the cheapest thing the pool takes; a requeueing item goes to the local queue.
/// </summary>
internal static class Pool
{
    private static readonly ManualResetEventSlim s_allRun = new();
    private static int s_nrRun, s_nrExpected, s_workerThread;

    private sealed class Counter : IThreadPoolWorkItem
    {
        public void Execute()
        {
            if (++s_nrRun == s_nrExpected)
                s_allRun.Set();
        }
    }

    private sealed class Requeuer : IThreadPoolWorkItem
    {
        public void Execute()
        {
            if (++s_nrRun == s_nrExpected)
                s_allRun.Set();
            else
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }
    }

    private sealed class Pinner(int cpu) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            int thread = Environment.CurrentManagedThreadId;
            if (s_workerThread != 0 && s_workerThread != thread)
                throw new InvalidOperationException("the pool has a second thread");
            s_workerThread = thread;
            Program.PinToCpu(cpu);
            s_allRun.Set();
        }
    }

    public static void Run()
    {
        bool twoCpus = Environment.ProcessorCount > 1;
        if (Program.Wanted("W1") && twoCpus)
            Throughput("W1", cpu: 1);
        if (Program.Wanted("W1b"))
            Throughput("W1b", cpu: 0);
        if (Program.Wanted("W2"))
        {
            RoundTrips("one CPU", cpu: 0);
        }
        if (Program.Wanted("W2") && twoCpus)
        {
            RoundTrips("two CPUs", cpu: 1);
        }
        if (Program.Wanted("W3") && twoCpus)
            SelfRequeue();
    }

    private static void Queue(IThreadPoolWorkItem item) =>
        ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);

    private static void Expect(int nr)
    {
        s_nrRun = 0;
        s_nrExpected = nr;
        s_allRun.Reset();
    }

    private static void Pin(int cpu)
    {
        Program.PinToCpu(0);
        s_allRun.Reset();
        Queue(new Pinner(cpu));
        s_allRun.Wait();
    }

    private static void QueueAll(ReadOnlySpan<Counter> items)
    {
        Expect(items.Length);
        foreach (Counter item in items)
            Queue(item);
        s_allRun.Wait();
    }

    private static void Throughput(string workload, int cpu)
    {
        var items = new Counter[Program.Quick ? 500_000 : 5_000_000];
        for (int i = 0; i < items.Length; i++)
            items[i] = new Counter();
        Pin(cpu);
        QueueAll(items.AsSpan(0, items.Length / 100));
        TimeSpan startCpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        QueueAll(items);
        double ns = Program.NsSince(start) / items.Length;
        double cpuNs = (Environment.CpuUsage.TotalTime - startCpu).TotalNanoseconds / items.Length;
        string what = cpu == 0 ? "one CPU" : "two CPUs";
        Program.Report(workload, what, "item_ns", [ns]);
        Program.Report(workload, what, "cpu_ns", [cpuNs]);
    }

    private static void RoundTrips(string what, int cpu)
    {
        var ns = new double[Program.Quick ? 5_000 : 20_000];
        var item = new Counter();
        Pin(cpu);
        TimeSpan startCpu = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < ns.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Expect(1);
            Queue(item);
            s_allRun.Wait();
            ns[i] = Program.NsSince(start);
        }
        double cpuUs = (Environment.CpuUsage.TotalTime - startCpu).TotalMicroseconds / ns.Length;
        Array.Sort(ns);
        Program.Report("W2", what, "cpu_us", [cpuUs]);
        Program.Report("W2", what, "p50_us", [Program.Percentile(ns, 500) / 1000]);
        Program.Report("W2", what, "p99_us", [Program.Percentile(ns, 990) / 1000]);
    }

    private static void SelfRequeue()
    {
        int nr = Program.Quick ? 500_000 : 5_000_000;
        Pin(1);
        Expect(nr);
        long start = Stopwatch.GetTimestamp();
        Queue(new Requeuer());
        s_allRun.Wait();
        Program.Report("W3", "self requeue", "item_ns", [Program.NsSince(start) / nr]);
    }
}
