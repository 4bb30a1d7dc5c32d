// SPDX-License-Identifier: GPL-2.0-only
// The stores of one simulated thread that the others do not see yet: x86's store buffer.
//
// A plain Atomic.Store may be kept here; a read-modify-write, a fence, a system
// call or somebody's membarrier drains it, oldest first. Memory itself has the
// owner's view at once, so that the engine's plain accesses to words of its own
// need no simulation; it is the others' loads that are given the old value.
//
// Invariant: a word is in one buffer at most. Who else writes it drains that first.

namespace Wq.Sim;

internal sealed unsafe class StoreBuffer(int owner)
{
    private const int Capacity = 16;

    private readonly nuint[] _words = new nuint[Capacity];
    private readonly ulong[] _old = new ulong[Capacity];
    private int _first;
    private int _nr;

    /// <summary>Stores in all the buffers: most of the time none, which is quick to ask.</summary>
    public static int NrInAll { get; private set; }

    public static void ResetAll() => NrInAll = 0;

    public bool IsEmpty => _nr == 0;

    public bool IsFull => _nr == Capacity;

    public nuint OldestWord => _words[_first];

    public void Clear()
    {
        _first = 0;
        _nr = 0;
    }

    /// <summary>Keeps a store that memory has already, over <paramref name="old"/>.</summary>
    public void Add(nuint word, ulong old)
    {
        int at = (_first + _nr++) % Capacity;
        _words[at] = word;
        _old[at] = old;
        NrInAll++;
    }

    /// <summary>Lets the others see the oldest store.</summary>
    public void DrainOne()
    {
        nuint word = _words[_first];
        _first = (_first + 1) % Capacity;
        _nr--;
        NrInAll--;
        Machine.Drained(owner, word);
        if (_nr == 0)
        {
            Judge.Published(Machine.ThreadAt(owner));
        }
    }

    public void DrainAll()
    {
        while (_nr > 0)
        {
            DrainOne();
        }
    }

    /// <summary>Is <paramref name="word"/> here? Then <paramref name="old"/> is what the others see.</summary>
    public bool TryFind(nuint word, out ulong old)
    {
        for (int i = 0; i < _nr; i++)
        {
            int at = (_first + i) % Capacity;
            if (_words[at] == word)
            {
                old = _old[at];
                return true;
            }
        }
        old = 0;
        return false;
    }
}
