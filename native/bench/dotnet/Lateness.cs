// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;

namespace Bench;

/// <summary>W6 on System.Threading.Timer, as in ../lateness.h; the pool has one thread.</summary>
internal static class Lateness
{
    private const int NrAlarms = 1000;

    private static readonly long[] s_ranAt = new long[NrAlarms];
    private static readonly ManualResetEventSlim s_allRan = new();
    private static readonly List<double> s_p50 = [], s_p99 = [], s_max = [], s_early = [];
    private static int s_nrRan;

    private static void HasRun(object? alarm)
    {
        s_ranAt[(int)alarm!] = Stopwatch.GetTimestamp();
        if (Interlocked.Increment(ref s_nrRan) == NrAlarms)
            s_allRan.Set();
    }

    public static void Run()
    {
        if (!Program.Wanted("W6"))
            return;
        var timers = new Timer[NrAlarms];
        for (int i = 0; i < NrAlarms; i++)
            timers[i] = new Timer(HasRun, i, Timeout.Infinite, Timeout.Infinite);
        OneRound(timers);
        foreach (List<double> warmUp in (ReadOnlySpan<List<double>>)[s_p50, s_p99, s_max, s_early])
            warmUp.Clear();
        for (int round = 0; round < Program.BySize(3, 1, 1); round++)
            OneRound(timers);
        Program.Report("W6", "1..1000 ms", "p50_us", s_p50);
        Program.Report("W6", "1..1000 ms", "p99_us", s_p99);
        Program.Report("W6", "1..1000 ms", "max_us", s_max);
        Program.Report("W6", "1..1000 ms", "early", s_early);
    }

    private static int DueMs(int i) => i % Program.BySize(NrAlarms, NrAlarms, 2) + 1;

    private static void OneRound(Timer[] timers)
    {
        var armedAt = new long[NrAlarms];
        s_nrRan = 0;
        s_allRan.Reset();
        for (int i = 0; i < NrAlarms; i++)
        {
            armedAt[i] = Stopwatch.GetTimestamp();
            timers[i].Change(DueMs(i), Timeout.Infinite);
        }
        s_allRan.Wait();
        var lateUs = new double[NrAlarms];
        for (int i = 0; i < NrAlarms; i++)
            lateUs[i] = (s_ranAt[i] - armedAt[i]) / 1e3 - DueMs(i) * 1e3;
        Array.Sort(lateUs);
        s_p50.Add(Program.Percentile(lateUs, 500));
        s_p99.Add(Program.Percentile(lateUs, 990));
        s_max.Add(lateUs[^1]);
        s_early.Add(lateUs.Count(late => late < 0));
    }
}
