// SPDX-License-Identifier: GPL-2.0-only
using System.IO;

namespace Workqueues.Tests;

/// <summary>The calling thread as the kernel knows it.</summary>
internal static class CurrentThread
{
    public static string Name() => File.ReadAllText("/proc/thread-self/comm").TrimEnd('\n');
}
