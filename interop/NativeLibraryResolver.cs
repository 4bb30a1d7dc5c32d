// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Workqueues;

/// <summary>
/// Finds the library by its soname, <c>libworkqueue.so.1</c>, and if there is none as <c>libworkqueue.so</c>: in the
/// directory that the environment variable <c>WORKQUEUE_LIBRARY_DIR</c> names, if it is set, else where the runtime
/// looks for native libraries (the application's directory, its package assets, the system's library path).
/// A library of another ABI version is refused.
/// </summary>
internal static unsafe class NativeLibraryResolver
{
    /// <summary>Name of the library for the loader.</summary>
    internal const string Library = "workqueue";

    /// <summary>The ABI version that the declarations follow.</summary>
    internal const uint AbiVersion = NativeMethods.WORKQUEUE_ABI_VERSION;

    /// <summary>The environment variable that overrides the search.</summary>
    internal const string DirectoryVariable = "WORKQUEUE_LIBRARY_DIR";

    private const string DebugVariable = "WQ_DEBUG";
    private const string SoName = "libworkqueue.so.1";
    private const string FileName = "libworkqueue.so"; // for the linker: may lead to another version, or be missing

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Must precede the first P/Invoke of any type here.")]
    internal static void Register()
    {
        NativeLibrary.SetDllImportResolver(typeof(NativeLibraryResolver).Assembly, Resolve);
        DirectQueueing.ReportsReachManagedCode = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(DebugVariable));
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        return name == Library ? Load(assembly, path) : 0; // 0: the runtime's own search
    }

    /// <summary>Loads the library and makes sure that it is of this ABI version.</summary>
    internal static nint Load(Assembly assembly, DllImportSearchPath? path)
    {
        string? directory = Environment.GetEnvironmentVariable(DirectoryVariable);
        nint library = string.IsNullOrEmpty(directory) ? Search(assembly, path) : LoadFrom(directory);
        RequireAbi(library);
        TakeSignals(library);
        return library;
    }

    private static nint Search(Assembly assembly, DllImportSearchPath? path)
    {
        return NativeLibrary.TryLoad(SoName, assembly, path, out nint library)
            ? library
            : NativeLibrary.Load(Library, assembly, path);
    }

    private static nint LoadFrom(string directory)
    {
        string file = Path.Combine(directory, SoName);
        return NativeLibrary.Load(File.Exists(file) ? file : Path.Combine(directory, FileName));
    }

    // The runtime sends signals of its own, and passes the mask on to threads and processes. Before anybody can start
    // the global queue.
    private static void TakeSignals(nint library)
    {
        var take = (delegate* unmanaged[Cdecl]<byte, void>)NativeLibrary.GetExport(
            library, nameof(NativeMethods.wq_set_worker_signals));
        take(1);
    }

    private static void RequireAbi(nint library)
    {
        var version = (delegate* unmanaged[Cdecl]<uint>)NativeLibrary.GetExport(
            library, nameof(NativeMethods.workqueue_abi_version));
        uint found = version();
        if (found != AbiVersion)
        {
            throw new DllNotFoundException(
                $"{SoName} has ABI version {found}; this assembly needs {AbiVersion}.");
        }
    }
}
