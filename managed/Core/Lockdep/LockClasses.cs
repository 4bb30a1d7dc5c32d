// SPDX-License-Identifier: GPL-2.0-only
// The classes of lockdep. Its rules of order are about classes, not about single locks.
//
//   a lock of the program   has the class of its key, or is a class by itself
//   a queue                 has the class of its call site, or of its name
//   an item                 has the class of its function
//
// A class is known by its number and the number's generation. When a plug-in is unloaded,
// the classes whose keys were in it are dropped: the number gets the next generation, and
// may become another class's. So a thread that has the old number and generation finds
// that they are not current.
//
// Invariant: a number is in the hash table only while its class is complete. Its
// generation changes after its Kind has become None. So Find takes no lock; FindOrAdd
// and Drop change the table under Lockdep.s_lock. Number 0 means no class.
// Kernel counterparts: register_lock_class, lockdep_free_key_range.

using System;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Os;

namespace Wq.Core;

internal enum LockKind
{
    None,
    Lock,
    Queue,
    Work,
}

[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct LockClass
{
    private const int NameBytes = 36;

    [FieldOffset(0)] public nuint Key;
    [FieldOffset(8)] public LockKind Kind; // A:
    [FieldOffset(12)] public uint Subclass;
    [FieldOffset(16)] public int ReportedBalance; // A: one report a class
    [FieldOffset(20)] public int Generation; // A: of the number
    [FieldOffset(24)] public bool IsOfObject; // Is the key in the program, a library or a plug-in?
    [FieldOffset(28)] private fixed byte _name[NameBytes];

    /// <summary>A copy, cut: the original may be freed. An item's class has no name, its Key is the function.</summary>
    public static void SetName(LockClass* lockClass, byte* name)
    {
        int length = 0;
        for (; name != null && name[length] != 0 && length < NameBytes - 1; length++)
        {
            lockClass->_name[length] = name[length];
        }
        lockClass->_name[length] = 0;
    }

    /// <summary>Appends queue "name", lock "name" or the function's symbol.</summary>
    public static void Append(ref Report report, LockClass* lockClass)
    {
        if (lockClass->Kind == LockKind.Work)
        {
            Bug.AppendSymbol(ref report, (void*)lockClass->Key);
            return;
        }
        report.Text(lockClass->Kind == LockKind.Queue ? "queue \""u8 : "lock \""u8);
        report.CString(lockClass->_name);
        report.Text("\""u8);
        if (lockClass->Kind == LockKind.Lock && lockClass->Subclass != 0)
        {
            report.Text("/"u8);
            report.Decimal(lockClass->Subclass);
        }
    }
}

internal unsafe struct LockClasses
{
    public const int MaxClasses = 1024;

    private const int NrSlots = 2 * MaxClasses; // A power of two, and never full: a search ends at an empty one.

    private const int GenerationShift = 10; // So a class fits into an int of the program: MaxClasses is 1 << 10.
    private const int MaxGeneration = int.MaxValue >> GenerationShift;

    private int _nr; // Numbers that were ever used; 0 is not counted.
    private int _nrFree; // How many of these belong to no class now.
    private fixed int _slots[NrSlots]; // A: numbers
    private fixed long _classes[MaxClasses * 8];

    /// <summary>The number of a class: its place in tables.</summary>
    public static int NumberOf(int lockClass) => lockClass & (MaxClasses - 1);

    public static LockClass* At(LockClasses* classes, int lockClass) => (LockClass*)classes->_classes + NumberOf(lockClass);

    /// <summary>Does that number still have the generation with which it was found?</summary>
    public static bool IsCurrent(LockClasses* classes, int lockClass) =>
        Atomic.Load(&At(classes, lockClass)->Generation) == lockClass >> GenerationShift;

    /// <summary>A class, or 0 if there is no such class.</summary>
    public static int Find(LockClasses* classes, LockKind kind, nuint key, uint subclass)
    {
        int found;
        SlotOf(classes, kind, key, subclass, &found);
        return found;
    }

    /// <summary>A class, old or new, or 0 if the table is full. Context: Lockdep.s_lock held.</summary>
    /// <param name="isOfObject">Is the key in a loaded object?</param>
    public static int FindOrAdd(LockClasses* classes, LockKind kind, nuint key, uint subclass, byte* name, bool isOfObject)
    {
        int found;
        int* slot = SlotOf(classes, kind, key, subclass, &found);
        int number = found == 0 ? TakeNumber(classes) : 0;
        if (number == 0)
        {
            return found;
        }
        LockClass* added = At(classes, number);
        added->Key = key;
        added->Subclass = subclass;
        added->ReportedBalance = 0;
        added->IsOfObject = isOfObject;
        LockClass.SetName(added, name);
        Atomic.Store((int*)&added->Kind, (int)kind); // Pairs with Matches: a thread that sees the kind sees the class.
        Atomic.Store(slot, number);
        return number | (added->Generation << GenerationShift);
    }

    /// <summary>Drops the classes whose keys lay in loaded objects, except in the first so many of those.</summary>
    /// <param name="dropped">Called with the number of each.</param>
    // Context: Lockdep.s_lock held.
    public static void DropUnloaded(LockClasses* classes, int nrLoaded, delegate*<int, void> dropped)
    {
        int nrFree = classes->_nrFree;
        for (int number = 1; number <= classes->_nr; number++)
        {
            LockClass* old = At(classes, number);
            if (old->Kind != LockKind.None && old->IsOfObject
                && (uint)LoadedObjects.Find(old->Key).Place >= (uint)nrLoaded)
            {
                Atomic.Store((int*)&old->Kind, (int)LockKind.None);
                Atomic.Store(&old->Generation, (old->Generation + 1) & MaxGeneration);
                classes->_nrFree++;
                dropped(number);
            }
        }
        if (classes->_nrFree != nrFree)
        {
            FillSlots(classes);
        }
    }

    // A thread that looks at the same time may miss a class, and then looks under the lock.
    private static void FillSlots(LockClasses* classes)
    {
        for (int i = 0; i < NrSlots; i++)
        {
            Atomic.Store(&classes->_slots[i], 0);
        }
        for (int number = 1; number <= classes->_nr; number++)
        {
            LockClass* old = At(classes, number);
            if (old->Kind != LockKind.None)
            {
                int found;
                Atomic.Store(SlotOf(classes, old->Kind, old->Key, old->Subclass, &found), number);
            }
        }
    }

    // A number that belongs to no class; 0 if no number is left.
    private static int TakeNumber(LockClasses* classes)
    {
        if (classes->_nr < MaxClasses - 1)
        {
            return ++classes->_nr;
        }
        if (classes->_nrFree == 0)
        {
            return 0;
        }
        classes->_nrFree--;
        int number = 1;
        while (At(classes, number)->Kind != LockKind.None)
        {
            number++;
        }
        return number;
    }

    /// <summary>The key of a class that is known by a name: its FNV-1a hash.</summary>
    public static nuint KeyOfName(byte* name)
    {
        nuint hash = unchecked((nuint)0xcbf29ce484222325);
        for (; *name != 0; name++)
        {
            hash = unchecked((hash ^ *name) * (nuint)0x100000001b3);
        }
        return hash;
    }

    // The slot that has the class; found is set to the class. Or the empty slot where it would go; found is set to 0.
    private static int* SlotOf(LockClasses* classes, LockKind kind, nuint key, uint subclass, int* found)
    {
        nuint mixed = unchecked((key ^ ((nuint)kind << 56) ^ ((nuint)subclass << 48)) * (nuint)0x9e3779b97f4a7c15);
        for (nuint i = mixed >> 32; ; i++)
        {
            int* slot = classes->_slots + (i & (NrSlots - 1));
            int number = Atomic.Load(slot);
            int generation = Atomic.Load(&At(classes, number)->Generation); // First: if it is new, Kind is not the old one.
            if (number == 0 || Matches(At(classes, number), kind, key, subclass))
            {
                *found = number | (generation << GenerationShift);
                return slot;
            }
        }
    }

    // The kind first: when a number is given to another class, its kind is stored last.
    private static bool Matches(LockClass* one, LockKind kind, nuint key, uint subclass) =>
        (LockKind)Atomic.Load((int*)&one->Kind) == kind && one->Key == key && one->Subclass == subclass;
}
