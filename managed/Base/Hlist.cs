// SPDX-License-Identifier: GPL-2.0-only
// The kernel's doubly linked list with a head of one pointer.
//
// A head that is zero is an empty list, so a static one needs no set-up. Here is what
// leads to the node: the head's First, or the Next before it; so a node is unlinked
// without a search. No locks: the owner of the head holds its own.
// Mirrors hlist_head and hlist_node of include/linux/list.h; only what the engine needs.

namespace Wq.Base;

internal unsafe struct HlistHead
{
    public HlistNode* First;
}

internal unsafe struct HlistNode
{
    public HlistNode* Next;
    public HlistNode** Here;

    public static void AddHead(HlistNode* node, HlistHead* head)
    {
        node->Next = head->First;
        node->Here = &head->First;
        if (node->Next != null)
        {
            node->Next->Here = &node->Next;
        }
        head->First = node;
    }

    /// <summary>Unlinks a node that is on a list.</summary>
    public static void Del(HlistNode* node)
    {
        *node->Here = node->Next;
        if (node->Next != null)
        {
            node->Next->Here = node->Here;
        }
    }
}
