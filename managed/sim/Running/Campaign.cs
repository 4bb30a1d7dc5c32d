// SPDX-License-Identifier: GPL-2.0-only
// All scenarios under all strategies, a line each.

using System;
using System.Collections.Generic;

namespace Wq.Sim;

internal static class Campaign
{
    private const long Schedules = 20_000;
    private const long ShortSchedules = 3_000;
    private const long PerGenerated = 20; // Times as many runs of generated programs.
    private const double SearchSeconds = 3;
    private const double ShortSearchSeconds = 0.5;
    private const int ShortBound = 1;

    public static int RunAll(Request request)
    {
        var rows = new List<string>
        {
            "| scenario | about | runs a second | dfs, bound 2: runs | seconds | complete |",
            "|---|---|---|---|---|---|",
        };
        int passed = 0;
        int failed = 0;
        foreach (Scenario scenario in Scenarios.All)
        {
            if (request.Scenario != null && request.Scenario != scenario.Name)
            {
                continue;
            }
            bool ok = RunScenario(scenario, request, rows);
            passed += ok ? 1 : 0;
            failed += ok ? 0 : 1;
        }
        Console.WriteLine($"{passed} passed, {failed} failed");
        if (request.Readme != null && request.Scenario == null && !request.IsShort)
        {
            Readme.Replace(request.Readme, "scenarios", rows);
        }
        return failed == 0 ? 0 : 1;
    }

    private static bool RunScenario(Scenario scenario, Request request, List<string> rows)
    {
        long nr = request.Schedules ?? (request.IsShort ? ShortSchedules : Schedules);
        nr *= scenario.IsSearchable || request.Schedules != null ? 1 : PerGenerated;
        Console.Write($"{scenario.Name,-24}");
        double perSecond = 0;
        foreach (string strategy in new[] { "random", "pct" })
        {
            if (request.Strategy != null && request.Strategy != strategy)
            {
                continue;
            }
            Exploration found = Explorer.Seeds(scenario, StrategyOf(strategy, scenario), request.Seed ?? 1, nr, double.MaxValue);
            perSecond = Math.Max(perSecond, found.Runs / found.Seconds);
            Console.Write($" {strategy} {found.Runs,9:N0}");
            if (found.Failure != null)
            {
                Console.WriteLine();
                Story.Tell(scenario, strategy, found.Failure);
                return false;
            }
        }
        bool searches = scenario.IsSearchable && request.Strategy is null or "dfs";
        bool ok = !searches || Search(scenario, request, perSecond, rows);
        Console.WriteLine(ok ? $"  {perSecond,9:N0}/s" : "");
        return ok;
    }

    private static bool Search(Scenario scenario, Request request, double perSecond, List<string> rows)
    {
        int bound = request.IsShort ? ShortBound : request.Bound;
        double seconds = request.Seconds ?? (request.IsShort ? ShortSearchSeconds : SearchSeconds);
        Exploration found = Explorer.Exhaust(scenario, bound, request.Schedules ?? long.MaxValue, seconds);
        string extent = found.IsComplete ? "complete" : "cut short";
        Console.Write($" dfs {bound}: {found.Runs,11:N0} {extent,-9} {found.Seconds,6:N1} s");
        rows.Add($"| `{scenario.Name}` | {scenario.About} | {perSecond:N0} | {found.Runs:N0} | {found.Seconds:N1} | {(found.IsComplete ? "yes" : "no")} |");
        if (found.Failure != null)
        {
            Console.WriteLine();
            Story.Tell(scenario, "dfs", found.Failure);
        }
        return found.Failure == null;
    }

    public static Strategy StrategyOf(string? name, Scenario scenario) => name switch
    {
        null or "random" => new RandomWalk(),
        "pct" => new PriorityWalk(Explorer.LengthOfUsualRun(scenario)),
        _ => throw new ArgumentException("no such strategy: " + name),
    };
}
