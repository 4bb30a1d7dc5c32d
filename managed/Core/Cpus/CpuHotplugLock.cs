// SPDX-License-Identifier: GPL-2.0-only
// Which thread may change the set of online CPUs, and which threads hold such changes off.
//
// A transition is one look at the process's CPUs with all that follows; one thread at
// a time makes one. Within it the online set changes between BeginChange and EndChange,
// which wait until nobody is between Get and Put, and keep others out of there.
//
// Invariant: s_holders is Changing between BeginChange and EndChange, else how many
// threads are between Get and Put. A thread counts its own nesting, so only its first
// Get and last Put touch the word; the thread that makes a transition is counted as
// being inside, so that its callbacks may Get, and is known to IsHeldByCaller. As in
// the kernel a change also waits for holders that come later. Kernel counterparts:
// cpu_maps_update_begin, cpu_hotplug_begin, get_online_cpus.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal static unsafe class CpuHotplugLock
{
    private const int Changing = -1;

    private static FutexMutex s_transition;
    private static int s_holders; // A: a futex

    // A change comes before the next holders, and they before the next change: two keys, as they are not ordered among
    // themselves.
    private static void* KeyOfChange => Address.Of(ref s_holders);
    private static void* KeyOfHolders => (byte*)KeyOfChange + 1;

    /// <summary>Would the caller wait for itself, if it began a transition?</summary>
    public static bool IsHeldByCaller => *ThreadLocals.CpuHolds() != 0;

    /// <summary>Begins a transition. Blocks while another is made.</summary>
    public static void BeginTransition()
    {
        FutexMutex.LockStatic(ref s_transition);
        Watcher.Acquire(Address.Of(ref s_transition)); // Notifiers are called one after another.
        *ThreadLocals.CpuHolds() += ThreadLocals.InCpuTransition;
    }

    public static void EndTransition()
    {
        *ThreadLocals.CpuHolds() -= ThreadLocals.InCpuTransition;
        Watcher.Release(Address.Of(ref s_transition));
        FutexMutex.UnlockStatic(ref s_transition);
    }

    /// <summary>Waits until nobody holds the online CPUs. Context: in a transition.</summary>
    public static void BeginChange()
    {
        int nr = Atomic.CompareExchange(ref s_holders, Changing, 0);
        while (nr != 0)
        {
            Futex.WaitStatic(ref s_holders, nr); // Until Put makes it 0; a count between wakes nobody.
            nr = Atomic.CompareExchange(ref s_holders, Changing, 0);
        }
        Watcher.Acquire(KeyOfHolders);
    }

    /// <summary>Lets holders in. Context: after BeginChange.</summary>
    public static void EndChange()
    {
        Watcher.Release(KeyOfChange);
        Atomic.Store(ref s_holders, 0);
        Futex.WakeStatic(ref s_holders, int.MaxValue);
    }

    /// <summary>Holds off changes until Put; nests. Blocks while one is made.</summary>
    public static void Get()
    {
        if ((*ThreadLocals.CpuHolds())++ != 0)
        {
            return;
        }
        int nr = Atomic.Load(ref s_holders);
        while (nr == Changing || Atomic.CompareExchange(ref s_holders, nr + 1, nr) != nr)
        {
            Futex.WaitStatic(ref s_holders, Changing); // Returns at once if it is another holder that came between.
            nr = Atomic.Load(ref s_holders);
        }
        Watcher.Acquire(KeyOfChange);
    }

    /// <summary>Undoes one Get of this thread.</summary>
    /// <returns>False if there is none.</returns>
    public static bool Put()
    {
        int* own = ThreadLocals.CpuHolds();
        if (*own % ThreadLocals.InCpuTransition == 0)
        {
            return false;
        }
        if (--*own != 0)
        {
            return true;
        }
        Watcher.Release(KeyOfHolders);
        int nr = Atomic.Load(ref s_holders);
        while (Atomic.CompareExchange(ref s_holders, nr - 1, nr) != nr)
        {
            nr = Atomic.Load(ref s_holders);
        }
        if (nr == 1)
        {
            Futex.WakeStatic(ref s_holders, int.MaxValue);
        }
        return true;
    }

    /// <summary>In a forked child: no transition, and of the holders the one thread there is.</summary>
    public static void Abandon()
    {
        int own = *ThreadLocals.CpuHolds();
        s_transition = default;
        s_holders = own != 0 && own < ThreadLocals.InCpuTransition ? 1 : 0;
    }
}
