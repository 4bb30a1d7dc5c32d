// SPDX-License-Identifier: GPL-2.0-only
// Memory as the simulated threads see it, one word at a time.
//
// Every atomic operation of the engine ends here: it is checked (nobody may touch
// freed items or dead stacks), it is a point, it sees what the store buffers let
// it see, and it is told to the trace, the lock order and the oracle.

namespace Wq.Sim;

internal enum Operation
{
    Load,
    Store,
    Exchange,
    CompareExchange,
    And,
    Or,
    Fence,
    FutexWait,
    FutexWake,
    Membarrier,
    CreateThread,
    JoinThread,
    BindThread,
    Sleep,
    Compute,
    CreateTimer,
    SetTimer,
    WaitTimer,
}

/// <summary>The place in the engine's source that makes an operation.</summary>
internal readonly struct Site(string file, string member, int line)
{
    public readonly string File = file;
    public readonly string Member = member;
    public readonly int Line = line;
}

internal static unsafe class Words
{
    public static ulong Load(void* word, int bytes, in Site site)
    {
        SimThread self = Enter(word);
        ulong value = bytes == 8 ? Visible(self, (nuint*)word) : (uint)Visible(self, (int*)word);
        History.Event((nuint)word, isWrite: false);
        Trace.Access(self, Operation.Load, (nuint)word, value, value, site);
        return value;
    }

    public static void Store(void* word, int bytes, ulong value, in Site site)
    {
        SimThread self = Enter(word);
        DrainOthers(self, (nuint)word);
        ulong old = Read(word, bytes);
        Write(word, bytes, value);
        Trace.Access(self, Operation.Store, (nuint)word, old, value, site);
        Watch.Written(self, (nuint)word, old, value, site);
        bool waits = !self.Stores.IsEmpty || Machine.Happens(Choice.Delay);
        History.Event(waits ? 0 : (nuint)word, isWrite: true);
        if (!waits)
        {
            return;
        }
        if (self.Stores.IsFull)
        {
            self.Stores.DrainOne();
        }
        self.Stores.Add((nuint)word, old);
        Trace.Result("in the store buffer");
    }

    public static ulong Modify(Operation operation, void* word, int bytes, ulong operand, ulong expected, in Site site)
    {
        SimThread self = Enter(word);
        self.Stores.DrainAll();
        DrainOthers(self, (nuint)word);
        ulong old = Read(word, bytes);
        ulong value = operation switch
        {
            Operation.Exchange => operand,
            Operation.CompareExchange => old == expected ? operand : old,
            Operation.And => old & operand,
            _ => old | operand,
        };
        Write(word, bytes, value);
        History.Event((nuint)word, isWrite: true);
        Trace.Access(self, operation, (nuint)word, old, value, site);
        Watch.Modified(self, (nuint)word, old, value, site);
        Machine.PointIfRandom();
        return old;
    }

    public static void Fence()
    {
        Machine.Point();
        SimThread self = Machine.Current;
        self.Stores.DrainAll();
        Trace.Call(self, Operation.Fence, 0);
    }

    /// <summary>What <paramref name="self"/> sees in a word of eight bytes.</summary>
    public static ulong Visible(SimThread self, nuint* word) => TryOthers(self, (nuint)word, out ulong old) ? old : *word;

    /// <summary>What <paramref name="self"/> sees in a word of four bytes.</summary>
    public static ulong Visible(SimThread self, int* word) =>
        TryOthers(self, (nuint)word, out ulong old) ? (uint)old : (uint)*word;

    private static SimThread Enter(void* word)
    {
        Machine.Point();
        Watch.Check((nuint)word);
        return Machine.Current;
    }

    private static ulong Read(void* word, int bytes) => bytes == 8 ? *(ulong*)word : *(uint*)word;

    private static void Write(void* word, int bytes, ulong value)
    {
        if (bytes == 8)
        {
            *(ulong*)word = value;
        }
        else
        {
            *(uint*)word = (uint)value;
        }
    }

    private static bool TryOthers(SimThread self, nuint word, out ulong old)
    {
        old = 0;
        if (StoreBuffer.NrInAll == 0)
        {
            return false;
        }
        for (int id = 0; id < Machine.NrThreads; id++)
        {
            if (id != self.Id && Machine.ThreadAt(id).Stores.TryFind(word, out old))
            {
                return true;
            }
        }
        return false;
    }

    // Two buffers never hold one word: the other's store becomes visible now, as it may at any time.
    private static void DrainOthers(SimThread self, nuint word)
    {
        if (StoreBuffer.NrInAll == 0)
        {
            return;
        }
        for (int id = 0; id < Machine.NrThreads; id++)
        {
            StoreBuffer stores = Machine.ThreadAt(id).Stores;
            while (id != self.Id && stores.TryFind(word, out _))
            {
                stores.DrainOne();
            }
        }
    }
}
