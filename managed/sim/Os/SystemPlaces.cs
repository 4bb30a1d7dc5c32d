// SPDX-License-Identifier: GPL-2.0-only
// The memory of the queues that every program has. Stands in for the engine's file of the
// same name.

using Wq.Sim;

namespace Wq.Os;

internal static unsafe class SystemPlaces
{
    private const int NrPlaces = 10;
    private const nuint PlaceBytes = 512;
    private const nuint FormerBytes = 192;

    private static void* s_places;

    public static void* Get(out nuint placeBytes)
    {
        placeBytes = PlaceBytes;
        s_places = s_places == null ? Heap.Take(NrPlaces * (PlaceBytes + FormerBytes)) : s_places;
        return s_places;
    }
}
