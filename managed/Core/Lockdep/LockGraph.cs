// SPDX-License-Identifier: GPL-2.0-only
// A directed graph over lock classes: an edge says that one was waited for while the
// other was held.
//
// Two bit matrices:
//
//   Seen    every pair that was ever met. So the usual case, a pair met before, is one load.
//   Order   the pairs that closed no ring. It stays free of rings, so that one mistake is
//           not reported again for every other pair. A pair that would close a ring is left
//           out, and the thread that met it first reports it.
//
// Bits are set under Lockdep.s_lock, and cleared under it for a class that is dropped. Seen
// is read without the lock: a reader that misses a bit takes the lock and looks again.
// Kernel counterparts: check_prev_add, check_noncircular, __bfs.

using Wq.Base;

namespace Wq.Core;

/// <summary>A ring: the way along Order from the class about to be waited for to the class that is held.</summary>
internal unsafe struct LockChain
{
    public const int MaxClasses = 24; // A longer one is cut in its middle.

    public int Nr;
    public fixed ushort Class[MaxClasses];
}

internal unsafe struct LockGraph
{
    private const int Bits = 64;
    private const int WordsPerRow = LockClasses.MaxClasses / Bits;

    private fixed ulong _seen[LockClasses.MaxClasses * WordsPerRow];
    private fixed ulong _order[LockClasses.MaxClasses * WordsPerRow];
    private fixed ushort _parent[LockClasses.MaxClasses]; // For the search under way; 0: not reached.
    private fixed ushort _queue[LockClasses.MaxClasses];

    /// <summary>Was the pair met before? Without the lock a "no" may be old.</summary>
    public static bool IsSeen(LockGraph* graph, int from, int to) =>
        (Atomic.Load((nuint*)Word(graph->_seen, from, to)) & Bit(to)) != 0;

    /// <summary>Adds a pair. Context: Lockdep.s_lock held.</summary>
    /// <returns>True if the pair is new and closes a ring, which <paramref name="chain"/> then has.</returns>
    public static bool AddClosesRing(LockGraph* graph, int from, int to, LockChain* chain)
    {
        if (!TryMark(graph, from, to))
        {
            return false;
        }
        if (FindPath(graph, to, from))
        {
            TakeChain(graph, to, from, chain);
            return true;
        }
        *Word(graph->_order, from, to) |= Bit(to);
        return false;
    }

    /// <summary>Notes a pair as seen; true the first time. Context: Lockdep.s_lock held.</summary>
    public static bool TryMark(LockGraph* graph, int from, int to)
    {
        if (IsSeen(graph, from, to))
        {
            return false;
        }
        nuint* word = (nuint*)Word(graph->_seen, from, to);
        Atomic.Store(word, *word | Bit(to)); // Pairs with IsSeen, after which nothing else is read.
        return true;
    }

    /// <summary>Forgets every pair that has the class. Context: Lockdep.s_lock held.</summary>
    public static void Forget(LockGraph* graph, int number)
    {
        for (int other = 0; other < LockClasses.MaxClasses; other++)
        {
            Clear(graph, number, other);
            Clear(graph, other, number);
        }
    }

    private static void Clear(LockGraph* graph, int from, int to)
    {
        nuint* seen = (nuint*)Word(graph->_seen, from, to);
        Atomic.Store(seen, *seen & ~Bit(to));
        *Word(graph->_order, from, to) &= ~(ulong)Bit(to);
    }

    // Breadth first, so that the reported chain is a shortest one.
    private static bool FindPath(LockGraph* graph, int start, int goal)
    {
        for (int i = 0; i < LockClasses.MaxClasses; i++)
        {
            graph->_parent[i] = 0;
        }
        int head = 0;
        int tail = 0;
        graph->_queue[tail++] = (ushort)start;
        graph->_parent[start] = (ushort)start;
        while (head < tail && graph->_parent[goal] == 0)
        {
            tail = Reach(graph, graph->_queue[head++], tail);
        }
        return graph->_parent[goal] != 0;
    }

    // Puts the successors of a class that were not reached yet on the queue; returns its new end.
    private static int Reach(LockGraph* graph, int from, int tail)
    {
        for (int i = 0; i < WordsPerRow; i++)
        {
            ulong left = graph->_order[(from * WordsPerRow) + i];
            for (; left != 0; left &= left - 1)
            {
                int to = (i * Bits) + System.Numerics.BitOperations.TrailingZeroCount(left);
                if (graph->_parent[to] == 0)
                {
                    graph->_parent[to] = (ushort)from;
                    graph->_queue[tail++] = (ushort)to;
                }
            }
        }
        return tail;
    }

    private static void TakeChain(LockGraph* graph, int start, int goal, LockChain* chain)
    {
        int nr = 1;
        for (int at = goal; at != start; at = graph->_parent[at])
        {
            nr++;
        }
        chain->Nr = nr < LockChain.MaxClasses ? nr : LockChain.MaxClasses;
        int place = nr;
        for (int at = goal; place > 0; at = graph->_parent[at])
        {
            place--;
            if (place < LockChain.MaxClasses)
            {
                chain->Class[place] = (ushort)at;
            }
        }
        chain->Class[chain->Nr - 1] = (ushort)goal;
    }

    private static ulong* Word(ulong* matrix, int from, int to) => matrix + (from * WordsPerRow) + (to / Bits);

    private static nuint Bit(int to) => (nuint)1 << (to % Bits);
}
