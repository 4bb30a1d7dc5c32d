// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using Wq.Core;
using Workqueues.Tests;
using Xunit;

namespace Wq.Tests;

/// <summary>The tables of lockdep against naive models of them.</summary>
[Watched]
public unsafe class LockGraphTests
{
    [Fact]
    public void APairClosesARingExactlyIfTheOtherWayThereIsAPath()
    {
        const int Classes = 24;
        var random = new Random(20_061_126);
        for (int round = 0; round < 50; round++)
        {
            using Pinned<LockGraph> graph = Pinned<LockGraph>.Zeroed();
            var order = new HashSet<(int From, int To)>();
            var seen = new HashSet<(int From, int To)>();
            for (int i = 0; i < 200; i++)
            {
                (int from, int to) = (random.Next(1, Classes), random.Next(1, Classes));
                if (from == to)
                    continue;
                Assert.Equal(seen.Contains((from, to)), LockGraph.IsSeen(graph.At, from, to));
                bool ring = seen.Add((from, to)) && Distance(order, to, from) >= 0;
                LockChain chain;
                Assert.Equal(ring, LockGraph.AddClosesRing(graph.At, from, to, &chain));
                if (ring)
                    AssertChain(&chain, order, to, from);
                else if (Distance(order, to, from) < 0)
                    order.Add((from, to));
            }
        }
    }

    [Fact]
    public void ALongRingIsCutButKeepsItsEnds()
    {
        const int Last = LockClasses.MaxClasses - 1;
        using Pinned<LockGraph> graph = Pinned<LockGraph>.Zeroed();
        LockChain chain;
        for (int i = 1; i < Last; i++)
            Assert.False(LockGraph.AddClosesRing(graph.At, i, i + 1, &chain));
        Assert.True(LockGraph.AddClosesRing(graph.At, Last, 1, &chain));
        Assert.Equal(LockChain.MaxClasses, chain.Nr);
        Assert.Equal((1, 2, Last), (chain.Class[0], chain.Class[1], chain.Class[chain.Nr - 1]));
    }

    [Fact]
    public void AClassIsFoundByKindKeyAndSubclassUntilTheTableIsFull()
    {
        using Pinned<LockClasses> classes = Pinned<LockClasses>.Zeroed();
        int added = 0;
        foreach (LockKind kind in new[] { LockKind.Lock, LockKind.Queue, LockKind.Work })
        {
            for (nuint key = 0; key < 500; key++)
            {
                uint subclass = (uint)(key % 3);
                Assert.Equal(0, LockClasses.Find(classes.At, kind, key * 16, subclass));
                int number = LockClasses.FindOrAdd(classes.At, kind, key * 16, subclass, null, false);
                Assert.Equal(added < LockClasses.MaxClasses - 1 ? ++added : 0, number);
                Assert.Equal(number, LockClasses.Find(classes.At, kind, key * 16, subclass));
                Assert.Equal(number, LockClasses.FindOrAdd(classes.At, kind, key * 16, subclass, null, false));
            }
        }
        Assert.Equal(LockClasses.MaxClasses - 1, added);
    }

    [Fact]
    public void ADroppedClassIsForgottenAndItsNumberIsAnothers()
    {
        using Pinned<LockClasses> classes = Pinned<LockClasses>.Zeroed();
        using Pinned<LockGraph> graph = Pinned<LockGraph>.Zeroed();
        var ids = new int[LockClasses.MaxClasses];
        for (int i = 1; i < ids.Length; i++)
            ids[i] = LockClasses.FindOrAdd(classes.At, LockKind.Lock, (nuint)i * 16, 0, null, isOfObject: i % 2 == 0);
        LockChain chain;
        Assert.False(LockGraph.AddClosesRing(graph.At, 2, 3, &chain));
        Assert.False(LockGraph.AddClosesRing(graph.At, 3, 5, &chain));
        s_graph = (nint)graph.At;
        LockClasses.DropUnloaded(classes.At, nrLoaded: int.MaxValue, &Forget); // No object has such addresses.
        for (int i = 1; i < ids.Length; i++)
        {
            bool isKept = i % 2 != 0;
            Assert.Equal(isKept, LockClasses.IsCurrent(classes.At, ids[i]));
            Assert.Equal(isKept ? ids[i] : 0, LockClasses.Find(classes.At, LockKind.Lock, (nuint)i * 16, 0));
        }
        Assert.False(LockGraph.IsSeen(graph.At, 2, 3));
        Assert.True(LockGraph.IsSeen(graph.At, 3, 5));
        for (int i = 2; i < ids.Length; i += 2)
        {
            int again = LockClasses.FindOrAdd(classes.At, LockKind.Work, (nuint)i * 16, 0, null, isOfObject: false);
            Assert.DoesNotContain(again, ids);
            Assert.Equal(again, LockClasses.Find(classes.At, LockKind.Work, (nuint)i * 16, 0));
            Assert.InRange(LockClasses.NumberOf(again), 2, LockClasses.MaxClasses - 1);
        }
        Assert.Equal(0, LockClasses.FindOrAdd(classes.At, LockKind.Work, 8, 0, null, isOfObject: false));
    }

    private static nint s_graph;

    private static void Forget(int number) => LockGraph.Forget((LockGraph*)s_graph, number);

    private static void AssertChain(LockChain* chain, HashSet<(int From, int To)> order, int start, int goal)
    {
        Assert.Equal(Distance(order, start, goal) + 1, chain->Nr);
        Assert.Equal((start, goal), (chain->Class[0], chain->Class[chain->Nr - 1]));
        for (int i = 1; i < chain->Nr; i++)
            Assert.Contains(((int)chain->Class[i - 1], (int)chain->Class[i]), order);
    }

    // Steps of a shortest path, or -1.
    private static int Distance(HashSet<(int From, int To)> order, int start, int goal)
    {
        var distance = new Dictionary<int, int> { [start] = 0 };
        var left = new Queue<int>([start]);
        while (left.TryDequeue(out int at))
        {
            foreach ((int from, int to) in order)
            {
                if (from == at && distance.TryAdd(to, distance[at] + 1))
                    left.Enqueue(to);
            }
        }
        return distance.GetValueOrDefault(goal, -1);
    }
}
