// SPDX-License-Identifier: GPL-2.0-only
// What the simulated threads of a scenario do: the machine's view of a program.

namespace Wq.Sim;

internal abstract class Script
{
    public static readonly Script None = new Nothing();

    public virtual int NrCpus => 2;

    /// <summary>The body of the scenario's threads: Main, and the callers it spawns.</summary>
    public abstract void Run(SimThread self);

    private sealed class Nothing : Script
    {
        public override void Run(SimThread self)
        {
        }
    }
}
