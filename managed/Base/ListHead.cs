// SPDX-License-Identifier: GPL-2.0-only
// The kernel's intrusive doubly linked list.
//
// Invariant: for every head or entry e, e->Next->Prev == e and e->Prev->Next == e.
// An entry outside every list is linked to itself, so that "is it on a list" is
// one compare. No locks: the owner of the list's head holds its own.
// Mirrors include/linux/list.h; only the operations the engine needs.

using System.Runtime.InteropServices;

namespace Wq.Base;

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ListHead
{
    public ListHead* Next;
    public ListHead* Prev;

    public static void Init(ListHead* head)
    {
        head->Next = head;
        head->Prev = head;
    }

    public static bool IsEmpty(ListHead* head) => head->Next == head;

    /// <summary>Inserts <paramref name="entry"/> right after <paramref name="position"/>.</summary>
    public static void Add(ListHead* entry, ListHead* position)
    {
        ListHead* next = position->Next;
        entry->Next = next;
        entry->Prev = position;
        next->Prev = entry;
        position->Next = entry;
    }

    /// <summary>Unlinks <paramref name="entry"/> and links it to itself.</summary>
    public static void DelInit(ListHead* entry)
    {
        entry->Prev->Next = entry->Next;
        entry->Next->Prev = entry->Prev;
        Init(entry);
    }
}
