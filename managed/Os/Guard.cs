// SPDX-License-Identifier: GPL-2.0-only
// The C frames (native/glue/thread.c) that guard the stacks of the library's threads. If
// a C++ exception or pthread_exit unwinds a stack, they end the process with a report.

using System.Runtime.InteropServices;

namespace Wq.Os;

internal static unsafe class Guard
{
    /// <summary>pthread_create with such a frame as the thread's lowest.</summary>
    [DllImport("wqglue", EntryPoint = "wq_thread_create")]
    public static extern Errno CreateThread(nuint* thread, PThreadAttr* attr, ThreadStart* start);

    /// <summary>pthread_join until <paramref name="at"/>, a struct timespec of CLOCK_MONOTONIC; null for no limit.</summary>
    [DllImport("wqglue", EntryPoint = "wq_thread_join")]
    public static extern Errno Join(nuint thread, long* at);

    /// <summary>Calls <paramref name="run"/> above another such frame, so that nothing beyond it is unwound.</summary>
    [DllImport("wqglue", EntryPoint = "wq_guard")]
    public static extern void* Call(ThreadFunc run, void* argument);

    /// <summary>Sets the function that reports; it must not return. Before the first thread is made.</summary>
    [DllImport("wqglue", EntryPoint = "wq_on_unwind")]
    public static extern void OnUnwind(delegate*<int, void> report);
}
