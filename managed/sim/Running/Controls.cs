// Are the planted bugs found, where, and after how many runs?

using System;
using System.Collections.Generic;

namespace Wq.Sim;

internal sealed record Catch(Break Break, Exploration Random, Exploration Priority, Exploration Search)
{
    public bool IsCaught => Random.Failure != null || Priority.Failure != null || Search.Failure != null;
}

internal static class Controls
{
    private const long MaxRuns = 200_000;
    private const double MaxSeconds = 4;
    private const int Bound = 2;

    public static Catch Try(Break planted, int number)
    {
        Scenario scenario = Scenarios.Find(planted.Scenario) ?? throw new InvalidOperationException("no scenario " + planted.Scenario);
        int length = Explorer.LengthOfUsualRun(scenario);
        Planted.Which = number;
        Exploration random = Explorer.Seeds(scenario, new RandomWalk(), 1, MaxRuns, MaxSeconds);
        Exploration priority = Explorer.Seeds(scenario, new PriorityWalk(length), 1, MaxRuns, MaxSeconds);
        Exploration search = Explorer.Exhaust(scenario, Bound, MaxRuns, MaxSeconds);
        Planted.Which = Planted.None;
        return new Catch(planted, random, priority, search);
    }

    /// <summary>The lines of a table in Markdown; false if a bug was not caught.</summary>
    public static bool TryAll(List<Break> breaks, Action<string> write)
    {
        bool all = true;
        write("| bug | scenario | random | pct | dfs | what is seen |");
        write("|---|---|---|---|---|---|");
        for (int i = 0; i < breaks.Count; i++)
        {
            Catch found = Try(breaks[i], i);
            all &= found.IsCaught;
            Failure? failure = found.Random.Failure ?? found.Priority.Failure ?? found.Search.Failure;
            string seen = failure?.Message.Split('\n')[0] ?? "NOT CAUGHT";
            write($"| {breaks[i].About} (`{breaks[i].Name}`) | `{breaks[i].Scenario}` | {Runs(found.Random)} | "
                + $"{Runs(found.Priority)} | {Runs(found.Search)} | {seen} |");
        }
        return all;
    }

    private static string Runs(Exploration exploration) =>
        exploration.Failure != null ? exploration.Runs.ToString("N0") : "-";
}
