// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;

namespace Bench;

/// <summary>
/// W5 on System.Threading.Timer. dotnet: Change() on timers made beforehand. dotnet-new: a new
/// Timer to arm and Dispose() to cancel, as most programs do.
/// </summary>
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
        foreach (int nr in ((ReadOnlySpan<int>)[1000, 100_000, 1_000_000])[..Program.BySize(3, 3, 1)])
        {
            CostOver(nr, isNew: false);
            CostOver(nr, isNew: true);
        }
    }

    private static void Fire(object? unused) => Environment.FailFast("a timer fired");

    private static Timer[] Make(int nr)
    {
        var timers = new Timer[nr];
        for (int i = 0; i < nr; i++)
            timers[i] = new Timer(Fire);
        return timers;
    }

    private static void Arm(Span<Timer> timers, int firstDelay, bool isNew)
    {
        if (isNew)
            ArmNew(timers, firstDelay);
        else
            ArmAgain(timers, firstDelay);
    }

    private static void Cancel(ReadOnlySpan<Timer> timers, bool isNew)
    {
        if (isNew)
            CancelNew(timers);
        else
            CancelForNow(timers);
    }

    private static void ArmAgain(ReadOnlySpan<Timer> timers, int firstDelay)
    {
        for (int i = 0; i < timers.Length; i++)
            timers[i].Change(s_delays[(firstDelay + i * 7L) % NrFresh], Timeout.Infinite);
    }

    private static void CancelForNow(ReadOnlySpan<Timer> timers)
    {
        foreach (Timer timer in timers)
            timer.Change(Timeout.Infinite, Timeout.Infinite);
    }

    private static void ArmNew(Span<Timer> timers, int firstDelay)
    {
        for (int i = 0; i < timers.Length; i++)
            timers[i] = new Timer(Fire, null, s_delays[(firstDelay + i * 7L) % NrFresh], Timeout.Infinite);
    }

    private static void CancelNew(ReadOnlySpan<Timer> timers)
    {
        foreach (Timer timer in timers)
            timer.Dispose();
    }

    private static void CostOver(int nr, bool isNew)
    {
        Timer[] armed = Make(nr);
        string driver = isNew ? "dotnet-new" : "dotnet";
        string what = nr.ToString(CultureInfo.InvariantCulture);
        OneRound(armed, isNew);
        foreach (List<double> warmUp in (ReadOnlySpan<List<double>>)[s_arm, s_cancel, s_armAll, s_cancelAll])
            warmUp.Clear();
        for (int round = 0; round < Program.BySize(3, 1, 1); round++)
            OneRound(armed, isNew);
        Program.Report("W5", what, "arm_ns", s_arm, driver);
        Program.Report("W5", what, "cancel_ns", s_cancel, driver);
        Program.Report("W5", what, "arm_all_ns", s_armAll, driver);
        Program.Report("W5", what, "cancel_all_ns", s_cancelAll, driver);
    }

    private static double NsPer(int nr, long start) => Program.NsSince(start) / nr;

    private static void OneRound(Timer[] armed, bool isNew)
    {
        // A new timer must not replace one of those that Change() uses.
        Span<Timer> fresh = isNew ? new Timer[NrFresh] : s_fresh;
        long start = Stopwatch.GetTimestamp();
        Arm(armed, 0, isNew);
        s_armAll.Add(NsPer(armed.Length, start));

        double armNs = 0, cancelNs = 0;
        for (int first = 0; first < NrFresh; first += Batch)
        {
            start = Stopwatch.GetTimestamp();
            Arm(fresh.Slice(first, Batch), first, isNew);
            armNs += Program.NsSince(start);
            start = Stopwatch.GetTimestamp();
            Cancel(fresh.Slice(first, Batch), isNew);
            cancelNs += Program.NsSince(start);
        }
        s_arm.Add(armNs / NrFresh);
        s_cancel.Add(cancelNs / NrFresh);

        start = Stopwatch.GetTimestamp();
        Cancel(armed, isNew);
        s_cancelAll.Add(NsPer(armed.Length, start));
    }
}
