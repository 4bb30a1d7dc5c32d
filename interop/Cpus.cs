// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.ComponentModel;

namespace Workqueues;

/// <summary>
/// The CPUs on which queues have workers. They follow the CPUs that the process may run on by themselves; these calls
/// take one out by hand, or make the library look now.
/// </summary>
/// <remarks>All members may be used from any thread, but the ones that block not from a work item.</remarks>
public static class Cpus
{
    /// <summary>One more than the highest CPU number that the machine can have. Never blocks.</summary>
    public static int NumberLimit => NativeMethods.wq_nr_cpu_ids();

    /// <summary>Whether queues have a worker on a CPU: a snapshot. Never blocks.</summary>
    /// <param name="cpu">Its number; one that the machine has not is offline.</param>
    /// <returns>True if it is online.</returns>
    public static bool IsOnline(int cpu) => NativeMethods.wq_cpu_online(cpu);

    /// <summary>
    /// Takes a CPU offline until <see cref="Up"/>: its workers run what they hold on other CPUs, and end. What is
    /// queued for it later runs elsewhere.
    /// </summary>
    /// <remarks>Blocks until the items of the workers that end have run.</remarks>
    /// <param name="cpu">Its number.</param>
    /// <exception cref="Win32Exception">
    /// It is none of the machine's (EINVAL), the only one (EBUSY), or the caller is a work item (EDEADLK).
    /// </exception>
    public static void Down(int cpu) => Check(NativeMethods.wq_cpu_down(cpu));

    /// <summary>Brings a CPU online, and gives every queue with a worker per CPU one there.</summary>
    /// <remarks>May block.</remarks>
    /// <param name="cpu">Its number.</param>
    /// <exception cref="Win32Exception">
    /// It is none of the machine's (EINVAL), the process may not run on it (ENODEV), there are no threads to be had
    /// (EAGAIN, ENOMEM), or the caller is a work item (EDEADLK).
    /// </exception>
    public static void Up(int cpu) => Check(NativeMethods.wq_cpu_up(cpu));

    /// <summary>Starts and ends workers as the CPUs that the process may run on have changed.</summary>
    /// <remarks>Blocks until the items of workers that end have run.</remarks>
    /// <returns>How many CPUs came or went.</returns>
    /// <exception cref="Win32Exception">
    /// There are no threads to be had (EAGAIN, ENOMEM), or the caller is a work item (EDEADLK).
    /// </exception>
    public static int Rescan() => Check(NativeMethods.wq_cpu_rescan());

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(-result);
}
