// SPDX-License-Identifier: GPL-2.0-only
// Are the planted bugs found, where, and after how many runs?

using System;
using System.Collections.Generic;

namespace Wq.Sim;

internal static class Controls
{
    private const long MaxRuns = 200_000;
    private const double MaxSeconds = 4;
    private const double MaxSecondsIfRare = 60;
    private const int Bound = 2;
    private const int RunsWithoutBug = 500;

    /// <summary>False if a bug was not caught, or its failure does not replay. The short form takes the first strategy that catches, and leaves rare bugs out.</summary>
    public static bool TryAll(List<Break> breaks, Request request)
    {
        var rows = new List<string>
        {
            "| bug | scenario | random | pct | dfs | what is seen |",
            "|---|---|---|---|---|---|",
        };
        int caught = 0;
        int missed = 0;
        for (int i = 0; i < breaks.Count; i++)
        {
            if (request.IsShort && breaks[i].IsRare)
            {
                continue;
            }
            string? seen = IsInnocent(breaks[i], request) ? Try(breaks[i], i, request, rows) : null;
            caught += seen != null ? 1 : 0;
            missed += seen == null ? 1 : 0;
            Console.WriteLine($"{breaks[i].Name,-28} {seen ?? "NOT CAUGHT"}");
        }
        Console.WriteLine($"{caught} passed, {missed} failed");
        if (request.Readme != null && !request.IsShort && request.Scenario == null)
        {
            Readme.Replace(request.Readme, "controls", rows);
        }
        return missed == 0;
    }

    // Does the scenario pass while no bug is switched on? The text that replaces another may say more than it should.
    private static bool IsInnocent(Break planted, Request request)
    {
        Scenario scenario = ScenarioOf(planted, request);
        Failure? failure = Explorer.Seeds(scenario, Campaign.StrategyOf("random", scenario), 1, RunsWithoutBug, MaxSeconds).Failure;
        if (failure != null)
        {
            Console.WriteLine($"{planted.Name}: {scenario.Name} fails without it: {failure.Message.Split('\n')[0]}");
        }
        return failure == null;
    }

    private static Scenario ScenarioOf(Break planted, Request request)
    {
        string name = request.Scenario ?? planted.Scenario;
        return Scenarios.Find(name) ?? throw new InvalidOperationException("no scenario " + name);
    }

    // What the first strategy to catch the bug sees, or null.
    private static string? Try(Break planted, int number, Request request, List<string> rows)
    {
        Scenario scenario = ScenarioOf(planted, request);
        Planted.Which = number;
        try
        {
            return TryStrategies(planted, scenario, request, rows);
        }
        finally
        {
            Planted.Which = Planted.None;
        }
    }

    private static string? TryStrategies(Break planted, Scenario scenario, Request request, List<string> rows)
    {
        string? seen = null;
        string row = $"| {planted.About} (`{planted.Name}`) | `{planted.Scenario}`";
        foreach (string strategy in new[] { "random", "pct", "dfs" })
        {
            if (request.IsShort && seen != null)
            {
                return seen;
            }
            Exploration found = Explore(scenario, strategy, planted.IsRare && strategy == "random");
            seen ??= found.Failure?.Message.Split('\n')[0];
            if (found.Failure != null && !Replays(scenario, found.Failure, strategy != "dfs"))
            {
                Console.WriteLine($"{planted.Name}: the failure does not replay");
                return null;
            }
            row += found.Failure != null ? $" | {found.Runs:N0}" : " | -";
        }
        rows.Add($"{row} | {seen ?? "NOT CAUGHT"} |");
        return seen;
    }

    private static bool Replays(Scenario scenario, Failure failure, bool isRandom)
    {
        var replay = new Replay(failure.Turns, isRandom);
        return Explorer.RunOnce(scenario.ScriptFor(failure.Seed), replay, failure.Seed) == failure.Message;
    }

    private static Exploration Explore(Scenario scenario, string strategy, bool isRare)
    {
        if (strategy == "dfs")
        {
            return Explorer.Exhaust(scenario, Bound, MaxRuns, MaxSeconds);
        }
        // The usual run of a broken engine may not end, so its length is taken from the engine as it is.
        int which = Planted.Which;
        Planted.Which = Planted.None;
        Strategy walk = Campaign.StrategyOf(strategy, scenario);
        Planted.Which = which;
        return Explorer.Seeds(scenario, walk, 1, isRare ? long.MaxValue : MaxRuns, isRare ? MaxSecondsIfRare : MaxSeconds);
    }
}
