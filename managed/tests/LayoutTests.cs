// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using Wq.Base;
using Wq.Core;
using Wq.Os;
using Workqueues.Tests;
using Xunit;

namespace Wq.Tests;

/// <summary>What C sees and what the engine sees are the same: the C compiler says so.</summary>
[Watched]
public unsafe class LayoutTests
{
    private static readonly string[] s_expressions =
    [
        "sizeof(struct work_struct)",
        "_Alignof(struct work_struct)",
        "offsetof(struct work_struct, data)",
        "offsetof(struct work_struct, entry)",
        "offsetof(struct work_struct, func)",
        "sizeof(struct list_head)",
        "offsetof(struct list_head, next)",
        "offsetof(struct list_head, prev)",
        "sizeof(struct execute_work)",
        "1 << WORK_STRUCT_PENDING",
        "WQ_LOG_CRIT",
        "WQ_LOG_ERR",
        "WQ_LOG_WARNING",
        "WQ_LOG_DEBUG",
        "WORKQUEUE_ABI_VERSION",
    ];

    [Fact]
    public void FieldsWithOffsetsOverlapNoneAndFit()
    {
        Type[] types = [.. typeof(Work).Assembly.GetTypes().Where(type => type.IsExplicitLayout && !type.IsNestedPrivate)];
        Assert.Contains(typeof(Worker), types);
        foreach (Type type in types)
        {
            FieldInfo[] fields = [.. type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(OffsetOf)];
            int end = 0;
            foreach (FieldInfo field in fields)
            {
                Assert.True(OffsetOf(field) >= end, $"{type.Name}.{field.Name} at {OffsetOf(field)} begins before {end}");
                end = OffsetOf(field) + SizeOf(field.FieldType);
            }
            Assert.True(end <= SizeOf(type), $"{type.Name} ends at {end}, after its {SizeOf(type)} bytes");
        }
    }

    private static int OffsetOf(FieldInfo field) => field.GetCustomAttribute<FieldOffsetAttribute>()!.Value;

    private static int SizeOf(Type type)
    {
        if (type.IsPointer || type.IsFunctionPointer)
        {
            return sizeof(void*);
        }
        MethodInfo size = typeof(System.Runtime.CompilerServices.Unsafe).GetMethod(nameof(System.Runtime.CompilerServices.Unsafe.SizeOf))!;
        return (int)size.MakeGenericMethod(type).Invoke(null, null)!;
    }

    [Fact]
    public void SizesOffsetsAndConstantsAreTheCompilers()
    {
        Work work = default;
        ListHead list = default;
        byte* workAt = (byte*)&work;
        byte* listAt = (byte*)&list;
        long[] ours =
        [
            sizeof(Work),
            sizeof(nint), // Work holds nothing wider
            (byte*)&work.Data - workAt,
            (byte*)&work.Entry - workAt,
            (byte*)&work.Func - workAt,
            sizeof(ListHead),
            (byte*)&list.Next - listAt,
            (byte*)&list.Prev - listAt,
            sizeof(Work), // execute_in_process_context() takes the storage as an item
            1 << WorkWord.PendingBit,
            Bug.LogCrit,
            Bug.LogErr,
            Bug.LogWarning,
            Bug.LogDebug,
            AbiVersion,
        ];
        string[] expected = AskCompiler(s_expressions);
        Assert.Equal(
            s_expressions.Zip(expected, (e, v) => $"{e} = {v}"),
            s_expressions.Zip(ours, (e, v) => $"{e} = {v}"));
    }

    [Fact]
    public void ErrnosAreTheCompilers()
    {
        string[] names = [.. Enum.GetNames<Errno>().Where(name => name != nameof(Errno.None))];
        Assert.Equal(
            names.Zip(AskCompiler(names), (n, v) => $"{n} = {v}"),
            names.Select(name => $"{name} = {(int)Enum.Parse<Errno>(name)}"));
    }

    [Fact]
    public void ProducersAndTheWorkerWriteDifferentCacheLines()
    {
        const int Line = 64;
        Assert.Equal(0, Offset<WorkerPool>(nameof(WorkerPool.Inbox)) % Line);
        Assert.True(Offset<WorkerPool>(nameof(WorkerPool.Lock)) >= Offset<WorkerPool>(nameof(WorkerPool.Inbox)) + Line);
        Assert.Equal(0, Offset<Worker>(nameof(Worker.Batch)) % Line);
        Assert.Equal(0, TypeStable.Alignment % Line);
    }

    private static long AbiVersion =>
        (uint)typeof(Work).Assembly.GetType("Wq.Abi.ExportsSystem", throwOnError: true)!
            .GetField("AbiVersion", BindingFlags.Static | BindingFlags.NonPublic)!.GetRawConstantValue()!;

    private static int Offset<T>(string field) =>
        typeof(T).GetField(field)!.GetCustomAttribute<FieldOffsetAttribute>()!.Value;

    private static string[] AskCompiler(string[] expressions)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "layout");
        string source = "#include <workqueue.h>\n#include <errno.h>\n#include <stdio.h>\nint main(void)\n{\n"
            + string.Concat(expressions.Select(e => $"\tprintf(\"%ld\\n\", (long)({e}));\n"))
            + "\treturn 0;\n}\n";
        string include = Path.Combine(Native.Directory, "include");
        Native.Run("gcc", source, "-std=c11", "-I", include, "-x", "c", "-", "-o", program);
        return Native.Run(program, "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}

/// <summary>Constants as reflection hands them out.</summary>
internal static class ConstantExtensions
{
    public static ulong ToUnsigned(this object constant) =>
        Convert.ToUInt64(constant, CultureInfo.InvariantCulture);
}
