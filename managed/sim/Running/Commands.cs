// SPDX-License-Identifier: GPL-2.0-only
// The command line: which scenarios, which runs, and what is shown of them.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;

namespace Wq.Sim;

internal sealed record Request(string? Scenario, ulong? Seed, string? Strategy, long? Schedules, int Bound, double? Seconds, string? Replay,
    bool IsShort, bool IsTraced, string? Readme);

internal static class Commands
{
    private static readonly Option<string?> s_scenario = new("--scenario") { Description = "Only this one; default: all." };
    private static readonly Option<ulong?> s_seed = new("--seed") { Description = "The first seed; alone, that one run." };
    private static readonly Option<string?> s_strategy = new("--strategy") { Description = "random, pct or dfs; default: all three." };
    private static readonly Option<long?> s_schedules = new("--schedules") { Description = "Runs of each strategy." };
    private static readonly Option<int> s_bound = new("--bound") { Description = "Preemptions of dfs.", DefaultValueFactory = _ => 2 };
    private static readonly Option<double?> s_seconds = new("--seconds") { Description = "Time of dfs for a scenario; default: 3." };
    private static readonly Option<string?> s_replay = new("--replay") { Description = "The run with these unusual turns, and its trace." };
    private static readonly Option<bool> s_short = new("--short") { Description = "Fewer runs: seconds, not minutes." };
    private static readonly Option<bool> s_trace = new("--trace") { Description = "Show the run also if it passes." };
    private static readonly Option<bool> s_list = new("--list") { Description = "The scenarios." };
    private static readonly Option<bool> s_controls = new("--controls") { Description = "Are the planted bugs found?" };
    private static readonly Option<string?> s_bug = new("--bug") { Description = "With this planted bug switched on." };
    private static readonly Option<string?> s_readme = new("--readme") { Description = "The file to write the tables into." };

    private static string BreaksPath => Path.Combine(AppContext.BaseDirectory, "breaks.txt");

    public static int Main(string[] args)
    {
        var root = new RootCommand("Runs the workqueue engine under a scheduler that owns every interleaving.")
        {
            s_scenario, s_seed, s_strategy, s_schedules, s_bound, s_seconds, s_replay, s_short, s_trace, s_list, s_controls, s_bug, s_readme,
        };
        root.SetAction(Run);
        root.Add(PlantCommand());
        return root.Parse(args).Invoke();
    }

    private static Command PlantCommand()
    {
        var from = new Argument<string>("from") { Description = "The folder managed." };
        var to = new Argument<string>("to") { Description = "Where the copy goes." };
        var plant = new Command("plant", "Copies the engine's sources with the bugs of breaks.txt planted.") { from, to };
        plant.SetAction(line => Planter.Plant(Planter.Read(BreaksPath), line.GetValue(from)!, line.GetValue(to)!));
        return plant;
    }

    private static int Run(ParseResult line)
    {
        if (line.GetValue(s_list))
        {
            foreach (Scenario scenario in Scenarios.All)
            {
                Console.WriteLine($"{scenario.Name,-28} {scenario.About}");
            }
            return 0;
        }
        var request = new Request(line.GetValue(s_scenario), line.GetValue(s_seed), line.GetValue(s_strategy),
            line.GetValue(s_schedules), line.GetValue(s_bound), line.GetValue(s_seconds), line.GetValue(s_replay),
            line.GetValue(s_short), line.GetValue(s_trace), line.GetValue(s_readme));
        if (request.Scenario != null && Scenarios.Find(request.Scenario) == null)
        {
            Console.Error.WriteLine("no such scenario: " + request.Scenario);
            return 2;
        }
        Explorer.Prepare();
        List<Break> breaks = Planter.Read(BreaksPath);
        if (line.GetValue(s_controls))
        {
            return Controls.TryAll(breaks, request) ? 0 : 1;
        }
        Planted.Which = breaks.FindIndex(planted => planted.Name == line.GetValue(s_bug));
        return request.Replay != null || (request.Seed != null && request.Schedules == null && request.Strategy != "dfs")
            ? Story.RunOne(request)
            : Campaign.RunAll(request);
    }
}
