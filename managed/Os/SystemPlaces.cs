// SPDX-License-Identifier: GPL-2.0-only
// The memory of the queues that every program has, which is there from the loading on.

using System.Runtime.InteropServices;

namespace Wq.Os;

internal static unsafe class SystemPlaces
{
    /// <summary>Where the places begin, one after another; null if there was no memory. Zeroes at first.</summary>
    public static void* Get(out nuint placeBytes)
    {
        nuint bytes;
        void* places = Places(&bytes);
        placeBytes = bytes;
        return places;
    }

    [DllImport("wqglue", EntryPoint = "wq_system_places")]
    [SuppressGCTransition]
    private static extern void* Places(nuint* placeBytes);
}
