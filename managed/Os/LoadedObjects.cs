// Which of the program's parts, shared libraries and plug-ins among them, are loaded: see
// native/glue/objects.c.

using System.Runtime.InteropServices;

namespace Wq.Os;

[StructLayout(LayoutKind.Sequential)]
internal struct LoadedObjects
{
    public ulong NrUnloaded; // Since the process began.
    public int Nr;           // That are loaded.
    public int Place;        // In order of loading, of the one that has the address; or -1.
    public nuint Address;

    /// <summary>How many were unloaded since the process began.</summary>
    [DllImport("wqglue", EntryPoint = "wq_objects_unloaded")]
    public static extern ulong CountUnloaded();

    /// <summary>Those that are loaded, and which of them has the address.</summary>
    public static unsafe LoadedObjects Find(nuint address)
    {
        LoadedObjects objects;
        Find(address, &objects);
        return objects;
    }

    /// <summary>Is the address in one of them?</summary>
    public static unsafe bool Have(void* address) => Find((nuint)address).Place >= 0;

    [DllImport("wqglue", EntryPoint = "wq_objects_find")]
    private static extern unsafe void Find(nuint address, LoadedObjects* objects);
}
