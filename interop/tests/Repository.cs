// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit;

// The tests watch the process as a whole: its threads, its signals, its garbage collections.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Workqueues.Tests;

/// <summary>Where the tests find what they test.</summary>
internal static class Repository
{
    /// <summary>The repository's top directory.</summary>
    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "Repository").Value!;

    /// <summary>The text of the C header.</summary>
    public static string Header => File.ReadAllText(Path.Combine(Root, "native", "include", "workqueue.h"));

    /// <summary>Without other instructions the library is the one that CMake built.</summary>
    [ModuleInitializer]
    internal static void UseBuiltLibrary()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(NativeLibraryResolver.DirectoryVariable)))
        {
            string built = Path.Combine(Root, "build", "lib");
            Environment.SetEnvironmentVariable(NativeLibraryResolver.DirectoryVariable, built);
        }
    }
}
