// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Diagnostics;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

namespace Bench;

/// <summary>
/// W4, W9p on the ThreadPool with a thread for each CPU and nothing pinned. As in
/// ../throughput.h each thread counts on a cache line of its own.
/// </summary>
internal static class Producers
{
    private const int MaxThreads = 256;

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Count
    {
        public long Nr;
    }

    private static readonly Count[] s_counts = new Count[MaxThreads];
    private static int s_nrCounts;

    [ThreadStatic]
    private static int t_place;

    private sealed class Counter : IThreadPoolWorkItem
    {
        public void Execute()
        {
            if (t_place == 0)
                t_place = Interlocked.Increment(ref s_nrCounts);
            ref long nr = ref s_counts[t_place].Nr;
            Volatile.Write(ref nr, nr + 1);
        }
    }

    public static void Run()
    {
        bool w4 = Program.Wanted("W4"), w9p = Program.Wanted("W9p");
        if (!w4 && !w9p)
            return;
        ThreadPool.SetMaxThreads(Environment.ProcessorCount, 1);
        ThreadPool.SetMinThreads(Environment.ProcessorCount, 1);
        if (w4)
            Produce("W4", 2, Program.BySize(Program.NrItems, Program.NrItems, 64));
        for (int nr = 1; w9p && nr <= 8; nr *= 2)
            Produce("W9p", nr, Program.BySize(Program.NrItems / 5, Program.NrItems / 2, 64));
    }

    private static long NrCounted()
    {
        long nr = 0;
        for (int i = 1; i <= Volatile.Read(ref s_nrCounts); i++)
            nr += Volatile.Read(ref s_counts[i].Nr);
        return nr;
    }

    private static void Produce(string workload, int nrProducers, int nrItems)
    {
        var started = new long[nrProducers];
        using var startLine = new Barrier(nrProducers + 1);
        using var produced = new CountdownEvent(nrProducers);
        using var ready = new CountdownEvent(nrProducers);
        Thread[] threads = [.. Enumerable.Range(0, nrProducers).Select(me => new Thread(() =>
        {
            var items = new Counter[nrItems / nrProducers];
            for (int i = 0; i < items.Length; i++)
                items[i] = new Counter();
            ready.Signal();
            startLine.SignalAndWait();
            started[me] = Stopwatch.GetTimestamp();
            foreach (Counter item in items)
                ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
            produced.Signal();
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        ready.Wait();
        long before = NrCounted();
        TimeSpan startCpu = Environment.CpuUsage.TotalTime;
        startLine.SignalAndWait();
        produced.Wait();
        while (NrCounted() - before < nrItems)
            Program.SleepNs(50_000);
        double ns = Program.NsSince(started.Min()) / nrItems;
        double cpuNs = (Environment.CpuUsage.TotalTime - startCpu).TotalNanoseconds / nrItems;
        foreach (Thread thread in threads)
            thread.Join();
        string what = nrProducers == 1 ? "1 producer" : $"{nrProducers} producers";
        Program.Report(workload, what, "item_ns", [ns]);
        Program.Report(workload, what, "cpu_ns", [cpuNs]);
    }
}
