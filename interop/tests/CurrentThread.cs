// SPDX-License-Identifier: GPL-2.0-only
using System.Globalization;
using System.IO;

namespace Workqueues.Tests;

/// <summary>The calling thread as the kernel knows it.</summary>
internal static class CurrentThread
{
    public static int Id() =>
        int.Parse(File.ReadAllText("/proc/thread-self/stat").Split(' ')[0], CultureInfo.InvariantCulture);

    public static string Name() => File.ReadAllText("/proc/thread-self/comm").TrimEnd('\n');
}
