// SPDX-License-Identifier: GPL-2.0-only
using System;

namespace Workqueues;

/// <summary>
/// Gives the memory of a native queue back when the queue is closed and no thread can have its address: each that
/// calls holds the <see cref="Workqueue"/>, which holds this.
/// </summary>
/// <remarks>
/// A finalizer of another object may bring a queue back that was found unreachable, and hand it to a thread. So it takes
/// two collections that find it so: who has read the address before the queue was closed still holds it at the second,
/// and who comes later does not get the address.
/// </remarks>
internal sealed class QueueMemory
{
    /// <summary>After so many collections the memory of a closed queue that nobody holds has been given back.</summary>
    internal const int NrCollections = 2;

    // What a closed queue of a few CPUs occupies: so many that wait for a collection bring it on.
    private const int Bytes = 2048;

    private readonly nint _queue;
    private volatile Stage _stage;

    /// <summary>Of an open queue.</summary>
    internal QueueMemory(nint queue)
    {
        _queue = queue;
        GC.AddMemoryPressure(Bytes);
    }

    ~QueueMemory()
    {
        if (_stage != Stage.ClosedAndUnreachable)
        {
            if (_stage == Stage.Closed)
                _stage = Stage.ClosedAndUnreachable;
            GC.ReRegisterForFinalize(this);
            return;
        }
        NativeMethods.destroy_workqueue(_queue); // which does not block
        GC.RemoveMemoryPressure(Bytes);
    }

    private enum Stage
    {
        Open,
        Closed,
        ClosedAndUnreachable,
    }

    /// <summary>The queue has been closed, and nobody gets its address any more.</summary>
    internal void QueueIsClosed() => _stage = Stage.Closed;
}
