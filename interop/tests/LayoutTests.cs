// SPDX-License-Identifier: GPL-2.0-only
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace Workqueues.Tests;

/// <summary>
/// The generated structs and constants are the C compiler's: a C program that prints its own is compiled and run.
/// </summary>
[Watched]
public class LayoutTests
{
    [Fact]
    public void SizesAndOffsetsAreTheCompilers()
    {
        var expected = new StringBuilder();
        var program = new StringBuilder();
        foreach (Type type in Structs())
        {
            string name = type.GetCustomAttribute<NativeNameAttribute>()!.Name;
            program.Append($"printf(\"{name} %zu\\n\", sizeof({name}));\n");
            expected.Append($"{name} {SizeOf(type)}\n");
            foreach (FieldInfo field in type.GetFields())
            {
                string member = field.GetCustomAttribute<NativeNameAttribute>()!.Name;
                int offset = field.GetCustomAttribute<FieldOffsetAttribute>()!.Value;
                program.Append($"printf(\"{name}.{member} %zu %zu\\n\", offsetof({name}, {member}), ");
                program.Append($"sizeof((({name} *)0)->{member}));\n");
                expected.Append($"{name}.{member} {offset} {SizeOf(field.FieldType)}\n");
            }
        }
        Assert.True(Structs().Count() >= 7);
        Assert.Equal(expected.ToString(), Output(program.ToString()));
    }

    [Fact]
    public void ConstantsAreTheCompilers()
    {
        Dictionary<string, long> constants = typeof(NativeMethods)
            .GetFields(BindingFlags.Static | BindingFlags.NonPublic)
            .Where(f => f.IsLiteral)
            .ToDictionary(f => f.Name, f => Convert.ToInt64(f.GetRawConstantValue()));
        foreach (WqLogLevel level in Enum.GetValues<WqLogLevel>())
            constants.Add(level.ToString(), (long)level);
        Assert.True(constants.Count >= 8);
        string program = string.Concat(constants.Select(c => $"printf(\"{c.Key} %ld\\n\", (long){c.Key});\n"));
        Assert.Equal(string.Concat(constants.Select(c => $"{c.Key} {c.Value}\n")), Output(program));
    }

    private static IEnumerable<Type> Structs() => typeof(NativeMethods).Assembly.GetTypes()
        .Where(t => t.GetCustomAttribute<NativeNameAttribute>() != null)
        .OrderBy(t => t.Name, StringComparer.Ordinal);

    // Pointers, those to functions too, are no argument of a generic method.
    private static unsafe int SizeOf(Type type) => type.IsPointer || type.IsFunctionPointer
        ? sizeof(nint)
        : (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private static string Output(string statements)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("layout");
        try
        {
            string source = Path.Combine(directory.FullName, "layout.c"), program = Path.ChangeExtension(source, null);
            File.WriteAllText(source, $$"""
                #include <workqueue/linux/notifier.h>
                #include <stdio.h>
                #include <workqueue.h>
                int main(void)
                {
                {{statements}}
                return 0;
                }
                """);
            string include = Path.Combine(Repository.Root, "native", "include");
            Run(Environment.GetEnvironmentVariable("CC") ?? "gcc", "-std=c11", "-I", include, source, "-o", program);
            return Run(program);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string Run(string command, params string[] arguments)
    {
        ProcessStartInfo start = new(command, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
