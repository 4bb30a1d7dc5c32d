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
    public void WorkStructHasTheHeadersLayout()
    {
        WorkStruct work = default;
        byte* start = (byte*)&work;
        Assert.Equal(32, sizeof(WorkStruct));
        Assert.Equal(32, sizeof(ExecuteWork));
        Assert.Equal(0, (byte*)&work.Data - start);
        Assert.Equal(8, (byte*)&work.EntryNext - start);
        Assert.Equal(16, (byte*)&work.EntryPrev - start);
        Assert.Equal(24, (byte*)&work.Func - start);
    }

    [Fact]
    public void ANotifierIsToldOfNothingWhileNothingChanges()
    {
        NotifierBlockStruct block = new() { Call = &Told, Priority = 1 };
        Assert.Equal(24, sizeof(NotifierBlockStruct));
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
        Assert.Equal((nint)(&work->EntryNext), work->EntryNext);
        Assert.Equal((nint)(&work->EntryNext), work->EntryPrev);
        Assert.Equal(0u, work->Data & NativeMethods.FlagMask);

        work->Data |= 1u << NativeMethods.PendingBit;
        Assert.True(NativeMethods.wq_work_pending(work));
        NativeMethods.wq_work_clear_pending(work);
        Assert.False(NativeMethods.wq_work_pending(work));
    }

    [Fact]
    public void EveryFunctionOfTheHeaderIsDeclaredAndNoOther()
    {
        // Prototypes start in the first column and end in ");"; macros, typedefs and members do not.
        IEnumerable<string> header = Prototype().Matches(Repository.Header).Select(m => m.Groups[1].Value);
        Assert.Equal(header.Order(StringComparer.Ordinal), Declared().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryDeclaredFunctionIsInTheLibrary()
    {
        nint library = NativeLibrary.Load(Path.Combine(
            Environment.GetEnvironmentVariable(NativeLibraryResolver.DirectoryVariable)!, "libworkqueue.so"));
        Assert.All(Declared(), name => Assert.True(NativeLibrary.TryGetExport(library, name, out _), name));
        Assert.Equal(NativeMethods.AbiVersion, NativeMethods.workqueue_abi_version());
    }

    [Fact]
    public void ConstantsAreTheHeaders()
    {
        string header = Repository.Header;
        Assert.Contains($"WORK_STRUCT_PENDING = {NativeMethods.PendingBit}", header);
        Assert.Contains($"WORK_STRUCT_FLAG_MASK = 0x{NativeMethods.FlagMask:x}", header);
        Assert.Contains($"WORKQUEUE_ABI_VERSION = {NativeMethods.AbiVersion} ", header);
        Assert.Contains($"WQ_LOG_CRIT = {(int)WorkqueueLogLevel.Critical}", header);
        Assert.Contains($"WQ_LOG_ERR = {(int)WorkqueueLogLevel.Error}", header);
        Assert.Contains($"WQ_LOG_WARNING = {(int)WorkqueueLogLevel.Warning}", header);
        Assert.Contains($"WQ_LOG_DEBUG = {(int)WorkqueueLogLevel.Debug}", header);
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
        using WorkqueueHandle queue = NativeMethods.__create_workqueue_key(null, 1, 0, 0, null);
        Assert.Equal(Einval, Marshal.GetLastPInvokeError());
        Assert.True(queue.IsInvalid);
    }

    private static IEnumerable<string> Declared() => typeof(NativeMethods)
        .GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Where(m => !m.Name.Contains('<'))
        .Select(m => m.Name);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Told(NotifierBlockStruct* block, nuint action, void* cpu) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Count(WorkStruct* work) => Interlocked.Increment(ref s_calls);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Report(int level, byte* text, void* context)
    {
        if (level == (int)WorkqueueLogLevel.Error && *text != 0)
            Interlocked.Increment(ref s_reports);
    }

    [GeneratedRegex(@"^(?!typedef)[a-z][a-z_ ]*[ *]([a-z_]+)\((?!\*)[^;{]*\);", RegexOptions.Multiline)]
    private static partial Regex Prototype();
}
