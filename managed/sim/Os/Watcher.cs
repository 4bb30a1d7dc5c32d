// SPDX-License-Identifier: GPL-2.0-only
// No tool watches a simulation. Stands in for the engine's file of the same name.

namespace Wq.Os;

internal static unsafe class Watcher
{
    public static bool IsThere => false;

    public static void Init()
    {
    }

    public static void Release(void* key)
    {
    }

    public static void Acquire(void* key)
    {
    }

    public static void Ignore(void* memory, int size)
    {
    }

    public static void AddRoots(void* memory, nuint size)
    {
    }
}
