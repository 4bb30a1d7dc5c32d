// A seeded walk: at each choice the dice decide. How restless a run is (how often
// another thread goes on, how long stores stay unseen) is drawn once a run, since
// some bugs want many switches and most want one at the right place.

namespace Wq.Sim;

internal sealed class RandomWalk : Strategy
{
    private const uint FaultOneIn = 12;
    private const uint NoMembarrierOneIn = 16;

    private Dice _dice;
    private uint _switchOneIn;
    private uint _delayOneIn;
    private uint _drainOneIn;
    private uint _spuriousOneIn;

    public override void Begin(ulong seed)
    {
        _dice = new Dice(seed);
        _switchOneIn = 2u << (int)_dice.Below(5);
        _delayOneIn = 1u << (int)_dice.Below(4);
        _drainOneIn = 2u << (int)_dice.Below(5);
        _spuriousOneIn = 2u << (int)_dice.Below(4);
    }

    public override int Choose(Choice choice, int[] options, int nr) => choice switch
    {
        Choice.Next => _dice.OneIn(_switchOneIn) ? (int)_dice.Below((uint)nr) : 0,
        Choice.Block => (int)_dice.Below((uint)nr),
        Choice.Delay => _dice.OneIn(_delayOneIn) ? 1 : 0,
        Choice.Drain => _dice.OneIn(_drainOneIn) ? 1 + (int)_dice.Below((uint)nr - 1) : 0,
        Choice.Spurious => _dice.OneIn(_spuriousOneIn) ? 1 : 0,
        _ => _dice.OneIn(Machine.IsQuiet ? NoMembarrierOneIn : FaultOneIn) ? 1 : 0,
    };
}
