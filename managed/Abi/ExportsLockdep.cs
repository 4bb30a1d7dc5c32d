// SPDX-License-Identifier: GPL-2.0-only
// The library's entry points for lockdep. See Exports.cs for the rules.

using System.Runtime;
using System.Runtime.CompilerServices;
using Wq.Core;
using Wq.Os;

namespace Wq.Abi;

internal static unsafe class ExportsLockdep
{
    private static bool s_askedEnvironment; // Two threads may set it at the same time, without harm.

    // A lock that is taken before the first queue is made must count as held afterwards.
    private static bool IsOn
    {
        get
        {
            Fork.Settle();
            return Checks.IsOn(Checks.Lockdep) || (!s_askedEnvironment && TurnOnSlow());
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TurnOnSlow()
    {
        bool wanted = Environ.IsOn("WQ_LOCKDEP"u8);
        bool on = wanted && Engine.EnsureReady() && Checks.IsOn(Checks.Lockdep);
        s_askedEnvironment = true;
        return on;
    }

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
        if (map != null && IsOn)
        {
            Lockdep.Acquire(map, waits: true);
        }
    }

    [RuntimeExport("lock_map_acquire_try")]
    private static void LockMapAcquireTry(LockdepMap* map)
    {
        if (map != null && IsOn)
        {
            Lockdep.Acquire(map, waits: false);
        }
    }

    [RuntimeExport("lock_map_release")]
    private static void LockMapRelease(LockdepMap* map)
    {
        if (map != null && IsOn)
        {
            Lockdep.Release(map);
        }
    }
}
