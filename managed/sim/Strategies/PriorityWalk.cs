// SPDX-License-Identifier: GPL-2.0-only
// PCT: threads have random priorities, the highest runs, and at a few random points
// of the run the running one falls to the bottom. A bug that needs d such points is
// found with a probability that is known from below (Burckhardt et al., 2010).
//
// The depth, 1 to 5, is drawn with the seed; the length of a run is what the usual
// one had. Stores and faults are decided as in the random walk.

using System;

namespace Wq.Sim;

internal sealed class PriorityWalk(int lengthOfUsualRun) : Strategy
{
    private const int MaxDepth = 5;
    private const int NrPriorities = 64;

    private readonly RandomWalk _others = new();
    private readonly int[] _priority = new int[NrPriorities];
    private readonly int[] _fallsAt = new int[MaxDepth];
    private Dice _dice;
    private int _nrFalls;
    private int _lowest;
    private int _nrChoices;

    public override void Begin(ulong seed)
    {
        _others.Begin(seed);
        _dice = new Dice(seed ^ 0x5eed);
        _lowest = 0;
        _nrChoices = 0;
        for (int i = 0; i < NrPriorities; i++)
        {
            _priority[i] = 1 + (int)_dice.Below(1 << 20);
        }
        _nrFalls = (int)_dice.Below(MaxDepth);
        for (int i = 0; i < _nrFalls; i++)
        {
            _fallsAt[i] = (int)_dice.Below((uint)lengthOfUsualRun + 1);
        }
    }

    public override int Choose(Choice choice, int[] options, int nr)
    {
        if (choice is not (Choice.Next or Choice.Block))
        {
            return _others.Choose(choice, options, nr);
        }
        if (Array.IndexOf(_fallsAt, _nrChoices++, 0, _nrFalls) >= 0 || options[0] != Machine.Current.Id)
        {
            _priority[Machine.Current.Id] = --_lowest; // Its turn to fall, or it waits in a loop.
        }
        int best = 0;
        for (int i = 1; i < nr; i++)
        {
            best = _priority[options[i]] > _priority[options[best]] ? i : best;
        }
        return best;
    }
}
