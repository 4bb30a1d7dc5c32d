// SPDX-License-Identifier: GPL-2.0-only
// A run with given turns: the usual answer everywhere else.
//
// A turn that has lost its meaning, because the thread it names cannot go on now,
// is passed over.

using System;
using System.Collections.Generic;

namespace Wq.Sim;

/// <param name="turns">The choices that were not answered as usual.</param>
/// <param name="isRandom">Were they recorded under a random strategy, which is asked at more points?</param>
internal sealed class Replay(List<Turn> turns, bool isRandom) : Strategy
{
    private readonly Turn[] _turns = [.. turns];

    public override bool IsRandom => isRandom;

    public override void Begin(ulong seed)
    {
    }

    public override int Choose(Choice choice, int[] options, int nr)
    {
        SimThread current = Machine.Current;
        foreach (Turn turn in _turns)
        {
            if (turn.Ops == current.Ops && turn.Thread == current.Id && turn.Choice == choice)
            {
                return int.Max(Array.IndexOf(options, turn.Answer, 0, nr), 0);
            }
        }
        return 0;
    }
}
