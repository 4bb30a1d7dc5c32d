// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace Bench;

/// <summary>W7 and idle, as in ../life.h.</summary>
internal static class Life
{
    private const int HourMs = 3_600_000;

    private static readonly ManualResetEventSlim s_hasRun = new();
    private static readonly Timer[] s_timers = new Timer[1000];
    private static long s_ranAt;

    private sealed class Stamp : IThreadPoolWorkItem
    {
        public void Execute()
        {
            s_ranAt = Stopwatch.GetTimestamp();
            s_hasRun.Set();
        }
    }

    private static void Fire(object? unused) => Environment.FailFast("a timer fired");

    private static void RunOne()
    {
        ThreadPool.UnsafeQueueUserWorkItem(new Stamp(), preferLocal: false);
        s_hasRun.Wait();
    }

    /// <summary>Stopwatch is CLOCK_MONOTONIC in nanoseconds, as launch.c's clock is.</summary>
    public static int FirstItem()
    {
        RunOne();
        Console.WriteLine($"dotnet {s_ranAt}");
        Console.Write(File.ReadAllText("/proc/self/status"));
        return 0;
    }

    public static void StayIdle()
    {
        RunOne();
        for (int i = 0; i < s_timers.Length; i++)
            s_timers[i] = new Timer(Fire, null, HourMs + i, Timeout.Infinite);
        Console.WriteLine("dotnet");
        Console.In.ReadToEnd();
    }
}
