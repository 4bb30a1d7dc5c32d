// SPDX-License-Identifier: GPL-2.0-only
// The library's entry points for lockdep. See Exports.cs for the rules.

using System.Runtime;
using Wq.Core;

namespace Wq.Abi;

internal static unsafe class ExportsLockdep
{
    [RuntimeExport("wq_lockdep_enable")]
    private static byte LockdepEnable() => Exports.Bool(Engine.EnsureReady() && Lockdep.Enable());

    [RuntimeExport("lockdep_init_map")]
    private static void LockdepInitMap(LockdepMap* map, byte* name, void* key, int subclass)
    {
        if (map != null)
        {
            *map = new LockdepMap { Key = key, Name = name, Subclass = (uint)subclass };
        }
    }

    [RuntimeExport("lock_map_acquire")]
    private static void LockMapAcquire(LockdepMap* map)
    {
        if (map != null && Lockdep.IsOnForLocks)
        {
            Lockdep.Acquire(map, waits: true);
        }
    }

    [RuntimeExport("lock_map_acquire_try")]
    private static void LockMapAcquireTry(LockdepMap* map)
    {
        if (map != null && Lockdep.IsOnForLocks)
        {
            Lockdep.Acquire(map, waits: false);
        }
    }

    [RuntimeExport("lock_map_release")]
    private static void LockMapRelease(LockdepMap* map)
    {
        if (map != null && Lockdep.IsOnForLocks)
        {
            Lockdep.Release(map);
        }
    }
}
