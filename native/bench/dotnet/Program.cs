// SPDX-License-Identifier: GPL-2.0-only
// The .NET ThreadPool and Timer, compiled ahead of time, on the workloads of ../pool.h and
// ../timers.h: same command line, same lines of JSON, same pinning. A workload of one thread and
// one of a thread for each CPU want a process each, as run.py gives them.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;

namespace Bench;

internal static unsafe class Program
{
    private const int PrSetTimerSlack = 29;
    private const int TinyMs = 50;

    private enum Size
    {
        Full,
        Quick,
        Tiny,
    }

    private static readonly ulong[] s_cpus = new ulong[16];
    private static string[] s_only = [];

    private static Size s_size;

    public static int NrItems => BySize(5_000_000, 500_000, 2000);

    public static int BySize(int full, int quick, int tiny) =>
        s_size == Size.Full ? full : s_size == Size.Quick ? quick : tiny;

    private static int Main(string[] args)
    {
        if (args.Length > 0 && args[0] == "--first-item")
            return Life.FirstItem();
        if (args.Length > 0 && args[0] == "--quick")
            s_size = Size.Quick;
        else if (args.Length > 0 && args[0] == "--tiny")
            s_size = Size.Tiny;
        s_only = s_size == Size.Full ? args : args[1..];
        fixed (ulong* cpus = s_cpus)
        {
            if (SchedGetAffinity(0, 128, cpus) < 0)
                return 1;
        }
        if (s_only.Contains("idle"))
            Life.StayIdle();
        // As C's drivers do, and before there are threads, which inherit it.
        _ = PrCtl(PrSetTimerSlack, 1, 0, 0, 0);
        long start = Stopwatch.GetTimestamp();
        do
        {
            Pool.Run();
            Producers.Run();
            Timers.Run();
            Lateness.Run();
        }
        while (s_size == Size.Tiny && NsSince(start) < TinyMs * 1e6);
        return 0;
    }

    public static bool Wanted(string workload) => s_only.Length == 0 || s_only.Contains(workload);

    /// <summary>Pins the calling thread to the process's nth CPU.</summary>
    public static void PinToCpu(int n)
    {
        var set = new ulong[16];
        for (int cpu = 0; cpu < 1024; cpu++)
        {
            ulong bit = 1UL << (cpu % 64);
            if ((s_cpus[cpu / 64] & bit) != 0 && n-- == 0)
                set[cpu / 64] = bit;
        }
        fixed (ulong* cpus = set)
        {
            if (SchedSetAffinity(0, 128, cpus) != 0)
                throw new InvalidOperationException("sched_setaffinity");
        }
    }

    /// <summary>As C's drivers sleep.</summary>
    public static void SleepNs(long ns)
    {
        long* time = stackalloc long[2] { 0, ns };
        while (ClockNanosleep(1, 0, time, time) != 0)
            continue;
    }

    public static double NsSince(long start) =>
        (Stopwatch.GetTimestamp() - start) * (1e9 / Stopwatch.Frequency);

    public static double Percentile(double[] sorted, int permille) =>
        sorted[(sorted.Length - 1) * (long)permille / 1000];

    public static void Report(string workload, string what, string metric, List<double> rounds,
                              string driver = "dotnet")
    {
        List<double> sorted = [.. rounds.Order()];
        int n = sorted.Count;
        double median = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $$"""{"workload":"{{workload}}","driver":"{{driver}}","case":"{{what}}","metric":"{{metric}}","rounds":[{{
            string.Join(',', rounds.Select(r => r.ToString("F2", CultureInfo.InvariantCulture)))
            }}],"median":{{median:F2}},"min":{{sorted[0]:F2}},"max":{{sorted[n - 1]:F2}}}"""));
    }

    [DllImport("libc", EntryPoint = "clock_nanosleep")]
    private static extern int ClockNanosleep(int clock, int flags, long* time, long* left);

    [DllImport("libc", EntryPoint = "prctl")]
    private static extern int PrCtl(int option, nuint a, nuint b, nuint c, nuint d);

    [DllImport("libc", EntryPoint = "sched_getaffinity")]
    private static extern int SchedGetAffinity(int pid, nuint bytes, ulong* set);

    [DllImport("libc", EntryPoint = "sched_setaffinity")]
    private static extern int SchedSetAffinity(int pid, nuint bytes, ulong* set);
}
