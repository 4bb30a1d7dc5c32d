// SPDX-License-Identifier: GPL-2.0-only
// From a failing run to one that fails with as few unusual turns as can be found.
//
// Turns are left out in ever smaller groups, as long as what is left still fails
// with the same kind of failure. What a shorter run did is taken from its journal,
// so turns that had become meaningless go too.

using System;
using System.Collections.Generic;

namespace Wq.Sim;

internal static class Shrinker
{
    private const int MaxRuns = 20_000;

    public static List<Turn> Shrink(Script script, List<Turn> turns, bool isRandom, string failure)
    {
        string kind = KindOf(failure);
        List<Turn> best = turns;
        int group = Math.Max(best.Count / 2, 1);
        int runs = 0;
        while (runs < MaxRuns)
        {
            bool shorter = false;
            for (int at = 0; at < best.Count && runs < MaxRuns; runs++)
            {
                var without = new List<Turn>(best);
                without.RemoveRange(at, Math.Min(group, best.Count - at));
                string? found = Explorer.RunOnce(script, new Replay(without, isRandom), 0);
                List<Turn> made = Journal.ToList();
                if (found != null && KindOf(found) == kind && made.Count < best.Count)
                {
                    best = made;
                    shorter = true;
                }
                else
                {
                    at += group;
                }
            }
            if (group == 1 && !shorter)
            {
                break;
            }
            group = Math.Max(group / 2, 1);
        }
        return best;
    }

    // Where the threads stand may differ in a shorter run.
    private static string KindOf(string failure) => failure.Split('\n')[0];
}
