// SPDX-License-Identifier: GPL-2.0-only
// Which of the program's parts, shared libraries and plug-ins among them, are loaded: see
// native/glue/objects.c.
//
// In a forked child nobody can ask: the loader's lock may have been held by a thread that is
// not there, and no one frees it. What is loaded then counts as staying there.

using System.Runtime.InteropServices;

namespace Wq.Os;

[StructLayout(LayoutKind.Sequential)]
internal struct LoadedObjects
{
    public ulong NrUnloaded; // Since the process began.
    public int Nr;           // That are loaded.
    public int Place;        // In order of loading, of the one that has the address; or -1.
    public nuint Address;

    private static bool s_isForked;

    /// <summary>May they be asked about?</summary>
    public static bool AreKnown => !s_isForked;

    public static void Abandon() => s_isForked = true;

    /// <summary>How many were unloaded since the process began. Context: AreKnown.</summary>
    [DllImport("wqglue", EntryPoint = "wq_objects_unloaded")]
    public static extern ulong CountUnloaded();

    /// <summary>Those that are loaded, and which of them has the address; none where they are not known.</summary>
    public static unsafe LoadedObjects Find(nuint address)
    {
        LoadedObjects objects = new() { Place = -1 };
        if (AreKnown)
        {
            Find(address, &objects);
        }
        return objects;
    }

    /// <summary>Is the address in one of them?</summary>
    public static unsafe bool Have(void* address) =>
        AreKnown ? Find((nuint)address).Place >= 0 : address != null;

    [DllImport("wqglue", EntryPoint = "wq_objects_find")]
    private static extern unsafe void Find(nuint address, LoadedObjects* objects);
}
