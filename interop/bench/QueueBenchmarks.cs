// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Channels;
using BenchmarkDotNet.Attributes;

namespace Workqueues.Bench;

/// <summary>
/// What it costs to hand a worker one piece of work that exists already. Each operation hands over a batch, and the
/// batch is waited for, so that every way runs all that it was given.
/// </summary>
[MemoryDiagnoser]
public unsafe class QueueBenchmarks
{
    private const int Batch = 1000;

    private static readonly CountdownEvent s_run = new(Batch);

    private readonly WorkItem[] _items = new WorkItem[Batch];
    private readonly PoolItem _poolItem = new();
    private readonly Channel<PoolItem> _channel = Channel.CreateUnbounded<PoolItem>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private Workqueue _queue = null!;
    private WorkqueueHandle _handle = null!;
    private WorkStruct* _raw;
    private delegate* unmanaged[Cdecl]<nint, WorkStruct*, byte> _queueWork;

    [GlobalSetup]
    public void SetUp()
    {
        _queue = Workqueue.CreateSingleThread("bench");
        for (int i = 0; i < Batch; i++)
            _items[i] = new WorkItem(static () => s_run.Signal());
        _handle = NativeMethods.create_singlethread_workqueue("benchraw");
        _raw = (WorkStruct*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(WorkStruct));
        for (int i = 0; i < Batch; i++)
            NativeMethods.wq_init_work(&_raw[i], &Signal);
        nint library = NativeLibraryResolver.Load(typeof(Workqueue).Assembly, null);
        _queueWork = (delegate* unmanaged[Cdecl]<nint, WorkStruct*, byte>)NativeLibrary.GetExport(library, "queue_work");
        _ = ChannelReader.ReadAsync(_channel.Reader);
    }

    /// <summary>What a C program pays, plus the one transition that every call from .NET has.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Batch)]
    public void NativeCall()
    {
        nint queue = _handle.DangerousGetHandle();
        s_run.Reset();
        for (int i = 0; i < Batch; i++)
            _queueWork(queue, &_raw[i]);
        s_run.Wait();
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public void TryQueue()
    {
        s_run.Reset();
        foreach (WorkItem item in _items)
            item.TryQueue(_queue);
        s_run.Wait();
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public void ThreadPoolItem()
    {
        s_run.Reset();
        for (int i = 0; i < Batch; i++)
            ThreadPool.UnsafeQueueUserWorkItem(_poolItem, preferLocal: false);
        s_run.Wait();
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public void ChannelWrite()
    {
        s_run.Reset();
        for (int i = 0; i < Batch; i++)
            _channel.Writer.TryWrite(_poolItem);
        s_run.Wait();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Signal(WorkStruct* work) => s_run.Signal();

    /// <summary>Something that the pool and the channel take.</summary>
    internal sealed class PoolItem : IThreadPoolWorkItem
    {
        public void Execute() => s_run.Signal();
    }
}
