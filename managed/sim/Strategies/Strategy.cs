// SPDX-License-Identifier: GPL-2.0-only
// Who decides how a run goes. A strategy is asked at every choice and answers with
// the index of an option; option 0 is the usual turn. Its answers depend on the seed
// and the questions so far, and on nothing else.

namespace Wq.Sim;

internal abstract class Strategy
{
    /// <summary>
    /// Is Choice.Drain offered at each point, and are there points after read-modify-writes, which
    /// show races of the plain accesses that follow? Too many for a search.
    /// </summary>
    public virtual bool IsRandom => true;

    /// <summary>Before a run.</summary>
    public abstract void Begin(ulong seed);

    /// <summary>An index below <paramref name="nr"/>, which is at least 2.</summary>
    public abstract int Choose(Choice choice, int[] options, int nr);
}

/// <summary>The run without an unusual turn.</summary>
internal sealed class FirstChoice : Strategy
{
    public override void Begin(ulong seed)
    {
    }

    public override int Choose(Choice choice, int[] options, int nr) => 0;
}

/// <summary>SplitMix64: small, fast, and the same everywhere.</summary>
internal struct Dice(ulong seed)
{
    private ulong _state = seed;

    public uint Below(uint limit) => (uint)(((Next() >> 32) * limit) >> 32);

    public bool OneIn(uint n) => Below(n) == 0;

    private ulong Next() => History.Mix(_state += 0x9e3779b97f4a7c15);
}
