// Slots of one size that are never given back and never become another type.
//
// A stale pointer into such memory reads an old or a new object of the same
// type, never foreign bytes: a late wake, a second destroy, a cancel of an item
// whose queue is gone are all safe to look at. Freed slots are reused oldest
// first, so that a stale pointer meets a dead object rather than a new one for
// as long as possible.
//
// Address space is reserved at Init; pages cost memory when first used. The
// pointer test "is this one of ours" is one subtraction and one compare.
// Locks: _lock guards the free list and the fresh mark.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tmds.Linux;
using Wq.Base;

namespace Wq.Os;

internal unsafe struct TypeStable
{
    private byte* _base;      // I:
    private nuint _slotBytes; // I: a multiple of Alignment
    private nuint _limit;     // I: bytes reserved
    private nuint _fresh;     // A: bytes handed out at least once; grows under _lock
    private FreeSlot* _oldest; // L: next to reuse
    private FreeSlot* _newest; // L:
    private FutexMutex _lock;

    public const int Alignment = 256;

    // A freed slot keeps its first 16 bytes: state words that say "dead" live there.
    [StructLayout(LayoutKind.Explicit)]
    private struct FreeSlot
    {
        [FieldOffset(16)] public FreeSlot* Next;
    }

    /// <summary>Reserves room for <paramref name="nrSlots"/>; false with errno if there is no address space.</summary>
    public static bool Init(TypeStable* slots, int slotBytes, int nrSlots)
    {
        slots->_slotBytes = (nuint)((slotBytes + Alignment - 1) / Alignment * Alignment);
        slots->_limit = slots->_slotBytes * (nuint)nrSlots;
        const int NoReserve = 0x4000; // MAP_NORESERVE
        void* memory = Libc.mmap(null, slots->_limit, LibC.PROT_READ | LibC.PROT_WRITE,
            LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS | NoReserve, -1, 0);
        if (memory == (void*)-1)
        {
            return false;
        }
        slots->_base = (byte*)memory;
        return true;
    }

    /// <summary>A slot with old contents, or zeroes if it was never used; null if none is left.</summary>
    public static void* Alloc(TypeStable* slots)
    {
        void* slot = null;
        FutexMutex.Lock(&slots->_lock);
        if (slots->_fresh < slots->_limit && slots->_oldest == null)
        {
            slot = slots->_base + slots->_fresh;
            Atomic.Store(&slots->_fresh, slots->_fresh + slots->_slotBytes);
        }
        else if (slots->_oldest != null)
        {
            slot = slots->_oldest;
            slots->_oldest = slots->_oldest->Next;
        }
        FutexMutex.Unlock(&slots->_lock);
        return slot;
    }

    public static void Free(TypeStable* slots, void* slot)
    {
        FreeSlot* freed = (FreeSlot*)slot;
        freed->Next = null;
        FutexMutex.Lock(&slots->_lock);
        if (slots->_oldest == null)
        {
            slots->_oldest = freed;
        }
        else
        {
            slots->_newest->Next = freed;
        }
        slots->_newest = freed;
        FutexMutex.Unlock(&slots->_lock);
    }

    /// <summary>The slot with number <paramref name="index"/> if it was ever used, else null.</summary>
    public static void* At(TypeStable* slots, nuint index) =>
        index * slots->_slotBytes < slots->_fresh ? slots->_base + (index * slots->_slotBytes) : null;

    public static void Lock(TypeStable* slots) => FutexMutex.Lock(&slots->_lock);

    public static void Unlock(TypeStable* slots) => FutexMutex.Unlock(&slots->_lock);

    /// <summary>Does <paramref name="pointer"/> lie in memory Alloc has returned? One subtraction, one compare.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Contains(TypeStable* slots, nuint pointer) =>
        pointer - (nuint)slots->_base < Atomic.Load(&slots->_fresh);

    /// <summary>Was <paramref name="pointer"/> itself ever returned by Alloc?</summary>
    public static bool Owns(TypeStable* slots, nuint pointer) =>
        Contains(slots, pointer) && (pointer - (nuint)slots->_base) % slots->_slotBytes == 0;
}
