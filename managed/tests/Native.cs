// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;
using Wq.Core;
using Xunit;

// The engine's statics, its report handler and its threads belong to the whole process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Wq.Tests;

/// <summary>Zeroed memory at an address that stays, freed at the end of the test.</summary>
internal sealed unsafe class Pinned<T> : IDisposable
    where T : unmanaged
{
    public Pinned(int count = 1) =>
        At = (T*)NativeMemory.AlignedAlloc((nuint)(count * sizeof(T)), TypeAlignment);

    private const nuint TypeAlignment = 256;

    /// <summary>The first element.</summary>
    public T* At { get; private set; }

    /// <summary>Memory whose every byte is zero.</summary>
    public static Pinned<T> Zeroed(int count = 1)
    {
        var memory = new Pinned<T>(count);
        NativeMemory.Clear(memory.At, (nuint)(count * sizeof(T)));
        return memory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(At);
        At = null;
    }
}

/// <summary>The C side: sources of the repository and its compiler.</summary>
internal static class Native
{
    /// <summary>The directory with the header, the glue and the C tests.</summary>
    public static string Directory { get; } = typeof(Native).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "NativeDirectory").Value!;

    /// <summary>Runs a program to its end and returns what it printed; fails the test if the program fails.</summary>
    public static string Run(string program, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} exits with {process.ExitCode}");
        return output;
    }
}

/// <summary>Threads and conditions with a limit.</summary>
internal static class Within
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Starts a thread that does not keep the process alive.</summary>
    public static Thread Start(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }

    public static void Join(params Thread[] threads) =>
        Assert.All(threads, thread => Assert.True(thread.Join(Limit), "a test thread does not end"));

    public static void Until(Func<bool> condition, string what) =>
        Assert.True(SpinWait.SpinUntil(condition, Limit), $"waited in vain for {what}");

    /// <summary>The engine's one-time set-up, for tests that use its memory.</summary>
    public static void EngineIsReady() => Assert.True(Engine.EnsureReady());
}
