// The classes of lockdep: what its rules of order are about.
//
// A user's lock belongs to the class of its key, or to one of its own; a queue to
// that of its call site, or of its name; an item to that of its function.
//
// Invariant: a class once added is never changed or removed, and its number is in
// the hash table only when it is complete. So Find takes no lock; FindOrAdd adds
// under Lockdep.s_lock. Class 0 is none. Kernel counterpart: register_lock_class.

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
    private const int NameBytes = 44;

    [FieldOffset(0)] public nuint Key;
    [FieldOffset(8)] public LockKind Kind;
    [FieldOffset(12)] public uint Subclass;
    [FieldOffset(16)] public int ReportedBalance; // A: one report a class
    [FieldOffset(20)] private fixed byte _name[NameBytes];

    /// <summary>Copied and cut: who named the class may be gone. An item's class has none, its Key is the function.</summary>
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

    private int _nr; // Class 0 is not counted.
    private fixed int _slots[NrSlots];
    private fixed long _classes[MaxClasses * 8];

    public static LockClass* At(LockClasses* classes, int number) => (LockClass*)classes->_classes + number;

    /// <summary>The number of a class, or 0 if there is none.</summary>
    public static int Find(LockClasses* classes, LockKind kind, nuint key, uint subclass)
    {
        int* slot = SlotOf(classes, kind, key, subclass);
        return Atomic.Load(slot);
    }

    /// <summary>The number of a class, old or new, or 0 if the table is full. Context: Lockdep.s_lock held.</summary>
    public static int FindOrAdd(LockClasses* classes, LockKind kind, nuint key, uint subclass, byte* name)
    {
        int* slot = SlotOf(classes, kind, key, subclass);
        if (*slot != 0 || classes->_nr == MaxClasses - 1)
        {
            return *slot;
        }
        int number = ++classes->_nr;
        LockClass* added = At(classes, number);
        added->Key = key;
        added->Kind = kind;
        added->Subclass = subclass;
        LockClass.SetName(added, name);
        Atomic.Store(slot, number); // Pairs with the load in SlotOf: who sees the number sees the class.
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

    // The slot that has the class, or the empty one where it would go.
    private static int* SlotOf(LockClasses* classes, LockKind kind, nuint key, uint subclass)
    {
        nuint mixed = unchecked((key ^ ((nuint)kind << 56) ^ ((nuint)subclass << 48)) * (nuint)0x9e3779b97f4a7c15);
        for (nuint i = mixed >> 32; ; i++)
        {
            int* slot = classes->_slots + (i & (NrSlots - 1));
            int number = Atomic.Load(slot);
            LockClass* found = At(classes, number);
            if (number == 0 || (found->Key == key && found->Kind == kind && found->Subclass == subclass))
            {
                return slot;
            }
        }
    }
}
