// SPDX-License-Identifier: GPL-2.0-only
// Deadlocks found from the order of waits, whether or not this run met one.
//
// A thread may be about to take a lock, or to wait for a queue or an item. Before that,
// each class that it holds is ordered before the class that it is about to wait for. If
// such a pair closes a ring, it is reported, once, and the call goes on. While an item
// runs, its worker holds the queue's class and the item's. So the locks and waits of the
// function make pairs with these.
//
// Three things make no pair:
//
//   - A queue that is held. It leads to the item already, by the pair "queue before item"
//     that is made when the item runs; and the item that is held makes the pairs.
//   - A worker that runs its own queue's items by hand. It holds the outer item too, but it
//     does not wait.
//   - A function's wait for another item with the same function.
//
// Classes are known by addresses. When a plug-in has been unloaded its classes are dropped,
// as another object may be at its place. So each event first looks whether an object has
// been unloaded.
//
// Invariant: all tables are set up before Checks.Lockdep is on. s_lock guards classes and
// pairs and is never held across a report.
// Kernel counterparts: lock_acquire, lock_release, lock_map_acquire.
// Deliberately missing: interrupt contexts, read locks, wait types.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

/// <summary>struct lockdep_map of the header.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LockdepMap
{
    public void* Key;
    public byte* Name;
    public uint Subclass;
    public int Class; // A: 0 until first acquired; every thread that looks it up finds the same.
}

/// <summary>What lockdep knows of a queue; a part of the queue.</summary>
internal unsafe struct LockdepQueue
{
    public void* Key;  // I: of the call site, or null: the queue's name decides
    public byte* Name; // I: of the key's class
    public int Class;  // A: 0 until first needed; every thread that looks it up finds the same
}

/// <summary>The classes that a run holds, 0 for no class.</summary>
internal struct LockdepRun
{
    public int QueueClass;
    public int WorkClass;
    public int Depth; // How many entries the thread holds, these two included.
}

internal static unsafe class Lockdep
{
    private const uint ByName = 1; // Subclass of a queue whose key is the hash of its name.

    private struct Tables
    {
        public LockClasses Classes;
        public LockGraph Graph;
    }

    private static FutexMutex s_lock;
    private static Tables* s_tables; // I: before Checks.Lockdep is on
    private static int s_reportedFull;
    private static nuint s_nrUnloaded; // A: how many objects had been unloaded when this was last looked at
    private static int s_nrLoaded;     // L: how many were loaded then
    private static bool s_askedEnvironment; // Two threads may set it at the same time, without harm.

    /// <summary>Is it on? The first lock of the program turns it on if the environment asks for it.</summary>
    // A lock that is taken before the first queue is made must count as held afterwards.
    public static bool IsOnForLocks
    {
        get
        {
            Fork.Settle();
            return Checks.IsOn(Checks.Lockdep) || (!s_askedEnvironment && TurnOnSlow());
        }
    }

    /// <summary>Turns it on. False, with errno set, if there is no memory.</summary>
    public static bool Enable()
    {
        FutexMutex.LockStatic(ref s_lock);
        if (s_tables == null)
        {
            s_tables = (Tables*)Pages.Map((nuint)sizeof(Tables));
        }
        FutexMutex.UnlockStatic(ref s_lock);
        if (s_tables != null)
        {
            Checks.Enable(Checks.Lockdep);
        }
        return s_tables != null;
    }

    /// <summary>In a forked child. Tables that another thread was changing cannot be used.</summary>
    public static void Abandon()
    {
        if (s_lock.IsHeld)
        {
            Checks.Disable(Checks.Lockdep);
        }
        s_lock = default;
        LoadedObjects.Abandon();
    }

    /// <summary>A queue has been made. Its class is looked up now, while its key and name certainly exist.</summary>
    public static void Learn(Workqueue* wq)
    {
        DropUnloaded();
        ClassOf(wq);
    }

    /// <summary>The thread is about to wait for all items of a queue, or to run them by hand.</summary>
    public static void BeforeFlush(Workqueue* wq, WaitCall call)
    {
        DropUnloaded();
        LockdepEvent before = new() { Call = call, Kind = LockKind.Queue, Instance = wq, To = ClassOf(wq) };
        bool own = Worker.IsOf(wq);
        bool recursive = own ? Workqueue.HasManyPools(wq) : HeldLocks.Has(LockKind.Queue, before.To);
        if (recursive && before.To != 0 && TryMark(before.To, before.To))
        {
            LockdepReport.Recursive(in before, LockKind.Work);
        }
        // In an item of the same class every other pair would only report the same ring again.
        OrderBefore(ref before, ofItems: !own && !recursive);
    }

    /// <summary>The thread is about to wait until an item is not running.</summary>
    /// <param name="self">Is it inside that item's function?</param>
    public static void BeforeCancel(Work* work, WaitCall call, bool self)
    {
        void* func = work->Func;
        if (func == null || (!self && Worker.IsOnlyOneFor(work)))
        {
            return; // Only the caller could be running it: there is nothing to wait for.
        }
        DropUnloaded();
        LockdepEvent before = new() { Call = call, Kind = LockKind.Work, Instance = func, To = ClassOfWork(func) };
        if (!self)
        {
            OrderBefore(ref before, ofItems: true);
        }
        else if (before.To != 0 && TryMark(before.To, before.To))
        {
            LockdepReport.Recursive(in before, LockKind.Work);
        }
    }

    /// <summary>The worker is about to run an item of a queue.</summary>
    public static LockdepRun BeginRun(Workqueue* wq, void* func)
    {
        LockdepRun run;
        DropUnloaded();
        int queueClass = ClassOf(wq);
        run.WorkClass = ClassOfWork(func);
        LockdepEvent before = new() { Kind = LockKind.Queue, Instance = wq, To = queueClass };
        OrderBefore(ref before, ofItems: false);
        run.QueueClass = HeldLocks.Has(LockKind.Queue, queueClass) ? 0 : queueClass;
        if (run.QueueClass != 0)
        {
            HeldLocks.Push(LockKind.Queue, wq, run.QueueClass);
        }
        before = new() { Kind = LockKind.Work, Instance = func, To = run.WorkClass };
        HeldLock queue = new() { Kind = LockKind.Queue, Instance = wq, Class = queueClass };
        OrderPair(ref before, &queue);
        if (run.WorkClass != 0)
        {
            HeldLocks.Push(LockKind.Work, func, run.WorkClass);
        }
        run.Depth = HeldLocks.Depth;
        return run;
    }

    public static void EndRun(LockdepRun run, Workqueue* wq, void* func)
    {
        if (run.WorkClass != 0)
        {
            HeldLocks.TryPop(LockKind.Work, func);
        }
        if (run.QueueClass != 0)
        {
            HeldLocks.TryPop(LockKind.Queue, wq);
        }
    }

    /// <summary>The thread is about to take a lock of the program.</summary>
    /// <param name="waits">False if it has taken the lock already, without waiting.</param>
    public static void Acquire(LockdepMap* map, bool waits)
    {
        DropUnloaded();
        LockdepEvent before = new() { Kind = LockKind.Lock, Instance = map, To = ClassOf(map) };
        if (before.To == 0)
        {
            return;
        }
        if (waits && HeldLocks.Has(LockKind.Lock, before.To) && TryMark(before.To, before.To))
        {
            LockdepReport.Recursive(in before, LockKind.Lock);
        }
        if (waits)
        {
            OrderBefore(ref before, ofItems: true);
        }
        HeldLocks.Push(LockKind.Lock, map, before.To);
    }

    /// <summary>The thread releases a lock of the program.</summary>
    public static void Release(LockdepMap* map)
    {
        int lockClass = ClassOf(map);
        if (lockClass != 0 && !HeldLocks.TryPop(LockKind.Lock, map)
            && Bug.OncePer(ref LockClasses.At(&s_tables->Classes, lockClass)->ReportedBalance))
        {
            LockdepReport.Unbalanced(ClassAt(lockClass));
        }
    }

    public static LockClass* ClassAt(int number) => LockClasses.At(&s_tables->Classes, number);

    // Orders what the thread holds before the class of the event, newest first.
    private static void OrderBefore(ref LockdepEvent before, bool ofItems)
    {
        HeldLocks* held = HeldLocks.Current;
        for (int i = held != null ? held->Nr - 1 : -1; i >= 0; i--)
        {
            HeldLock* from = HeldLocks.At(held, i);
            if (from->Kind == LockKind.Lock || (ofItems && from->Kind == LockKind.Work))
            {
                OrderPair(ref before, from);
            }
        }
    }

    // An event is reported once, however many rings it closes: with the innermost held class that closes one.
    private static void OrderPair(ref LockdepEvent before, HeldLock* from)
    {
        if (before.To == 0 || from->Class == 0 || from->Class == before.To
            || LockGraph.IsSeen(&s_tables->Graph, LockClasses.NumberOf(from->Class), LockClasses.NumberOf(before.To)))
        {
            return;
        }
        LockChain chain = default;
        FutexMutex.LockStatic(ref s_lock);
        bool closesRing = IsCurrent(from->Class) && IsCurrent(before.To) && LockGraph.AddClosesRing(
            &s_tables->Graph, LockClasses.NumberOf(from->Class), LockClasses.NumberOf(before.To), &chain);
        FutexMutex.UnlockStatic(ref s_lock);
        if (closesRing && !before.Reported)
        {
            before.Reported = true;
            LockdepReport.Circular(in before, from, &chain);
        }
    }

    private static bool TryMark(int from, int to)
    {
        FutexMutex.LockStatic(ref s_lock);
        bool isNew = LockGraph.TryMark(&s_tables->Graph, LockClasses.NumberOf(from), LockClasses.NumberOf(to));
        FutexMutex.UnlockStatic(ref s_lock);
        return isNew;
    }

    private static bool IsCurrent(int lockClass) => LockClasses.IsCurrent(&s_tables->Classes, lockClass);

    private static int ClassOf(LockdepMap* map)
    {
        int lockClass = Atomic.Load(&map->Class);
        if (lockClass == 0 || !IsCurrent(lockClass))
        {
            // A map that is not in the same object as its key may outlive the key. Then the map's address is the key.
            bool isOrphan = lockClass != 0 && !LoadedObjects.Have(map);
            nuint key = isOrphan || map->Key == null ? (nuint)map : (nuint)map->Key;
            lockClass = FindOrAdd(LockKind.Lock, key, map->Subclass, isOrphan ? null : map->Name);
            Atomic.Store(&map->Class, lockClass); // Pairs with the load above: the number alone is read.
        }
        return lockClass;
    }

    // A queue may outlive the plug-in that made it. Then it has the class of its name.
    private static int ClassOf(Workqueue* wq)
    {
        LockdepQueue* queue = &wq->Lockdep;
        int lockClass = Atomic.Load(&queue->Class);
        if (lockClass == 0 || !IsCurrent(lockClass))
        {
            byte* name = LoadedObjects.Have(queue->Name) ? queue->Name : wq->Name;
            lockClass = lockClass == 0 && LoadedObjects.Have(queue->Key)
                ? FindOrAdd(LockKind.Queue, (nuint)queue->Key, 0, name)
                : FindOrAdd(LockKind.Queue, LockClasses.KeyOfName(wq->Name), ByName, wq->Name);
            Atomic.Store(&queue->Class, lockClass); // Pairs with the load above: the number alone is read.
        }
        return lockClass;
    }

    private static int ClassOfWork(void* func) => FindOrAdd(LockKind.Work, (nuint)func, 0, name: null);

    private static int FindOrAdd(LockKind kind, nuint key, uint subclass, byte* name)
    {
        LockClasses* classes = &s_tables->Classes;
        int lockClass = LockClasses.Find(classes, kind, key, subclass);
        if (lockClass == 0)
        {
            LoadedObjects objects = LoadedObjects.Find(key); // The loader has a lock of its own.
            FutexMutex.LockStatic(ref s_lock);
            bool isAddress = kind != LockKind.Queue || subclass != ByName;
            lockClass = LockClasses.FindOrAdd(classes, kind, key, subclass, name, isAddress && objects.Place >= 0);
            if (LoadedObjects.AreKnown && objects.NrUnloaded == s_nrUnloaded)
            {
                s_nrLoaded = objects.Nr;
            }
            FutexMutex.UnlockStatic(ref s_lock);
        }
        if (lockClass == 0)
        {
            TurnOff();
        }
        return lockClass;
    }

    // Loading appends to the loader's list. So the objects that are certainly the same as before are the first ones: as
    // many as there were, less what was unloaded. The others' classes are dropped; those still in use are made anew.
    private static void DropUnloaded()
    {
        if (!LoadedObjects.AreKnown || LoadedObjects.CountUnloaded() == Atomic.Load(ref s_nrUnloaded))
        {
            return;
        }
        FutexMutex.LockStatic(ref s_lock);
        LoadedObjects now = LoadedObjects.Find(0);
        ulong nrGone = now.NrUnloaded - s_nrUnloaded;
        if (nrGone != 0)
        {
            int nrSame = nrGone < (ulong)s_nrLoaded ? s_nrLoaded - (int)nrGone : 0;
            LockClasses.DropUnloaded(&s_tables->Classes, nrSame, &Forget);
            // If another object was unloaded meanwhile, places have moved: then the next look can be sure of none.
            s_nrLoaded = LoadedObjects.CountUnloaded() == now.NrUnloaded ? now.Nr : 0;
            Atomic.Store(ref s_nrUnloaded, (nuint)now.NrUnloaded);
        }
        FutexMutex.UnlockStatic(ref s_lock);
    }

    private static void Forget(int number) => LockGraph.Forget(&s_tables->Graph, number);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TurnOnSlow()
    {
        bool wanted = Environ.IsOn("WQ_LOCKDEP"u8);
        bool on = wanted && Engine.EnsureReady() && Checks.IsOn(Checks.Lockdep);
        s_askedEnvironment = true;
        return on;
    }

    private static void TurnOff()
    {
        Checks.Disable(Checks.Lockdep);
        if (Bug.OncePer(ref s_reportedFull))
        {
            Bug.Warn("workqueue: lockdep: table full, turning itself off"u8);
        }
    }
}
