// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Threading;
using BenchmarkDotNet.Attributes;

namespace Workqueues.Bench;

/// <summary>Arming and disarming one of many timers that exist already, as a program does with timeouts.</summary>
[MemoryDiagnoser]
public class TimerBenchmarks
{
    private const int NrArmed = 10_000;
    private const int Batch = 1000;

    private static readonly TimeSpan s_never = Timeout.InfiniteTimeSpan;

    private readonly Timer[] _timers = new Timer[NrArmed];
    private readonly DelayedWorkItem[] _items = new DelayedWorkItem[NrArmed];
    private Workqueue _queue = null!;

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
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        Array.ForEach(_timers, t => t.Dispose());
        Array.ForEach(_items, i => i.Dispose());
        _queue.Dispose();
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

    [Benchmark(OperationsPerInvoke = Batch)]
    public void DelayedWorkItemReschedule()
    {
        for (int i = 0; i < Batch; i++)
            _items[i].Reschedule(_queue, Delay(i));
    }

    private static TimeSpan Delay(int i) => TimeSpan.FromSeconds(60 + i % 900);
}
