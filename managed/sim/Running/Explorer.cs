// SPDX-License-Identifier: GPL-2.0-only
// Runs a scenario under a strategy, many times, until it fails or there were enough runs.
//
// Runs are made in portions during which the collector is held off; a run that
// allocates managed memory is a failure, as the engine must not. Everything is
// compiled before the first run.

using System;
using System.Collections.Generic;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Wq.Sim;

internal sealed record Failure(string Program, string Message, ulong Seed, List<Turn> Turns);

/// <summary>Processor time that a search has taken: what else the machine does makes it no shorter.</summary>
internal readonly struct Effort
{
    private readonly TimeSpan _began;

    private Effort(TimeSpan began) => _began = began;

    public double Seconds => (Environment.CpuUsage.TotalTime - _began).TotalSeconds;

    public static Effort Begin() => new(Environment.CpuUsage.TotalTime);
}

internal sealed record Exploration(long Runs, double Seconds, bool IsComplete, Failure? Failure);

internal static class Explorer
{
    private const long PortionBytes = 200L << 20;
    private const double LongSearchSeconds = 60;
    private const int TableBits = 24;
    private const int LongTableBits = 28; // Two gigabytes.

    private static long s_heldOffSince;

    /// <summary>Compiles all there is, as a simulated thread's stack is no place to compile on.</summary>
    public static void Prepare()
    {
        const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
            | BindingFlags.DeclaredOnly;
        Type[] types = typeof(Explorer).Assembly.GetTypes();
        foreach (Type type in types)
        {
            if (!type.ContainsGenericParameters)
            {
                RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            }
        }
        foreach (Type type in types)
        {
            foreach (MethodBase method in type.GetMethods(All))
            {
                if (method.GetMethodBody() != null && !method.ContainsGenericParameters && !type.ContainsGenericParameters)
                {
                    RuntimeHelpers.PrepareMethod(method.MethodHandle);
                }
            }
        }
        Machine.CatchFaults();
        HoldOff();
        LengthOfUsualRun(Scenarios.All[0]); // The runtime allocates when it binds the first foreign call.
    }

    /// <summary>One run. Its failure, if it fails.</summary>
    public static string? RunOnce(Script script, Strategy strategy, ulong seed)
    {
        if (GC.GetAllocatedBytesForCurrentThread() - s_heldOffSince > PortionBytes / 2)
        {
            HoldOff();
        }
        strategy.Begin(seed);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Outcome outcome = Machine.Run(script, strategy);
        if (outcome == Outcome.Failed)
        {
            return Machine.Failure;
        }
        return GC.GetAllocatedBytesForCurrentThread() != before && !Trace.IsOn ? "managed memory was allocated during the run" : null;
    }

    /// <summary>Seeds from <paramref name="first"/> on, until a failure, the number of runs, or the time.</summary>
    public static Exploration Seeds(Scenario scenario, Strategy strategy, ulong first, long nr, double seconds)
    {
        var effort = Effort.Begin();
        long runs = 0;
        while (runs < nr && (runs % 64 != 0 || effort.Seconds < seconds))
        {
            ulong seed = first + (ulong)runs++;
            Script script = scenario.ScriptFor(seed);
            Machine.Announce(scenario.Name, seed);
            string? failure = RunOnce(script, strategy, seed);
            if (failure != null)
            {
                return new Exploration(runs, effort.Seconds, false,
                    new Failure(scenario.TextFor(seed), failure, seed, Journal.ToList()));
            }
        }
        return new Exploration(runs, effort.Seconds, false, null);
    }

    /// <summary>Every run within the bound, unless there are more than that or time is up.</summary>
    public static Exploration Exhaust(Scenario scenario, int bound, long nr, double seconds)
    {
        using var search = new BoundedSearch(bound, seconds > LongSearchSeconds ? LongTableBits : TableBits);
        var effort = Effort.Begin();
        Script script = scenario.ScriptFor(0);
        Machine.Announce(scenario.Name, 0);
        long runs = 0;
        do
        {
            if (runs == nr || (runs % 64 == 0 && effort.Seconds > seconds))
            {
                return new Exploration(runs, effort.Seconds, false, null);
            }
            runs++;
            string? failure = RunOnce(script, search, 0);
            if (failure != null)
            {
                return new Exploration(runs, effort.Seconds, false,
                    new Failure(scenario.TextFor(0), failure, (ulong)runs, Journal.ToList()));
            }
        }
        while (search.Advance());
        return new Exploration(runs, effort.Seconds, true, null);
    }

    /// <summary>How many operations the usual run of a scenario has.</summary>
    public static int LengthOfUsualRun(Scenario scenario)
    {
        RunOnce(scenario.ScriptFor(0), new FirstChoice(), 0);
        return Machine.Steps;
    }

    private static void HoldOff()
    {
        if (System.Runtime.GCSettings.LatencyMode == System.Runtime.GCLatencyMode.NoGCRegion)
        {
            GC.EndNoGCRegion();
        }
        GC.TryStartNoGCRegion(PortionBytes);
        s_heldOffSince = GC.GetAllocatedBytesForCurrentThread();
        Statics.Locate();
    }
}
