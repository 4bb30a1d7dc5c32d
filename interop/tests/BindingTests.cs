// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Threading;
using Xunit;

namespace Workqueues.Tests;

/// <summary>The declarations agree with the header and the library, and the raw functions work.</summary>
[Watched]
public unsafe partial class BindingTests
{
    private static int s_calls;
    private static int s_reports;

    [Fact]
    public void ANotifierIsToldOfNothingWhileNothingChanges()
    {
        NotifierBlock block = new() { NotifierCall = &Told, Priority = 1 };
        Assert.Equal(0, NativeMethods.register_cpu_notifier(&block));
        NativeMethods.get_online_cpus();
        Assert.True(NativeMethods.wq_cpu_rescan() < 0);
        NativeMethods.put_online_cpus();
        Assert.Equal(0, NativeMethods.unregister_cpu_notifier(&block));
        Assert.True(NativeMethods.wq_nr_cpu_ids() >= Environment.ProcessorCount);
    }

    [Fact]
    public void InitialisingWritesTheFieldsTheHeaderNames()
    {
        WorkStruct* work = stackalloc WorkStruct[1];
        NativeMethods.wq_init_work(work, &Count);
        Assert.True(work->Func != null);
        Assert.Equal((nint)(&work->Entry), (nint)work->Entry.Next);
        Assert.Equal((nint)(&work->Entry), (nint)work->Entry.Prev);
        Assert.Equal(0u, work->Data);

        work->Data |= 1u << NativeMethods.WORK_STRUCT_PENDING;
        Assert.True(NativeMethods.wq_work_pending(work));
        NativeMethods.wq_work_clear_pending(work);
        Assert.False(NativeMethods.wq_work_pending(work));
    }

    [Fact]
    public void EveryFunctionOfTheHeaderIsDeclaredAndNoOther()
    {
        // Prototypes start in the first column and end in ");"; macros, typedefs and members do not.
        // Variadic functions have a twin without: wq_alloc_workqueue(), wq_set_worker_desc().
        IEnumerable<string> header = Prototype().Matches(Repository.Header).Select(m => m.Groups[1].Value).Where(name => name is not ("alloc_workqueue" or "alloc_ordered_workqueue" or "set_worker_desc"));
        Assert.Equal(header.Order(StringComparer.Ordinal), Declared().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryDeclaredFunctionIsInTheLibrary()
    {
        nint library = NativeLibrary.Load(Path.Combine(
            Environment.GetEnvironmentVariable(NativeLibraryResolver.DirectoryVariable)!, "libworkqueue.so"));
        Assert.All(Declared(), name => Assert.True(NativeLibrary.TryGetExport(library, name, out _), name));
        Assert.Equal(NativeLibraryResolver.AbiVersion, NativeMethods.workqueue_abi_version());
    }

    [Fact]
    public void AFunctionCanRunOnceOnEveryCpu()
    {
        _ = Workqueue.System;
        s_calls = 0;
        Assert.Equal(0, NativeMethods.schedule_on_each_cpu(&Count));
        Assert.Equal(Environment.ProcessorCount, s_calls);
        Assert.True(NativeMethods.schedule_on_each_cpu(null) < 0);
    }

    [Fact]
    public void InAnInterruptSectionAFunctionIsDeferred()
    {
        ExecuteWork* storage = (ExecuteWork*)NativeMemory.AllocZeroed((nuint)sizeof(ExecuteWork));
        s_calls = 0;
        Assert.Equal(0, NativeMethods.execute_in_process_context(&Count, storage));
        Assert.Equal(1, s_calls);

        NativeMethods.wq_interrupt_enter();
        Assert.True(NativeMethods.wq_in_interrupt());
        Assert.Equal(1, NativeMethods.execute_in_process_context(&Count, storage));
        NativeMethods.wq_interrupt_exit();
        Assert.False(NativeMethods.wq_in_interrupt());
        NativeMethods.flush_scheduled_work();
        Assert.Equal(2, s_calls);
        NativeMemory.Free(storage);
    }

    [Fact]
    public void ReportsReachTheHandler()
    {
        s_reports = 0;
        WorkStruct work = default;
        using WorkqueueHandle queue = NativeMethods.create_freezable_workqueue("reports");
        NativeMethods.wq_set_log_handler(&Report, null);
        bool queued = NativeMethods.queue_work(queue, &work); // never initialised
        NativeMethods.wq_set_log_handler(null, null);
        Assert.False(queued);
        Assert.Equal(1, s_reports);
    }

    [Fact]
    public void TheStallTimeoutCanBeSet()
    {
        NativeMethods.wq_set_stall_timeout_ms(0);
        NativeMethods.wq_set_stall_timeout_ms(30_000);
    }

    [Fact]
    public void ANullNameGivesAnInvalidHandleAndErrno()
    {
        const int Einval = 22;
        using WorkqueueHandle queue = NativeMethods.__create_workqueue_key(null, 1, 0, null, null);
        Assert.Equal(Einval, Marshal.GetLastPInvokeError());
        Assert.True(queue.IsInvalid);
    }

    private static IEnumerable<string> Declared() => typeof(NativeMethods)
        .GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Where(m => !m.Name.Contains('<'))
        .Select(m => m.Name);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Told(NotifierBlock* block, nuint action, void* cpu) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Count(WorkStruct* work) => Interlocked.Increment(ref s_calls);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Report(int level, byte* text, void* context)
    {
        if (level == (int)WqLogLevel.WQ_LOG_ERR && *text != 0)
            Interlocked.Increment(ref s_reports);
    }

    [GeneratedRegex(@"^(?!typedef)[a-z][a-z_ ]*[ *]([a-z_]+)\((?!\*)[^;{]*\);", RegexOptions.Multiline)]
    private static partial Regex Prototype();
}
