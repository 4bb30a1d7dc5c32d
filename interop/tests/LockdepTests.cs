// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Xunit;

namespace Workqueues.Tests;

/// <summary>Lockdep's calls work from .NET.</summary>
[Watched]
public unsafe class LockdepTests
{
    private static int s_reports;

    [Fact]
    public void TwoOrdersOfLocksAreReportedOnceAndATriedLockIsNone()
    {
        // Maps without a key, and names, live as long as the process.
        var maps = (LockdepMap*)NativeMemory.AllocZeroed(2, (nuint)sizeof(LockdepMap));
        NativeMethods.lockdep_init_map(&maps[0], (byte*)Marshal.StringToCoTaskMemUTF8("first"), null, 0);
        NativeMethods.lockdep_init_map(&maps[1], (byte*)Marshal.StringToCoTaskMemUTF8("second"), null, 0);
        s_reports = 0;
        NativeMethods.wq_set_log_handler(&Report, null);
        Assert.True(NativeMethods.wq_lockdep_enable());
        Take(&maps[0], &maps[1]);
        NativeMethods.lock_map_acquire(&maps[1]);
        NativeMethods.lock_map_acquire_try(&maps[0]);
        NativeMethods.lock_map_release(&maps[0]);
        NativeMethods.lock_map_release(&maps[1]);
        int before = s_reports;
        Take(&maps[1], &maps[0]);
        Take(&maps[1], &maps[0]);
        NativeMethods.wq_set_log_handler(null, null);
        Assert.Equal((0, 1), (before, s_reports));
    }

    private static void Take(LockdepMap* outer, LockdepMap* inner)
    {
        NativeMethods.lock_map_acquire(outer);
        NativeMethods.lock_map_acquire(inner);
        NativeMethods.lock_map_release(inner);
        NativeMethods.lock_map_release(outer);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Report(int level, byte* text, void* context)
    {
        string report = Marshal.PtrToStringUTF8((nint)text)!;
        if (report.Contains("lock \"first\" -> lock \"second\" -> lock \"first\"", StringComparison.Ordinal))
            Interlocked.Increment(ref s_reports);
    }
}
