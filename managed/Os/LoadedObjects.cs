// SPDX-License-Identifier: GPL-2.0-only
// Which objects are loaded: the program, shared libraries and plug-ins. See
// native/glue/objects.c.
//
// In a forked child the loader cannot be asked: its lock may have been held by a thread
// that does not exist there, and then stays locked. So what is loaded at the fork counts
// as loaded for good.

using System.Runtime.InteropServices;

namespace Wq.Os;

[StructLayout(LayoutKind.Sequential)]
internal struct LoadedObjects
{
    public ulong NrUnloaded; // Since the process began.
    public int Nr;           // That are loaded.
    public int Place;        // The place, in order of loading, of the object that has the address; or -1.
    public nuint Address;

    private static bool s_isForked;

    /// <summary>May they be asked about?</summary>
    public static bool AreKnown => !s_isForked;

    public static void Abandon() => s_isForked = true;

    /// <summary>How many were unloaded since the process began. Context: AreKnown.</summary>
    [DllImport("wqglue", EntryPoint = "wq_objects_unloaded")]
    public static extern ulong CountUnloaded();

    /// <summary>The loaded objects, and which of them has the address; no objects if they are not known.</summary>
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
