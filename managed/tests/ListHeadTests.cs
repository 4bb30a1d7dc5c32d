// SPDX-License-Identifier: GPL-2.0-only
using System.Collections.Generic;
using Wq.Base;
using Workqueues.Tests;
using Xunit;

namespace Wq.Tests;

/// <summary>The intrusive list.</summary>
[Watched]
public unsafe class ListHeadTests
{
    [Fact]
    public void AnInitialisedHeadIsEmptyAndLinkedToItself()
    {
        ListHead head;
        ListHead.Init(&head);
        Assert.True(ListHead.IsEmpty(&head));
        Assert.True(head.Next == &head && head.Prev == &head);
    }

    [Fact]
    public void AddBehindTheLastKeepsTheOrderOfArrival()
    {
        using var nodes = Pinned<ListHead>.Zeroed(6);
        ListHead* head = nodes.At;
        ListHead.Init(head);
        for (int i = 1; i < 6; i++)
            ListHead.Add(head + i, head->Prev);
        Assert.False(ListHead.IsEmpty(head));
        Assert.Equal([1, 2, 3, 4, 5], Walk(head));
    }

    [Fact]
    public void AddPutsAnEntryRightBehindThePosition()
    {
        using var nodes = Pinned<ListHead>.Zeroed(4);
        ListHead* head = nodes.At;
        ListHead.Init(head);
        ListHead.Add(head + 1, head);
        ListHead.Add(head + 2, head);
        ListHead.Add(head + 3, head + 2);
        Assert.Equal([2, 3, 1], Walk(head));
    }

    [Fact]
    public void DelInitUnlinksFirstMiddleAndLast()
    {
        using var nodes = Pinned<ListHead>.Zeroed(6);
        ListHead* head = nodes.At;
        ListHead.Init(head);
        for (int i = 1; i < 6; i++)
            ListHead.Add(head + i, head->Prev);
        foreach (int i in new[] { 1, 3, 5 })
        {
            ListHead.DelInit(head + i);
            Assert.True(ListHead.IsEmpty(head + i));
        }
        Assert.Equal([2, 4], Walk(head));
        ListHead.DelInit(head + 2);
        ListHead.DelInit(head + 4);
        Assert.True(ListHead.IsEmpty(head));
    }

    [Fact]
    public void DelInitOfAnUnlinkedEntryChangesNothing()
    {
        ListHead entry;
        ListHead.Init(&entry);
        ListHead.DelInit(&entry);
        Assert.True(ListHead.IsEmpty(&entry));
    }

    // Indices in order, with the list's invariant checked at every step.
    private static List<int> Walk(ListHead* head)
    {
        var order = new List<int>();
        for (ListHead* at = head->Next; at != head; at = at->Next)
        {
            Assert.True(at->Prev->Next == at && at->Next->Prev == at);
            order.Add((int)(at - head));
        }
        return order;
    }
}
