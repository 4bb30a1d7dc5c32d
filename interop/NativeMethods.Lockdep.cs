// SPDX-License-Identifier: GPL-2.0-only
//
// Lockdep's half of native/include/workqueue.h; see NativeMethods.cs. The public
// classes do not offer it: a WorkItem's class would be its native function, which
// is one for all of them, and so tells nothing of their order.
using System.Runtime.InteropServices;

namespace Workqueues;

/// <summary>
/// <c>struct lockdep_map</c>: 24 bytes at an address that does not change while the lock is held. Without a key
/// it must live as long as the process.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LockdepMap
{
    /// <summary>Address that stands for the lock's class, or null for a class of its own.</summary>
    public void* Key;

    /// <summary>Zero-terminated name for reports; must live as long as the map.</summary>
    public byte* Name;

    /// <summary>Tells locks of one class apart.</summary>
    public uint Subclass;

    /// <summary>The library's.</summary>
    public int ClassId;
}

internal static unsafe partial class NativeMethods
{
    /// <summary>Has waits that could deadlock reported from now on; false and errno without memory.</summary>
    [LibraryImport(Library, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool wq_lockdep_enable();

    /// <summary>Initialises the map of a lock. Never blocks.</summary>
    [LibraryImport(Library)]
    internal static partial void lockdep_init_map(LockdepMap* map, byte* name, void* key, int subclass);

    /// <summary>Says that the thread is about to take a lock.</summary>
    [LibraryImport(Library)]
    internal static partial void lock_map_acquire(LockdepMap* map);

    /// <summary>Says that the thread has taken a lock without waiting for it.</summary>
    [LibraryImport(Library)]
    internal static partial void lock_map_acquire_try(LockdepMap* map);

    /// <summary>Says that the thread lets a lock go.</summary>
    [LibraryImport(Library)]
    internal static partial void lock_map_release(LockdepMap* map);
}
