// SPDX-License-Identifier: GPL-2.0-only
// Which CPUs there are:
//
//   possible   the machine's
//   given      the process's, when the library was loaded
//   online     those that queues have workers on now
//   current    the one that the caller runs on
//
// CpuWatch knows which CPUs the process may use at the moment.
//
// Invariant: every cpu this class names is in [0, NrPossible). Online is never empty
// once Init has run. It is changed one CPU at a time, under the lock of CPU hotplug, and
// any thread may read it: a reader may see one change and not the next, and never an
// empty set.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Wq.Os;

internal static unsafe class Cpus
{
    public const int MaxCpus = CpuMask.SizeBytes * 8; // WORK_CPU_UNBOUND: the first number that no CPU has.

    private static int s_nrPossible;
    private static bool s_isOnlyOne;
    private static CpuMask s_given;  // I: except in a forked child, before it has threads
    private static CpuMask s_online; // A: see above

    /// <summary>The highest CPU number that this machine can ever have, plus one.</summary>
    public static int NrPossible => s_nrPossible;

    /// <summary>Is one CPU online?</summary>
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
        CpuMask given = default;
        ProcessCpus(given.Bits, CpuMask.SizeBytes);
        SetGiven(&given);
        s_nrPossible = Math.Max(length > 0 ? HighestOf(text, length) : KernelCpus() - 1, HighestOf(&given)) + 1;
        SetOnline(&given);
    }

    /// <summary>
    /// The CPUs the process was given: those of its main thread when the library was
    /// loaded, whatever its threads have bound themselves to since. Never empty.
    /// </summary>
    public static void Given(CpuMask* mask) => *mask = s_given;

    public static void SetGiven(CpuMask* mask) => s_given = *mask;

    public static void SetOnline(CpuMask* mask)
    {
        s_online = *mask;
        s_isOnlyOne = mask->Count == 1;
    }

    public static int NrOnline => s_online.Count;

    public static bool IsOnline(int cpu) => s_online.Has(cpu);

    /// <summary>Never empty.</summary>
    public static void Online(CpuMask* mask)
    {
        do
        {
            *mask = s_online; // Half of one change and half of the next might make an empty set.
        }
        while (mask->Count == 0);
    }

    [DllImport("wqglue", EntryPoint = "wq_process_cpus")]
    private static extern int ProcessCpus(byte* mask, nuint size);

    /// <summary>The CPU the caller is on: a hint that may be stale at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Current() => Known(Libc.sched_getcpu());

    /// <summary>The CPU of that number, or CPU 0 for a number that no CPU here has: the system did not tell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Known(int cpu) => (uint)cpu < (uint)s_nrPossible ? cpu : 0;

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

    // How many CPUs the kernel's masks have room for. Without /sys there is no better answer.
    private static int KernelCpus()
    {
        long number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 123 : 204; // sched_getaffinity
        CpuMask mask;
        long bytes = Libc.syscall_short(number, null, CpuMask.SizeBytes, (long)&mask, null, null, 0);
        return Math.Min(Math.Max((int)bytes * 8, 1), MaxCpus);
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
