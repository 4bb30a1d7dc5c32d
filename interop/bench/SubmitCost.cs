// SPDX-License-Identifier: GPL-2.0-only
//
// The submitter's side alone: what the call costs that hands an item over. The worker is held while a batch is queued,
// so that nothing else touches the items' memory, then let go and waited for outside of the measurement. The ways take
// turns, round by round, and each is judged by its median: that makes the ratios good on a machine that is not idle.
// The loops but the pool's go along an array of pointers to items, each in a cache line of its own, as items that are part of
// something are; every item has run before.
using System;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Workqueues.Bench;

internal sealed unsafe class SubmitCost
{
    private const int Batch = 1_000;
    private const int Rounds = 301;
    private const int WarmUp = 100;
    private const int CacheLine = 64;

    private readonly WorkItem[] _items = new WorkItem[Batch];
    private readonly PoolItem _poolItem = new();
    private readonly ManualResetEventSlim _release = new(), _held = new();
    private readonly Workqueue _queue = Workqueue.CreateSingleThread("submit");
    private readonly nint _native;
    private readonly nint[] _rawItems = new nint[Batch];
    private readonly delegate* unmanaged[Cdecl]<nint, WorkStruct*, byte> _call;
    private readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, WorkStruct*, byte> _callDirect;
    private readonly WorkItem _blocker;

    private SubmitCost()
    {
        nint library = NativeLibraryResolver.Load(typeof(Workqueue).Assembly, null);
        nint export = NativeLibrary.GetExport(library, nameof(NativeMethods.queue_work));
        _call = (delegate* unmanaged[Cdecl]<nint, WorkStruct*, byte>)export;
        _callDirect = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, WorkStruct*, byte>)export;
        for (int i = 0; i < Batch; i++)
        {
            _items[i] = new WorkItem(static () => { });
            _rawItems[i] = (nint)NativeMemory.AlignedAlloc(CacheLine, CacheLine);
            NativeMethods.wq_init_work((WorkStruct*)_rawItems[i], &Nothing);
        }
        _native = _queue.Native;
        _blocker = new WorkItem(Hold);
    }

    /// <summary>Measures and prints.</summary>
    public static void Run() => new SubmitCost().Measure();

    private void Measure()
    {
        string[] names =
        [
            "queue_work(), called as from C", "queue_work(), with the GC transition", "WorkItem.TryQueue",
            "ThreadPool.UnsafeQueueUserWorkItem",
        ];
        double[][] times = [new double[Rounds], new double[Rounds], new double[Rounds], new double[Rounds]];
        long[] bytes = new long[names.Length];
        for (int round = -WarmUp; round < Rounds; round++)
        {
            for (int way = 0; way < names.Length; way++)
            {
                (double nanoseconds, long allocated) = Round(way);
                if (round < 0)
                    continue;
                times[way][round] = nanoseconds;
                bytes[way] += allocated;
            }
        }
        Array.ForEach(times, Array.Sort);
        for (int way = 0; way < names.Length; way++)
        {
            double median = times[way][Rounds / 2];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{names[way],-38} {median,6:F1} ns  {median / times[0][Rounds / 2],5:F2}  {bytes[way] / Rounds / Batch} B"));
        }
    }

    private (double Nanoseconds, long Bytes) Round(int way)
    {
        _release.Reset();
        _held.Reset();
        _blocker.TryQueue(_queue);
        _held.Wait();
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        Submit(way);
        double elapsed = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        _release.Set();
        _queue.Flush();
        return (elapsed / Batch, bytes);
    }

    // A loop for each way: within one the call would not be all that differs.
    private void Submit(int way)
    {
        switch (way)
        {
            case 0:
                SubmitAsC();
                break;
            case 1:
                SubmitWithTransition();
                break;
            case 2:
                SubmitItems();
                break;
            default:
                SubmitToPool();
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SubmitAsC()
    {
        foreach (nint item in _rawItems)
            _callDirect(_native, (WorkStruct*)item);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SubmitWithTransition()
    {
        foreach (nint item in _rawItems)
            _call(_native, (WorkStruct*)item);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SubmitItems()
    {
        foreach (WorkItem item in _items)
            item.TryQueue(_queue);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SubmitToPool()
    {
        for (int i = 0; i < Batch; i++)
            ThreadPool.UnsafeQueueUserWorkItem(_poolItem, preferLocal: false);
    }

    private void Hold()
    {
        _held.Set();
        _release.Wait();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Nothing(WorkStruct* work)
    {
    }

    private sealed class PoolItem : IThreadPoolWorkItem
    {
        public void Execute()
        {
        }
    }
}
