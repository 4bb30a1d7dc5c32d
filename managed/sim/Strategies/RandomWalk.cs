// SPDX-License-Identifier: GPL-2.0-only
// A seeded walk: at each choice the dice decide. How restless a run is (how often
// another thread goes on, how long stores stay unseen) is drawn once a run, since
// some bugs want many switches and most want one at the right place.
//
// In up to half of the runs one thread is parked, once or twice: it stops before some
// operation of its own and stands there while the others go on for a while. That is
// how a word comes to have its old value again between two looks of one thread.

namespace Wq.Sim;

internal sealed class RandomWalk : Strategy
{
    private const uint FaultOneIn = 12;
    private const uint NoMembarrierOneIn = 8;
    private const uint MaxVictim = 8;
    private const int NrParks = 2;
    private const uint MaxParkedFor = 150;
    private const int Nobody = -1;

    private readonly int[] _parksAt = new int[NrParks];
    private readonly int[] _parksFor = new int[NrParks];
    private Dice _dice;
    private uint _switchOneIn;
    private uint _delayOneIn;
    private uint _drainOneIn;
    private uint _spuriousOneIn;
    private int _victim;
    private int _parkedUntil;
    private int _nrChoices;

    public override void Begin(ulong seed)
    {
        _dice = new Dice(seed);
        _switchOneIn = 2u << (int)_dice.Below(5);
        _delayOneIn = 1u << (int)_dice.Below(4);
        _drainOneIn = 2u << (int)_dice.Below(5);
        _spuriousOneIn = 2u << (int)_dice.Below(4);
        _victim = _dice.OneIn(2) ? (int)_dice.Below(MaxVictim) : Nobody;
        _parkedUntil = 0;
        _nrChoices = 0;
        uint horizon = 16u << (int)_dice.Below(4);
        for (int i = 0; i < NrParks; i++)
        {
            _parksAt[i] = (int)_dice.Below(horizon);
            _parksFor[i] = (int)_dice.Below(MaxParkedFor);
        }
    }

    public override int Choose(Choice choice, int[] options, int nr) => choice switch
    {
        Choice.Next => Next(options, nr),
        Choice.Block => PassOver(options, nr, (int)_dice.Below((uint)nr)),
        Choice.Delay => _dice.OneIn(_delayOneIn) ? 1 : 0,
        Choice.Drain => _dice.OneIn(_drainOneIn) ? 1 + (int)_dice.Below((uint)nr - 1) : 0,
        Choice.Spurious => _dice.OneIn(_spuriousOneIn) ? 1 : 0,
        _ => _dice.OneIn(Machine.IsQuiet ? NoMembarrierOneIn : FaultOneIn) ? 1 : 0,
    };

    private int Next(int[] options, int nr)
    {
        _nrChoices++;
        SimThread current = Machine.Current;
        for (int i = 0; i < NrParks && current.Id == _victim; i++)
        {
            if (_parksAt[i] == current.Ops)
            {
                _parkedUntil = _nrChoices + _parksFor[i];
            }
        }
        return PassOver(options, nr, _dice.OneIn(_switchOneIn) ? (int)_dice.Below((uint)nr) : 0);
    }

    // The next one instead of the victim, while that is parked.
    private int PassOver(int[] options, int nr, int index) =>
        options[index] == _victim && _nrChoices < _parkedUntil ? (index + 1) % nr : index;
}
