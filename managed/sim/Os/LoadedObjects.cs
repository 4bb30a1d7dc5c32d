// SPDX-License-Identifier: GPL-2.0-only
// Nothing is unloaded in a simulation, where lockdep is off. Stands in for the engine's file
// of the same name.

namespace Wq.Os;

internal struct LoadedObjects
{
    public ulong NrUnloaded;
    public int Nr;
    public int Place;

    public static bool AreKnown => true;

    public static void Abandon()
    {
    }

    public static ulong CountUnloaded() => 0;

    public static LoadedObjects Find(nuint address) => new() { Place = -1 };

    public static unsafe bool Have(void* address) => false;
}
