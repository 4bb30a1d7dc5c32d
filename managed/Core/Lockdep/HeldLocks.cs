// SPDX-License-Identifier: GPL-2.0-only
// What the calling thread holds, for lockdep: its locks, and if it is a worker the queue
// and the items whose functions it is inside of.
//
// It is made when the thread first acquires something, and found through a thread-local
// pointer in native/glue. The C library frees it when the thread ends, without a call into
// this file. Only its own thread touches it. Entries that do not fit are counted, so that
// their releases are not reported as releases of locks that are not held.
// Kernel counterparts: task_struct.held_locks, lockdep_depth.

using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal unsafe struct HeldLock
{
    public void* Instance; // An address. Followed only if it is a queue: a worker's queue is not freed meanwhile.
    public LockKind Kind;
    public int Class;
}

internal unsafe struct HeldLocks
{
    private const int Capacity = 64;

    public int Nr;
    private int _nrDropped;
    private fixed byte _locks[Capacity * 16];

    private static int s_reportedFull;

    /// <summary>The calling thread's, or null if it never acquired anything.</summary>
    public static HeldLocks* Current => (HeldLocks*)ThreadLocals.HeldLocks();

    public static HeldLock* At(HeldLocks* held, int i) => (HeldLock*)held->_locks + i;

    public static void Push(LockKind kind, void* instance, int lockClass)
    {
        HeldLocks* held = Current;
        if (held == null)
        {
            held = (HeldLocks*)ThreadLocals.AllocHeldLocks((nuint)sizeof(HeldLocks));
        }
        if (held == null)
        {
            return; // No memory: lockdep does not know of this thread's locks, and ignores its releases.
        }
        if (held->Nr == Capacity)
        {
            held->_nrDropped++;
            ReportFull();
            return;
        }
        HeldLock* top = At(held, held->Nr++);
        top->Instance = instance;
        top->Kind = kind;
        top->Class = lockClass;
    }

    /// <summary>Removes the newest entry of that kind and instance. False if there is no such entry.</summary>
    public static bool TryPop(LockKind kind, void* instance)
    {
        HeldLocks* held = Current;
        int i = held != null ? held->Nr - 1 : -1;
        while (i >= 0 && (At(held, i)->Kind != kind || At(held, i)->Instance != instance))
        {
            i--;
        }
        if (i < 0)
        {
            return held == null || (held->_nrDropped > 0 && held->_nrDropped-- > 0);
        }
        held->Nr--;
        for (; i < held->Nr; i++)
        {
            *At(held, i) = *At(held, i + 1);
        }
        return true;
    }

    /// <summary>How many entries the thread holds.</summary>
    public static int Depth => Current != null ? Current->Nr : 0;

    /// <summary>Does the thread hold something of that kind and class?</summary>
    public static bool Has(LockKind kind, int lockClass)
    {
        HeldLocks* held = Current;
        int i = held != null ? held->Nr - 1 : -1;
        while (i >= 0 && (At(held, i)->Kind != kind || At(held, i)->Class != lockClass))
        {
            i--;
        }
        return i >= 0;
    }

    /// <summary>The queue whose item the thread is inside of, if that was recorded, or null.</summary>
    public static Workqueue* Queue()
    {
        HeldLocks* held = Current;
        for (int i = held != null ? held->Nr - 1 : -1; i >= 0; i--)
        {
            if (At(held, i)->Kind == LockKind.Queue)
            {
                return (Workqueue*)At(held, i)->Instance;
            }
        }
        return null;
    }

    /// <summary>In a forked child: the thread is no worker any more, but it still holds its locks.</summary>
    public static void LeaveItems()
    {
        HeldLocks* held = Current;
        int nr = 0;
        for (int i = 0; held != null && i < held->Nr; i++)
        {
            if (At(held, i)->Kind == LockKind.Lock)
            {
                *At(held, nr++) = *At(held, i);
            }
        }
        if (held != null)
        {
            held->Nr = nr;
        }
    }

    private static void ReportFull()
    {
        if (Bug.OncePer(ref s_reportedFull))
        {
            Bug.Warn("workqueue: lockdep: a thread holds more than 64 locks: it does not watch the rest"u8);
        }
    }
}
