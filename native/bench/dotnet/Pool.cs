// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Diagnostics;
using System.Threading;

namespace Bench;

/// <summary>
/// W1, W1b, W2, W3, W3b, W9n on the ThreadPool with one thread. Items are IThreadPoolWorkItem
/// objects made beforehand, the cheapest thing the pool takes. The item of W3 goes to the local
/// queue, which is a stack; those of W3b to the global one, so that all of them have their turn.
/// </summary>
internal static class Pool
{
    private const long PauseNs = 50_000;

    private static readonly ManualResetEventSlim s_allRun = new();
    private static int s_nrRun, s_nrExpected, s_nrRequeues, s_workerThread;

    private sealed class Counter : IThreadPoolWorkItem
    {
        public void Execute()
        {
            if (++s_nrRun == s_nrExpected)
                s_allRun.Set();
        }
    }

    private sealed class Requeuer(bool local) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            int run = ++s_nrRun;
            if (run <= s_nrRequeues)
                ThreadPool.UnsafeQueueUserWorkItem(this, local);
            else if (run == s_nrExpected)
                s_allRun.Set();
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
            Trips(twoCpus);
        if (Program.Wanted("W3") && twoCpus)
            SelfRequeue("W3", "self requeue", 1);
        if (Program.Wanted("W3b") && twoCpus)
            SelfRequeue("W3b", "1,000 items", 1000);
        if (Program.Wanted("W9n") && twoCpus)
            ManyItems();
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

    private static Counter[] MakeItems(int nr)
    {
        var items = new Counter[nr];
        for (int i = 0; i < nr; i++)
            items[i] = new Counter();
        return items;
    }

    private static void Throughput(string workload, int cpu)
    {
        Counter[] items = MakeItems(Program.NrItems);
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

    private static void ManyItems()
    {
        int most = Program.BySize(10_000_000, 1_000_000, 200);
        int enough = Program.BySize(100_000, 10_000, 200);
        Counter[] items = MakeItems(most);
        Pin(1);
        QueueAll(items.AsSpan(0, enough));
        for (int nr = 1; nr <= most; nr *= 10)
        {
            int times = Math.Max(1, enough / nr);
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < times; i++)
                QueueAll(items.AsSpan(0, nr));
            double ns = Program.NsSince(start) / ((double)times * nr);
            Program.Report("W9n", nr == 1 ? "1 item" : $"{nr} items", "item_ns", [ns]);
        }
    }

    private static void Trips(bool twoCpus)
    {
        RoundTrips("one CPU", 0, pause: false);
        RoundTrips("one CPU, 50 us apart", 0, pause: true);
        if (!twoCpus)
            return;
        RoundTrips("two CPUs", 1, pause: false);
        RoundTrips("two CPUs, 50 us apart", 1, pause: true);
    }

    private static void RoundTrips(string what, int cpu, bool pause)
    {
        var ns = new double[pause ? Program.BySize(3_000, 3_000, 20) : Program.BySize(20_000, 5_000, 200)];
        var item = new Counter();
        Pin(cpu);
        for (int i = 0; i < 100; i++)
            RoundTrip(item);
        TimeSpan startCpu = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < ns.Length; i++)
        {
            if (pause)
                Program.SleepNs(PauseNs);
            long start = Stopwatch.GetTimestamp();
            RoundTrip(item);
            ns[i] = Program.NsSince(start);
        }
        double cpuUs = (Environment.CpuUsage.TotalTime - startCpu).TotalMicroseconds / ns.Length;
        Array.Sort(ns);
        Program.Report("W2", what, "cpu_us", [cpuUs]);
        Program.Report("W2", what, "p50_us", [Program.Percentile(ns, 500) / 1000]);
        Program.Report("W2", what, "p99_us", [Program.Percentile(ns, 990) / 1000]);
        Program.Report("W2", what, "p99.9_us", [Program.Percentile(ns, 999) / 1000]);
    }

    private static void RoundTrip(Counter item)
    {
        Expect(1);
        Queue(item);
        s_allRun.Wait();
    }

    private static void SelfRequeue(string workload, string what, int nrItems)
    {
        Pin(1);
        Expect(Program.NrItems);
        s_nrRequeues = s_nrExpected - nrItems;
        var items = new Requeuer[nrItems];
        for (int i = 0; i < nrItems; i++)
            items[i] = new Requeuer(local: nrItems == 1);
        long start = Stopwatch.GetTimestamp();
        foreach (Requeuer item in items)
            Queue(item);
        s_allRun.Wait();
        Program.Report(workload, what, "item_ns", [Program.NsSince(start) / s_nrExpected]);
    }
}
