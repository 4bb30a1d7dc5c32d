// SPDX-License-Identifier: GPL-2.0-only
// Slots of one size, whose memory is never unmapped and never becomes another type.
//
// A stale pointer into such memory reads an old or a new object of the same type, never
// other bytes. So a late wake, a second destroy, and a cancel of an item whose queue is
// gone may all look at the object. Freed slots are reused oldest first: for as long as
// possible a stale pointer meets a dead object, not a new one.
//
// Slots have numbers, from 1 on in the order of their first use. So one compare tells
// whether a number is a slot's. Slots lie in chunks. Each chunk is twice as long as the
// one before, and mapped when its first slot is needed:
//
//   chunk 0          slots 1 .. f              f: a power of two, about a page
//   chunk 1          slots f+1 .. 3f
//   chunk n          slots (2^n - 1)f+1 .. (2^(n+1) - 1)f
//
// Invariant: the chunk of every number up to _fresh is mapped, and stays.
// Locks: _lock guards the free list, the chunks and the fresh mark.

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Wq.Base;

namespace Wq.Os;

internal unsafe struct TypeStable
{
    private const int MaxChunks = 28;
    private const nuint FirstChunkBytes = 4096;

    private fixed ulong _chunks[MaxChunks]; // A: stored under _lock, once
    private nuint _slotBytes; // I: a multiple of Alignment
    private int _firstShift;  // I: log2 of how many slots chunk 0 has
    private nuint _limit;     // I: the highest number there may be
    private nuint _fresh;     // A: the highest number handed out so far; grows under _lock
    private FreeSlot* _oldest; // L: next to reuse
    private FreeSlot* _newest; // L:
    private FutexMutex _lock;

    public const int Alignment = 64; // A cache line: two slots share none.

    // A freed slot keeps its first 16 bytes: the state words that say "dead" are there.
    [StructLayout(LayoutKind.Explicit)]
    private struct FreeSlot
    {
        [FieldOffset(16)] public FreeSlot* Next;
    }

    /// <summary>For up to <paramref name="nrSlots"/> slots; no memory is used before the first one.</summary>
    public static void Init(TypeStable* slots, int slotBytes, int nrSlots)
    {
        slots->_slotBytes = (nuint)((slotBytes + Alignment - 1) / Alignment * Alignment);
        slots->_firstShift = BitOperations.Log2((uint)(FirstChunkBytes / slots->_slotBytes) | 1);
        slots->_limit = (nuint)nrSlots;
    }

    /// <summary>A slot with old contents, or zeroes if it was never used; null if no slot or no memory is left.</summary>
    public static void* Alloc(TypeStable* slots)
    {
        FutexMutex.Lock(&slots->_lock);
        void* slot = slots->_oldest;
        if (slot != null)
        {
            slots->_oldest = slots->_oldest->Next;
        }
        else if (slots->_fresh < slots->_limit && HasChunkFor(slots, slots->_fresh + 1))
        {
            slot = SlotOf(slots, slots->_fresh + 1);
            Atomic.Store(&slots->_fresh, slots->_fresh + 1);
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

    /// <summary>The slot of that number if it was ever used, else null.</summary>
    // Not by Atomic: a number that an item names was handed out before. A caller that asks for all may miss the newest.
    public static void* At(TypeStable* slots, nuint number) =>
        number - 1 < Volatile.Read(ref slots->_fresh) ? SlotOf(slots, number) : null;

    /// <summary>Was <paramref name="number"/> ever a slot's? One compare; 0 wraps round.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsNumber(TypeStable* slots, nuint number) => number - 1 < Atomic.Load(&slots->_fresh);

    /// <summary>The highest number that was ever a slot's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint NrUsed(TypeStable* slots) => Atomic.Load(&slots->_fresh);

    /// <summary>The number of the slot that begins at <paramref name="pointer"/>; 0 if none ever did.</summary>
    public static nuint NumberOf(TypeStable* slots, nuint pointer)
    {
        for (int n = 0; n < MaxChunks && slots->_chunks[n] != 0; n++)
        {
            nuint at = pointer - (nuint)slots->_chunks[n];
            if (at < ChunkBytes(slots, n))
            {
                nuint number = FirstOf(slots, n) + (at / slots->_slotBytes);
                return at % slots->_slotBytes == 0 && IsNumber(slots, number) ? number : 0;
            }
        }
        return 0;
    }

    /// <summary>In a forked child: a thread that was taking or freeing a slot does not exist. Free slots are not reused.</summary>
    public static void Abandon(TypeStable* slots)
    {
        slots->_oldest = slots->_newest = null;
        slots->_lock = default;
    }

    private static int ChunkOf(TypeStable* slots, nuint number) =>
        BitOperations.Log2(((number - 1) >> slots->_firstShift) + 1);

    private static nuint FirstOf(TypeStable* slots, int chunk) =>
        ((((nuint)1 << chunk) - 1) << slots->_firstShift) + 1;

    private static nuint ChunkBytes(TypeStable* slots, int chunk) => slots->_slotBytes << (chunk + slots->_firstShift);

    private static void* SlotOf(TypeStable* slots, nuint number)
    {
        int chunk = ChunkOf(slots, number);
        return (byte*)slots->_chunks[chunk] + ((number - FirstOf(slots, chunk)) * slots->_slotBytes);
    }

    // Context: _lock held.
    private static bool HasChunkFor(TypeStable* slots, nuint number)
    {
        int chunk = ChunkOf(slots, number);
        if (slots->_chunks[chunk] == 0)
        {
            void* memory = Pages.Map(ChunkBytes(slots, chunk));
            if (memory == null)
            {
                return false;
            }
            Watcher.AddRoots(memory, ChunkBytes(slots, chunk));
            slots->_chunks[chunk] = (ulong)memory;
        }
        return true;
    }
}
