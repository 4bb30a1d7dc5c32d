// SPDX-License-Identifier: GPL-2.0-only
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Delayed work and timers through the bindings: layout, one delay, one cancel, one timer.</summary>
public unsafe class DelayedTests
{
    private static readonly ManualResetEventSlim s_ran = new();

    [Fact]
    public void ADelayedItemRunsAfterItsDelay()
    {
        using var item = new Native<DelayedWork>();
        NativeMethods.wq_init_delayed_work(item.At, &SetRan, deferrable: false);
        s_ran.Reset();
        nuint before = NativeMethods.wq_jiffies();
        Assert.True(NativeMethods.schedule_delayed_work(item.At, 20));
        Assert.False(NativeMethods.schedule_delayed_work(item.At, 0));
        Assert.True(s_ran.Wait(30_000));
        Assert.True(NativeMethods.wq_jiffies() >= before + 20);
        NativeMethods.cancel_delayed_work_sync(item.At);
    }

    [Fact]
    public void ACancelledDelayNeverEnds()
    {
        using var item = new Native<DelayedWork>();
        NativeMethods.wq_init_delayed_work(item.At, &SetRan, deferrable: false);
        Assert.True(NativeMethods.schedule_delayed_work(item.At, 3_600_000));
        Assert.True(NativeMethods.wq_work_pending(&item.At->Work));
        Assert.True(NativeMethods.cancel_delayed_work_sync(item.At));
        Assert.False(NativeMethods.wq_work_pending(&item.At->Work));
        Assert.False(NativeMethods.cancel_delayed_work(item.At));
    }

    [Fact]
    public void ATimerIsPendingUntilItIsDeleted()
    {
        using var timer = new Native<TimerList>();
        NativeMethods.wq_init_timer(timer.At, 0);
        timer.At->Function = &Nothing;
        Assert.Equal(0, NativeMethods.mod_timer(timer.At, NativeMethods.wq_jiffies() + 3_600_000));
        Assert.Equal(1, NativeMethods.mod_timer(timer.At, NativeMethods.wq_jiffies() + 7_200_000));
        Assert.Equal(1, NativeMethods.del_timer_sync(timer.At));
        Assert.Equal(0, NativeMethods.del_timer(timer.At));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void SetRan(WorkStruct* work) => s_ran.Set();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Nothing(nuint data)
    {
    }

    /// <summary>One zeroed struct in native memory.</summary>
    private sealed class Native<T> : System.IDisposable
        where T : unmanaged
    {
        public T* At { get; } = (T*)NativeMemory.AllocZeroed((nuint)sizeof(T));

        public void Dispose() => NativeMemory.Free(At);
    }
}
