using System;
namespace Wq.Sim;
internal static class EntryPoint
{
    private static int Main(string[] args)
    {
        if (args.Length > 0 && args[0] == "plant")
        {
            Planter.Plant(Planter.Read(args[1]), args[2], args[3]);
            return 0;
        }
        Explorer.Prepare();
        if (args.Length > 0 && args[0] == "controls")
        {
            return Controls.TryAll(Planter.Read(args[1]), Console.WriteLine) ? 0 : 1;
        }
        foreach (Scenario s in Scenarios.All)
        {
            if (args.Length > 0 && args[0] != s.Name) continue;
            var e = Explorer.Seeds(s, new RandomWalk(), 1, s.IsSearchable ? 20000 : 1000000, 15);
            Console.WriteLine($"{s.Name} {e.Runs} {e.Seconds:F2}s {e.Runs / e.Seconds:F0}/s");
            if (e.Failure != null)
            {
                Console.WriteLine(e.Failure.Message);
                var t = Shrinker.Shrink(s.ScriptFor(e.Failure.Seed), e.Failure.Turns, e.Failure.Message);
                Trace.Start();
                Explorer.RunOnce(s.ScriptFor(e.Failure.Seed), new Replay(t), 0);
                Console.WriteLine(Machine.Failure);
                Console.WriteLine(s.TextFor(e.Failure.Seed));
                foreach (var l in Trace.Stop()) Console.WriteLine(l);
                Console.WriteLine(Journal.ToText(t));
            }
            if (s.IsSearchable) {
            e = Explorer.Exhaust(s, 2, 1000000, 3);
            Console.WriteLine($"{s.Name} dfs {e.Runs} {e.Seconds:F2}s complete={e.IsComplete} {e.Failure?.Message}");
            }
        }
        return 0;
    }
}
