// SPDX-License-Identifier: GPL-2.0-only
// Threads that compute: each CPU runs one of them at a time, who came first, until it has had what it wants.
//
// All else that threads do takes no processor and no time. A thread that computes is not Ready: nobody else waits for it, and
// time passes to its end as to any other expiry. Where it began to compute it stays until that end.

using System;

namespace Wq.Sim;

internal static class Processors
{
    private const int MaxCpus = 64;
    private const nuint HistoryAt = 32; // Addresses from here on are the CPUs.

    private static readonly long[] s_freeFromNs = new long[MaxCpus];

    public static void Reset() => Array.Clear(s_freeFromNs);

    /// <summary>The calling thread has its CPU for that long, when those before it are through.</summary>
    public static void Compute(SimThread self, long ns)
    {
        History.Event(HistoryAt + (nuint)self.Cpu, isWrite: true);
        self.ComputesFromNs = long.Max(Kernel.NowNs, s_freeFromNs[self.Cpu]);
        self.WakeAtNs = self.ComputesFromNs + ns;
        s_freeFromNs[self.Cpu] = self.WakeAtNs;
        Machine.Block(ThreadState.Computing, 0);
        self.ComputedNs += ns;
    }

    /// <summary>For how long a thread has computed.</summary>
    public static long TimeOf(SimThread thread) => thread.State == ThreadState.Computing
        ? thread.ComputedNs + long.Clamp(Kernel.NowNs - thread.ComputesFromNs, 0, thread.WakeAtNs - thread.ComputesFromNs)
        : thread.ComputedNs;
}
