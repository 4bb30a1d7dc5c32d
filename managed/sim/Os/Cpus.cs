// Which CPUs there are in the simulation, and the one the running thread is on.
//
// Stands in for the engine's file of the same name. The set of allowed CPUs is the
// simulated kernel's and may change during a run, and so may a thread's CPU.

using Wq.Sim;

namespace Wq.Os;

/// <summary>A set of CPUs.</summary>
internal unsafe struct CpuMask
{
    public const int SizeBytes = 8;

    public fixed byte Bits[SizeBytes];

    public readonly bool Has(int cpu) => cpu >= 0 && cpu < SizeBytes * 8 && (Bits[cpu / 8] & (1 << (cpu % 8))) != 0;

    public void Add(int cpu) => Bits[cpu / 8] |= (byte)(1 << (cpu % 8));
}

internal static unsafe class Cpus
{
    public static int NrPossible => Kernel.NrCpus;

    public static bool IsOnlyOne => Kernel.NrCpus == 1;

    public static void Init()
    {
    }

    public static void Allowed(CpuMask* mask) => *(ulong*)mask->Bits = Kernel.AllowedCpus;

    public static int Current() => Machine.Current.Cpu;

    public static void Relax() => Machine.Pause();

    public static void Yield() => Machine.Pause();

    public static int Count(CpuMask* mask) => (int)ulong.PopCount(*(ulong*)mask->Bits);
}
