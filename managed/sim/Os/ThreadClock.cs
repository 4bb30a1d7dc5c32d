// SPDX-License-Identifier: GPL-2.0-only
// Whether a simulated thread sleeps, and for how long it has run: a tenth of a microsecond for
// an operation, and what it has computed.
//
// Stands in for the engine's file of the same name.

using Wq.Sim;

namespace Wq.Os;

internal static class ThreadClock
{
    public const long Unknown = -1;

    private const long NsPerOp = 100;

    public static long CpuNs(int tid) => (Machine.ThreadAt(tid - 1).Ops * NsPerOp) + Processors.TimeOf(Machine.ThreadAt(tid - 1));

    public static bool IsAsleep(int tid) =>
        Machine.ThreadAt(tid - 1).State is not (Wq.Sim.ThreadState.Ready or Wq.Sim.ThreadState.Computing);
}
