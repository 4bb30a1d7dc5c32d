// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using BenchmarkDotNet.Attributes;

namespace Workqueues.Bench;

/// <summary>Arming and disarming one of many timers that exist already, as a program does with timeouts.</summary>
[MemoryDiagnoser]
public unsafe class TimerBenchmarks
{
    private const int NrArmed = 10_000;
    private const int Batch = 1000;

    private static readonly TimeSpan s_never = Timeout.InfiniteTimeSpan;

    private readonly Timer[] _timers = new Timer[NrArmed];
    private readonly DelayedWorkItem[] _items = new DelayedWorkItem[NrArmed];
    private Workqueue _queue = null!;
    private WorkqueueHandle _raw = null!;
    private DelayedWork* _rawItems;
    private delegate* unmanaged[Cdecl]<DelayedWork*, byte> _cancel;
    private delegate* unmanaged[Cdecl]<nint, DelayedWork*, ulong, byte> _queueNs;

    [GlobalSetup]
    public void SetUp()
    {
        _queue = Workqueue.CreateSingleThread("timers");
        for (int i = 0; i < NrArmed; i++)
        {
            _timers[i] = new Timer(static _ => { }, null, Delay(i), s_never);
            _items[i] = new DelayedWorkItem(static () => { });
            _items[i].Schedule(_queue, Delay(i));
        }
        _raw = NativeMethods.create_singlethread_workqueue("timersraw");
        _rawItems = (DelayedWork*)NativeMemory.AllocZeroed(NrArmed, (nuint)sizeof(DelayedWork));
        for (int i = 0; i < NrArmed; i++)
            NativeMethods.wq_init_delayed_work(&_rawItems[i], &Nothing, deferrable: false);
        nint library = NativeLibraryResolver.Load(typeof(Workqueue).Assembly, null);
        _cancel = (delegate* unmanaged[Cdecl]<DelayedWork*, byte>)NativeLibrary.GetExport(
            library, nameof(NativeMethods.cancel_delayed_work));
        _queueNs = (delegate* unmanaged[Cdecl]<nint, DelayedWork*, ulong, byte>)NativeLibrary.GetExport(
            library, nameof(NativeMethods.wq_queue_delayed_work_ns));
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        Array.ForEach(_timers, t => t.Dispose());
        Array.ForEach(_items, i => i.Dispose());
        _queue.Dispose();
        for (int i = 0; i < NrArmed; i++)
            NativeMethods.cancel_delayed_work_sync(&_rawItems[i]);
        _raw.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Batch)]
    public void TimerChange()
    {
        for (int i = 0; i < Batch; i++)
        {
            _timers[i].Change(s_never, s_never);
            _timers[i].Change(Delay(i), s_never);
        }
    }

    /// <summary>What a C program pays, plus the transition of each call.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public void NativeCancelAndQueue()
    {
        nint queue = _raw.DangerousGetHandle();
        for (int i = 0; i < Batch; i++)
        {
            _cancel(&_rawItems[i]);
            _queueNs(queue, &_rawItems[i], (ulong)Delay(i).TotalNanoseconds);
        }
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public void DelayedWorkItemReschedule()
    {
        for (int i = 0; i < Batch; i++)
            _items[i].Reschedule(_queue, Delay(i));
    }

    private static TimeSpan Delay(int i) => TimeSpan.FromSeconds(60 + i % 900);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Nothing(WorkStruct* work)
    {
    }
}
