// SPDX-License-Identifier: GPL-2.0-only
// Every run with at most so many preemptions, one after another, depth first (CHESS).
//
// A turn away from a thread that could go on costs one, and so does a store that
// stays in its buffer until its thread's next barrier; who goes on when a thread
// blocks is free. A state that was reached before at no higher cost is not gone on
// from: what follows was seen. Faults and early drains are left to the other strategies.

using System;
using System.Runtime.InteropServices;

namespace Wq.Sim;

internal sealed unsafe class BoundedSearch : Strategy, IDisposable
{
    private const int MaxDepth = 64 * 1024;
    private const ulong CostMask = 7;

    private readonly Node[] _nodes = new Node[MaxDepth];
    private readonly ulong* _seen;
    private readonly int _tableBits;
    private readonly int _bound;
    private int _nrNodes;
    private int _at;
    private int _cost;

    private struct Node
    {
        public byte Nr;
        public byte Index;
        public byte Cost;  // So far.
        public byte Price; // Of every option but the first.
    }

    /// <param name="tableBits">Room for so many states, as a power of two.</param>
    public BoundedSearch(int bound, int tableBits)
    {
        _bound = bound;
        _tableBits = tableBits;
        _seen = (ulong*)NativeMemory.AllocZeroed((nuint)sizeof(ulong) << tableBits);
        History.IsOn = true;
    }

    /// <summary>States in the table; when it is full, states are seen again and the search takes longer.</summary>
    public int NrStates { get; private set; }

    public override bool IsRandom => false;

    public override void Begin(ulong seed)
    {
        _at = 0;
        _cost = 0;
    }

    /// <summary>To the next run; false when all were made.</summary>
    public bool Advance()
    {
        while (_nrNodes > 0)
        {
            ref Node node = ref _nodes[_nrNodes - 1];
            if (node.Index + 1 < node.Nr && node.Cost + node.Price <= _bound)
            {
                node.Index++;
                return true;
            }
            _nrNodes--;
        }
        return false;
    }

    public override int Choose(Choice choice, int[] options, int nr)
    {
        if (choice is not (Choice.Next or Choice.Block or Choice.Delay))
        {
            return 0;
        }
        if (_at == _nrNodes)
        {
            if (_nrNodes == MaxDepth)
            {
                return 0;
            }
            if (WasSeen(choice))
            {
                Machine.Prune();
            }
            _nodes[_nrNodes++] = new Node { Nr = (byte)nr, Cost = (byte)_cost, Price = choice == Choice.Block ? (byte)0 : (byte)1 };
        }
        ref Node node = ref _nodes[_at++];
        _cost += node.Index != 0 ? node.Price : 0;
        return node.Index;
    }

    public void Dispose()
    {
        History.IsOn = false;
        NativeMemory.Free(_seen);
    }

    private bool WasSeen(Choice choice)
    {
        ulong key = History.Mix(History.State + ((ulong)Machine.Current.Id << 8) + (ulong)choice) | CostMask;
        ulong entry = key ^ CostMask ^ (ulong)(_cost + 1);
        uint at = (uint)(key >> (64 - _tableBits));
        for (int probe = 0; probe < 16; probe++, at = (at + 1) & ((1U << _tableBits) - 1))
        {
            if ((_seen[at] | CostMask) == key)
            {
                bool wasSeen = (_seen[at] & CostMask) <= (entry & CostMask);
                _seen[at] = wasSeen ? _seen[at] : entry;
                return wasSeen;
            }
            if (_seen[at] == 0)
            {
                _seen[at] = entry;
                NrStates++;
                return false;
            }
        }
        return false;
    }
}
