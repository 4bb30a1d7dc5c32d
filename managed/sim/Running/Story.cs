// SPDX-License-Identifier: GPL-2.0-only
// What is shown of one run: how to repeat it, the shortest that fails like it, its trace.

using System;
using System.Collections.Generic;

namespace Wq.Sim;

internal static class Story
{
    private const int MaxLines = 500;
    private const string Search = "dfs";

    /// <summary>A failure, from the runs of a strategy.</summary>
    public static void Tell(Scenario scenario, string strategy, Failure failure)
    {
        Script script = scenario.ScriptFor(failure.Seed);
        Console.WriteLine($"FAIL {scenario.Name}: {failure.Message}");
        Console.WriteLine($"  {failure.Turns.Count} unusual turns");
        string line = $"./build.sh sim --scenario {scenario.Name} --seed {failure.Seed} --strategy {strategy}";
        bool isRandom = strategy != Search;
        Console.WriteLine("  replay:   " + line + (isRandom ? "" : " --replay " + Journal.ToText(failure.Turns)));
        List<Turn> turns = Shrinker.Shrink(script, failure.Turns, isRandom, failure.Message);
        Console.WriteLine($"  shortest: {line} --replay {Journal.ToText(turns)}");
        Show(scenario, failure.Seed, new Replay(turns, isRandom));
    }

    /// <summary>The one run that was asked for: 0 if it passes.</summary>
    public static int RunOne(Request request)
    {
        Scenario scenario = Scenarios.Find(request.Scenario ?? "") ?? throw new ArgumentException("which scenario?");
        ulong seed = request.Seed ?? 1;
        if (request.Replay != null)
        {
            return Show(scenario, seed, new Replay(Turn.Parse(request.Replay), request.Strategy != Search));
        }
        Strategy strategy = Campaign.StrategyOf(request.Strategy, scenario);
        if (request.IsTraced)
        {
            return Show(scenario, seed, strategy);
        }
        string? message = Explorer.RunOnce(scenario.ScriptFor(seed), strategy, seed);
        if (message == null)
        {
            Console.WriteLine("passed");
            return 0;
        }
        Tell(scenario, request.Strategy ?? "random", new Failure(scenario.TextFor(seed), message, seed, Journal.ToList()));
        return 1;
    }

    private static int Show(Scenario scenario, ulong seed, Strategy strategy)
    {
        Trace.Start();
        string? message = Explorer.RunOnce(scenario.ScriptFor(seed), strategy, seed);
        string[] lines = Trace.Stop();
        Console.WriteLine();
        foreach (string line in scenario.TextFor(seed).Split('\n'))
        {
            Console.WriteLine("    " + line);
        }
        Console.WriteLine();
        for (int i = Math.Max(0, lines.Length - MaxLines); i < lines.Length; i++)
        {
            Console.WriteLine(lines[i]);
        }
        Console.WriteLine(message ?? "passed");
        return message == null ? 0 : 1;
    }
}
