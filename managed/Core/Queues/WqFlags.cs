// SPDX-License-Identifier: GPL-2.0-only
namespace Wq.Core;

/// <summary>What a queue is asked to be when it is made: the values of enum wq_flags, and below the engine's own.</summary>
[System.Flags]
internal enum WqFlags
{
    None = 0,
    Bh = 1 << 0,
    Unbound = 1 << 1,
    Freezable = 1 << 2, // Stands still from freeze_workqueues_begin() to thaw_workqueues().
    MemReclaim = 1 << 3,
    HighPri = 1 << 4,
    CpuIntensive = 1 << 5,
    Sysfs = 1 << 6,
    PowerEfficient = 1 << 7,
    PerCpu = 1 << 8,
    Public = (1 << 9) - 1,
    Ordered = 1 << 17,

    Shared = 1 << 20,       // Its links lead to shared pools.
    SingleThread = 1 << 21, // Of a classic queue: one worker in all, bound to no CPU.
}
