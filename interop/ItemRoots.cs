// SPDX-License-Identifier: GPL-2.0-only
//
// The items that the collector must not take: all that have been queued, until a sweep finds them idle.
//
// A sweep comes when the list has doubled since the last one, and after a collection; after some of those a full one, as
// the object that notices ages like any other. It marks each item, and then looks: an item that is not pending, and that
// no worker is at, is left off the list until somebody queues it again. Who queues it at this moment sees the mark:
// WorkItem.Lifetime.cs says how.
//
// A worker that has claimed an item is seen in wq_running_works() until it has called us, and then keeps the item
// itself. The order of the looks matters: first that it is not pending, then that no worker is at it.
using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Workqueues;

/// <summary>The list of items that may be queued, and what takes idle ones off it.</summary>
internal sealed unsafe class ItemRoots : IThreadPoolWorkItem
{
    private const int FirstSweep = 1_024;

    /// <summary>The only one of this copy of the assembly.</summary>
    internal static readonly ItemRoots All = new();

    private readonly Lock _lock = new();
    private GCHandle<ItemRoots> _self; // there while items are: without it a context that is unloaded would take them along
    private WorkItem? _first;
    private int _count;
    private int _sweepAt = FirstSweep;
    private bool _isSweeping;
    private CollectionWatch? _resting; // the watch, while the list is empty

    private ItemRoots()
    {
        _resting = new CollectionWatch(this);
        GC.SuppressFinalize(_resting);
    }

    /// <summary>How many items are on the list: a snapshot.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>Puts an item on the list that has just been made Rooted, and that the caller keeps meanwhile.</summary>
    internal void Add(WorkItem item)
    {
        bool sweep;
        lock (_lock)
        {
            PrependLocked(item, item, 1);
            sweep = _count >= _sweepAt;
            if (sweep)
                _sweepAt = int.MaxValue; // until it has been made
        }
        if (sweep)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => Sweep();

    /// <summary>Takes idle items off the list, unless another thread is at it. Never blocks.</summary>
    /// <returns>How many.</returns>
    internal int Sweep()
    {
        if (!TryTakeAll(out WorkItem? swept))
            return 0;
        for (WorkItem? item = swept; item != null; item = item.NextRooted)
            item.BeginSweep();
        for (WorkItem? item = swept; item != null; item = item.NextRooted)
        {
            if (NativeMethods.wq_work_pending(item.Work))
                item.EnsureRooted();
        }
        return PutBackUsed(swept, RunningWorks());
    }

    private bool TryTakeAll(out WorkItem? all)
    {
        lock (_lock)
        {
            all = null;
            if (_isSweeping)
                return false;
            _isSweeping = true;
            all = _first;
            _first = null;
            _count = 0;
            return true;
        }
    }

    // Those that were pending, those that somebody has queued since, and those that a worker is at.
    private int PutBackUsed(WorkItem? swept, ReadOnlySpan<nint> running)
    {
        WorkItem? first = null, last = null;
        int count = 0, nrLetGo = 0;
        while (swept != null)
        {
            WorkItem item = swept;
            swept = item.NextRooted;
            item.NextRooted = null; // before it is let go: it may be on the list again at once
            bool isRunning = running.BinarySearch((nint)item.Work) >= 0;
            if (!isRunning && item.TryUnroot())
            {
                nrLetGo++;
                continue;
            }
            item.EnsureRooted();
            item.NextRooted = first;
            first = item;
            last ??= item;
            count++;
        }
        lock (_lock)
        {
            if (first != null)
                PrependLocked(first, last!, count);
            else if (_first == null && _self.IsAllocated)
                _self.Dispose();
            _sweepAt = Math.Max(FirstSweep, 2 * _count);
            _isSweeping = false;
        }
        return nrLetGo;
    }

    private void PrependLocked(WorkItem first, WorkItem last, int count)
    {
        // First: what follows may find no memory, and is made up for by the next call.
        last.NextRooted = _first;
        _first = first;
        _count += count;
        if (!_self.IsAllocated)
            _self = new GCHandle<ItemRoots>(this);
        if (_resting != null)
            GC.ReRegisterForFinalize(_resting);
        _resting = null;
    }

    private void AfterCollection(CollectionWatch watch)
    {
        Sweep();
        lock (_lock)
        {
            if (_first == null)
                _resting = watch;
            else
                GC.ReRegisterForFinalize(watch);
        }
    }

    // Sorted. A worker that is at an item only after the look has it from a later queueing, which makes it Rooted.
    private static ReadOnlySpan<nint> RunningWorks()
    {
        nint[] works = [];
        int count;
        while ((count = ListRunningWorks(works)) > works.Length)
            works = new nint[2 * count];
        Array.Sort(works, 0, count);
        return works.AsSpan(0, count);
    }

    private static int ListRunningWorks(nint[] works)
    {
        fixed (nint* room = works)
            return NativeMethods.wq_running_works((WorkStruct**)room, works.Length);
    }

    /// <summary>Lives until a collection finds it.</summary>
    private sealed class CollectionWatch(ItemRoots roots)
    {
        ~CollectionWatch() => roots.AfterCollection(this);
    }
}
