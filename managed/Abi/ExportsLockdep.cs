// The library's entry points for lockdep. See Exports.cs for the rules.

using System.Runtime.InteropServices;
using Wq.Core;

namespace Wq.Abi;

internal static unsafe class ExportsLockdep
{
    [UnmanagedCallersOnly(EntryPoint = "wq_lockdep_enable")]
    private static byte LockdepEnable() => Exports.Bool(Engine.EnsureReady() && Lockdep.Enable());

    [UnmanagedCallersOnly(EntryPoint = "lockdep_init_map")]
    private static void LockdepInitMap(LockdepMap* map, byte* name, void* key, int subclass)
    {
        if (map != null)
        {
            *map = new LockdepMap { Key = key, Name = name, Subclass = (uint)subclass };
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "lock_map_acquire")]
    private static void LockMapAcquire(LockdepMap* map)
    {
        if (Checks.IsOn(Checks.Lockdep) && map != null)
        {
            Lockdep.Acquire(map, waits: true);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "lock_map_acquire_try")]
    private static void LockMapAcquireTry(LockdepMap* map)
    {
        if (Checks.IsOn(Checks.Lockdep) && map != null)
        {
            Lockdep.Acquire(map, waits: false);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "lock_map_release")]
    private static void LockMapRelease(LockdepMap* map)
    {
        if (Checks.IsOn(Checks.Lockdep) && map != null)
        {
            Lockdep.Release(map);
        }
    }
}
