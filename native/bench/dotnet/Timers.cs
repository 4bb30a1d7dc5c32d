// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;

namespace Bench;

/// <summary>W5 on System.Threading.Timer: Change() on timers made beforehand.</summary>
internal static class Timers
{
    private const int Batch = 1000;
    private const int NrFresh = 100 * Batch;
    private const int SoonestMs = 60_000;
    private const int SpreadMs = 15 * 60_000;

    private static readonly List<double> s_arm = [], s_cancel = [], s_armAll = [], s_cancelAll = [];
    private static Timer[] s_fresh = [];
    private static readonly int[] s_delays = new int[NrFresh];

    public static void Run()
    {
        if (!Program.Wanted("W5"))
            return;
        var random = new Random(1);
        Program.PinToCpu(0);
        s_fresh = Make(NrFresh);
        for (int i = 0; i < NrFresh; i++)
            s_delays[i] = SoonestMs + random.Next(SpreadMs);
        foreach (int nr in (ReadOnlySpan<int>)[1000, 100_000, 1_000_000])
            CostOver(nr);
    }

    private static Timer[] Make(int nr)
    {
        var timers = new Timer[nr];
        for (int i = 0; i < nr; i++)
            timers[i] = new Timer(static _ => Environment.FailFast("a timer fired"));
        return timers;
    }

    private static void Arm(ReadOnlySpan<Timer> timers, int firstDelay)
    {
        for (int i = 0; i < timers.Length; i++)
            timers[i].Change(s_delays[(firstDelay + i * 7L) % NrFresh], Timeout.Infinite);
    }

    private static void Cancel(ReadOnlySpan<Timer> timers)
    {
        foreach (Timer timer in timers)
            timer.Change(Timeout.Infinite, Timeout.Infinite);
    }

    private static void CostOver(int nr)
    {
        Timer[] armed = Make(nr);
        string what = nr.ToString(CultureInfo.InvariantCulture);
        OneRound(armed);
        foreach (List<double> warmUp in (ReadOnlySpan<List<double>>)[s_arm, s_cancel, s_armAll, s_cancelAll])
            warmUp.Clear();
        for (int round = 0; round < (Program.Quick ? 1 : 3); round++)
            OneRound(armed);
        Program.Report("W5", what, "arm_ns", s_arm);
        Program.Report("W5", what, "cancel_ns", s_cancel);
        Program.Report("W5", what, "arm_all_ns", s_armAll);
        Program.Report("W5", what, "cancel_all_ns", s_cancelAll);
    }

    private static void OneRound(Timer[] armed)
    {
        long start = Stopwatch.GetTimestamp();
        Arm(armed, 0);
        s_armAll.Add(Program.NsSince(start) / armed.Length);

        double armNs = 0, cancelNs = 0;
        for (int first = 0; first < NrFresh; first += Batch)
        {
            start = Stopwatch.GetTimestamp();
            Arm(s_fresh.AsSpan(first, Batch), first);
            armNs += Program.NsSince(start);
            start = Stopwatch.GetTimestamp();
            Cancel(s_fresh.AsSpan(first, Batch));
            cancelNs += Program.NsSince(start);
        }
        s_arm.Add(armNs / NrFresh);
        s_cancel.Add(cancelNs / NrFresh);

        start = Stopwatch.GetTimestamp();
        Cancel(armed);
        s_cancelAll.Add(Program.NsSince(start) / armed.Length);
    }
}
