// Which CPUs there are: possible (the machine's), allowed (this process's), and
// the one the caller runs on.
//
// Invariant: every cpu this class names is in [0, NrPossible).

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Wq.Os;

/// <summary>A set of CPUs as sched_getaffinity(2) writes it.</summary>
internal unsafe struct CpuMask
{
    public const int SizeBytes = 512; // 4,096 CPUs.

    public fixed byte Bits[SizeBytes];

    public readonly bool Has(int cpu) => cpu >= 0 && cpu < SizeBytes * 8 && (Bits[cpu / 8] & (1 << (cpu % 8))) != 0;

    public void Add(int cpu) => Bits[cpu / 8] |= (byte)(1 << (cpu % 8));
}

internal static unsafe class Cpus
{
    private const int MaxCpus = CpuMask.SizeBytes * 8;

    private static int s_nrPossible;
    private static bool s_isOnlyOne;

    /// <summary>One more than the highest CPU number this machine can ever have.</summary>
    public static int NrPossible => s_nrPossible;

    /// <summary>Was the process confined to one CPU when the library started?</summary>
    public static bool IsOnlyOne => s_isOnlyOne;

    public static void Init()
    {
        const int Size = 256;
        byte* text = stackalloc byte[Size];
        int length = 0;
        fixed (byte* path = "/sys/devices/system/cpu/possible"u8)
        {
            int fd = Libc.open(path, 0, 0);
            if (fd >= 0)
            {
                length = (int)Libc.read(fd, text, Size);
                Libc.close(fd);
            }
        }
        CpuMask allowed;
        Allowed(&allowed);
        s_isOnlyOne = Count(&allowed) == 1;
        s_nrPossible = Math.Max(HighestOf(text, length), HighestOf(&allowed)) + 1;
    }

    /// <summary>
    /// The CPUs the process was given: those of its main thread when the library was
    /// loaded, whatever its threads have bound themselves to since. Never empty.
    /// </summary>
    public static void Allowed(CpuMask* mask)
    {
        *mask = default;
        ProcessCpus(mask->Bits, CpuMask.SizeBytes);
    }

    [DllImport("wqglue", EntryPoint = "wq_process_cpus")]
    private static extern int ProcessCpus(byte* mask, nuint size);

    /// <summary>The CPU the caller is on: a hint that may be stale at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Current() => Libc.sched_getcpu();

    /// <summary>Tells the core that the caller spins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Relax()
    {
        if (X86Base.IsSupported)
        {
            X86Base.Pause();
        }
        else if (ArmBase.IsSupported)
        {
            ArmBase.Yield();
        }
    }

    public static void Yield() => Libc.sched_yield();

    /// <summary>The highest number in a list such as "0-3,8-11"; 0 if there is none.</summary>
    public static int HighestOf(byte* list, int length)
    {
        int highest = 0;
        int number = 0;
        for (int i = 0; i < length; i++)
        {
            bool digit = list[i] >= '0' && list[i] <= '9';
            number = digit ? Math.Min(number * 10 + (list[i] - '0'), MaxCpus - 1) : 0;
            highest = Math.Max(highest, number);
        }
        return highest;
    }

    public static int Count(CpuMask* mask)
    {
        int nr = 0;
        for (int i = 0; i < CpuMask.SizeBytes; i++)
        {
            nr += int.PopCount(mask->Bits[i]);
        }
        return nr;
    }

    private static int HighestOf(CpuMask* mask)
    {
        int cpu = MaxCpus - 1;
        while (cpu > 0 && !mask->Has(cpu))
        {
            cpu--;
        }
        return cpu;
    }
}
