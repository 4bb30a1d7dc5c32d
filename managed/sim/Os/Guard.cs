// SPDX-License-Identifier: GPL-2.0-only
// The frames that see a thread's stack unwound: nothing unwinds in a simulation.
// Stands in for the engine's file of the same name.

using Wq.Sim;

namespace Wq.Os;

internal static unsafe class Guard
{
    public static Errno CreateThread(nuint* thread, PThreadAttr* attr, ThreadStart* start) =>
        Kernel.CreateThread(thread, attr->Cpus, start->Func, start->Argument);

    public static Errno Join(nuint thread, long* at)
    {
        Kernel.JoinThread(thread);
        return Errno.None;
    }

    public static void* Call(ThreadFunc run, void* argument) => run(argument);

    public static void OnUnwind(delegate*<int, void> report)
    {
    }
}
