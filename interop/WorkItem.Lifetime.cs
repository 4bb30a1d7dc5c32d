// SPDX-License-Identifier: GPL-2.0-only
//
// The native work_struct of an item lives in a block of its own, behind a weak handle that leads a worker back to the
// item. The item's state is one word:
//
//   State = [ calls | phase | Disposed ]
//
//   Idle       only whoever holds it can queue it: if the program lets go, it is collected
//   Rooted     on the list of ItemRoots, which the collector sees: a pending or running item is
//   Sweeping   as Rooted, while ItemRoots looks whether it is idle
//
// Three rules keep it safe:
//
//   Rooting. Whoever has queued the item, and holds it, looks at the state afterwards and makes it Rooted if it is not.
//     ItemRoots makes it Sweeping, looks afterwards whether it is pending or with a worker, and makes it Idle only from
//     Sweeping. To queue and to make it Sweeping are full barriers: either the one sees Sweeping, or the other sees the
//     item pending.
//   Release. The block is freed by the finalizer alone, which makes the item Disposed and comes again if it was not
//     Idle, or calls were under way. A call counts from before it touches the block; TryQueue of a Rooted item need
//     not, as the finalizer never finds a Rooted one that it could free.
//   Doom. An item that a collection has found unreachable counts as disposed, though another object's finalizer may
//     have brought it back: its finalizer is about to run. Such an item is Idle, and never becomes Rooted.
//
// So a queueing stores nothing beside what queue_work() does, and an item that was queued, and that the program has
// dropped, is collected after the next sweep.
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Workqueues;

public unsafe partial class WorkItem
{
    private const int Disposed = 1;
    private const int Idle = 0;
    private const int Rooted = 2;
    private const int Sweeping = 4;
    private const int Phase = Rooted | Sweeping;
    private const int Call = 8;
    private const nuint CacheLine = 64;

    // What TryQueue touches is in one cache line, as a rule, and no worker writes there.
    private readonly WorkCallback _callback;
    private WorkItem? _nextRooted; // belongs to ItemRoots
    private WorkStruct* _work; // in the block, after the weak handle; null until the block is made
    private int _state;

    /// <summary>Makes the block; the caller initialises its native part.</summary>
    private protected WorkItem(WorkCallback callback, int nativeBytes)
    {
        _callback = callback;
        nint* block = (nint*)NativeMemory.AlignedAlloc((nuint)(sizeof(nint) + nativeBytes), CacheLine);
        *block = 0; // first: the finalizer looks there if a handle is not to be had
        _work = (WorkStruct*)(block + 1);
        *block = WeakGCHandle<WorkItem>.ToIntPtr(new WeakGCHandle<WorkItem>(this));
    }

    /// <summary>Frees what a dropped item holds. A queued one is not dropped: see the file's head.</summary>
    ~WorkItem()
    {
        if (_work == null)
            return; // the constructor threw before there was anything
        // Another object's finalizer may have brought the item back, and be in a call of it.
        if ((Interlocked.Or(ref _state, Disposed) & ~Disposed) != Idle)
        {
            GC.ReRegisterForFinalize(this);
            return;
        }
        nint* block = (nint*)_work - 1;
        if (*block != 0)
            WeakGCHandle<WorkItem>.FromIntPtr(*block).Dispose();
        NativeMemory.AlignedFree(block);
    }

    /// <summary>The next on the list of <see cref="ItemRoots"/>, which alone uses it.</summary>
    internal WorkItem? NextRooted
    {
        get => _nextRooted;
        set => _nextRooted = value;
    }

    /// <summary>The native item; to be used within a call, or while the item is on a list of roots.</summary>
    internal WorkStruct* Work => _work;

    /// <summary>Whether <see cref="Dispose"/> has begun.</summary>
    private protected bool IsDisposed => (Volatile.Read(ref _state) & Disposed) != 0;

    /// <summary>Whether the item is Rooted, and not disposed: then it may be queued without more ado.</summary>
    private bool IsReady
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Volatile.Read(ref _state) & (Phase | Disposed)) == Rooted;
    }

    // Who asks holds the item, so the answer stays.
    private bool IsDoomed => !WeakGCHandle<WorkItem>.FromIntPtr(((nint*)_work)[-1]).TryGetTarget(out _);

    /// <summary>Rooted -> Sweeping, by <see cref="ItemRoots"/> of an item on its list.</summary>
    internal void BeginSweep() => Interlocked.Add(ref _state, Sweeping - Rooted);

    /// <summary>
    /// Sweeping -> Idle, of an item that was neither pending nor with a worker after <see cref="BeginSweep"/>.
    /// </summary>
    /// <returns>False if somebody has queued it since; it is Rooted then.</returns>
    internal bool TryUnroot()
    {
        int old = Volatile.Read(ref _state);
        int seen = old;
        while ((old & Sweeping) != 0
            && (seen = Interlocked.CompareExchange(ref _state, old - Sweeping, old)) != old)
            old = seen;
        return (seen & Sweeping) != 0;
    }

    /// <summary>Makes the item Rooted, if it is not: after it was queued, by who holds it, or after a sweep.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void EnsureRooted()
    {
        int old = Volatile.Read(ref _state);
        int seen = old;
        while ((old & Phase) != Rooted
            && (seen = Interlocked.CompareExchange(ref _state, (old & ~Phase) | Rooted, old)) != old)
            old = seen;
        if ((seen & Phase) == Idle)
            ItemRoots.All.Add(this);
        GC.KeepAlive(this);
    }

    /// <summary>Begins a call; false if the item was disposed.</summary>
    private protected bool TryEnter()
    {
        int old = Volatile.Read(ref _state);
        int seen = old;
        while ((old & Disposed) == 0 && (seen = Interlocked.CompareExchange(ref _state, old + Call, old)) != old)
            old = seen;
        if ((seen & Disposed) != 0)
            return false;
        if ((seen & Phase) != Idle || !IsDoomed)
            return true;
        Leave();
        return false;
    }

    /// <summary>Ends a call.</summary>
    private protected void Leave()
    {
        Interlocked.Add(ref _state, -Call);
        GC.KeepAlive(this);
    }
}
